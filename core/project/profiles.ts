import type { WeeklyProfiles } from '../roads/exchange/weeklySpeeds.ts';
import { type PackedArray, packArray, StoredArrays } from './arrays.ts';
import type { Connection } from './database.ts';

export function packProfiles(profiles: WeeklyProfiles): PackedArray[] {
  const { coefficients } = profiles;
  return [
    packArray('segments', profiles.segments),
    packArray('rows', profiles.rows),
    // The same 16 bits: arrays are kept by their bytes.
    packArray(
      'coefficients',
      new Uint16Array(coefficients.buffer, coefficients.byteOffset, coefficients.length),
    ),
    packArray('freeFlowKmh', profiles.freeFlowKmh),
    packArray('constrainedKmh', profiles.constrainedKmh),
  ];
}

export function loadProfiles(db: Connection, sourceId: number): WeeklyProfiles {
  const arrays = new StoredArrays(db, { source: sourceId });
  return {
    segments: arrays.get('segments', 'i32'),
    rows: arrays.get('rows', 'i32'),
    coefficients: new Int16Array(arrays.get('coefficients', 'u16').buffer),
    freeFlowKmh: arrays.get('freeFlowKmh', 'f32'),
    constrainedKmh: arrays.get('constrainedKmh', 'f32'),
  };
}
