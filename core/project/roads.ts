import type { RoadNetwork } from '../roads/network.ts';
import { insertArrays, type PackedArray, packArray, packJson, StoredArrays } from './arrays.ts';
import type { Connection } from './database.ts';

export interface PackedNetwork {
  segments: number;
  junctions: number;
  turns: number;
  /** West, south, east, north. */
  bounds: [number, number, number, number];
  /** [4 · S] west, east, south, north of each segment. */
  boxes: Float64Array;
  arrays: PackedArray[];
}

const FLOAT64 = ['wayIds', 'coordinates', 'junctionCoordinates'] as const;
const FLOAT32 = ['lengthM', 'speedLimitKmh', 'turnAngleDeg'] as const;
const INT32 = ['fromJunction', 'toJunction', 'reverse', 'nameIndex', 'turnFrom', 'turnTo'] as const;
const UINT32 = ['geometryOffsets', 'turnOffsets'] as const;
const UINT16 = ['flags'] as const;
/** Of some sources only. */
const OPTIONAL_FLOAT64 = ['pointNodeIds'] as const;
const UINT8 = ['roadClass', 'lanes', 'surface', 'turnClass', 'turnFlags'] as const;
const JSON_COLUMNS = ['refs', 'names', 'water', 'parks'] as const;

export function packNetwork(network: RoadNetwork): PackedNetwork {
  const boxes = segmentBoxes(network);
  const columns = [...FLOAT64, ...FLOAT32, ...INT32, ...UINT32, ...UINT16, ...UINT8] as const;
  return {
    segments: network.segmentCount,
    junctions: network.junctionCount,
    turns: network.turnCount,
    bounds: boundsOf(boxes),
    boxes,
    arrays: [
      ...columns.map((name) => packArray(name, network[name])),
      ...OPTIONAL_FLOAT64.flatMap((name) => (network[name] ? [packArray(name, network[name])] : [])),
      ...(network.turnWeight ? [packArray('turnWeight', network.turnWeight)] : []),
      ...JSON_COLUMNS.filter((name) => network[name]).map((name) => packJson(name, network[name])),
    ],
  };
}

/** Belongs in the transaction that inserts the source. */
export function insertNetwork(db: Connection, sourceId: number, packed: PackedNetwork): void {
  db.prepare(
    `INSERT INTO road_network (source_id, segments, junctions, turns, west, south, east, north)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(sourceId, packed.segments, packed.junctions, packed.turns, ...packed.bounds);
  const insertBox = db.prepare('INSERT INTO segment_bounds VALUES (?, ?, ?, ?, ?)');
  for (let s = 0; s < packed.segments; s++) insertBox.run(s, ...packed.boxes.subarray(s * 4, s * 4 + 4));
  insertArrays(db, { source: sourceId }, packed.arrays);
}

export function loadNetwork(db: Connection, sourceId: number): RoadNetwork {
  const arrays = new StoredArrays(db, { source: sourceId });
  const { segments, junctions, turns } = db
    .prepare<[number], { segments: number; junctions: number; turns: number }>(
      'SELECT segments, junctions, turns FROM road_network WHERE source_id = ?',
    )
    .get(sourceId)!;
  return {
    segmentCount: segments,
    junctionCount: junctions,
    turnCount: turns,
    ...columns(FLOAT64, (name) => arrays.get(name, 'f64')),
    ...columns(FLOAT32, (name) => arrays.get(name, 'f32')),
    ...columns(INT32, (name) => arrays.get(name, 'i32')),
    ...columns(UINT32, (name) => arrays.get(name, 'u32')),
    ...columns(UINT16, (name) => arrays.get(name, 'u16')),
    ...columns(UINT8, (name) => arrays.get(name, 'u8')),
    ...(arrays.has('turnWeight') && { turnWeight: arrays.get('turnWeight', 'f32') }),
    refs: arrays.json('refs') as string[],
    names: arrays.json('names') as string[],
    ...columns(
      OPTIONAL_FLOAT64.filter((name) => arrays.has(name)),
      (name) => arrays.get(name, 'f64'),
    ),
    ...(arrays.has('water') && { water: arrays.json('water') as [number, number][][] }),
    ...(arrays.has('parks') && { parks: arrays.json('parks') as [number, number][][] }),
  };
}

function columns<Name extends string, T>(names: readonly Name[], read: (name: Name) => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<Name, T>;
}

function segmentBoxes(network: RoadNetwork): Float64Array {
  const { segmentCount, geometryOffsets, coordinates } = network;
  const boxes = new Float64Array(segmentCount * 4);
  for (let s = 0; s < segmentCount; s++) {
    let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let p = geometryOffsets[s]; p < geometryOffsets[s + 1]; p++) {
      west = Math.min(west, coordinates[2 * p]);
      east = Math.max(east, coordinates[2 * p]);
      south = Math.min(south, coordinates[2 * p + 1]);
      north = Math.max(north, coordinates[2 * p + 1]);
    }
    boxes.set([west, east, south, north], s * 4);
  }
  return boxes;
}

function boundsOf(boxes: Float64Array): [number, number, number, number] {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < boxes.length; i += 4) {
    west = Math.min(west, boxes[i]);
    east = Math.max(east, boxes[i + 1]);
    south = Math.min(south, boxes[i + 2]);
    north = Math.max(north, boxes[i + 3]);
  }
  return [west, south, east, north];
}
