import { EtalonError } from '../base/index.ts';
import { type ArrayType, damaged, type PackedArray, packArray, unpackArray } from './arrays.ts';
import type { Connection } from './database.ts';
import type { EvaluationTrips } from './types.ts';

const COLUMNS: Readonly<Record<keyof EvaluationTrips, ArrayType>> = {
  trip: 'u32',
  localDepartS: 'f64',
  lengthM: 'f32',
  freeFlowS: 'f32',
  roadClass: 'u8',
  observedS: 'f32',
  medianS: 'f32',
  low80S: 'f32',
  high80S: 'f32',
};
const NAMES = Object.keys(COLUMNS) as (keyof EvaluationTrips)[];

/** Compressed outside of the transaction that inserts them. Throws `internal` where columns differ in length. */
export function packEvaluationTrips(trips: EvaluationTrips): PackedArray[] {
  if (NAMES.some((name) => trips[name].length !== trips.trip.length))
    throw new EtalonError('internal', 'internal: columns of evaluated trips differ in length');
  return NAMES.map((name) => packArray(name, trips[name]));
}

export function insertEvaluationTrips(
  db: Connection,
  evaluationId: number,
  columns: readonly PackedArray[],
): void {
  const insert = db.prepare(
    'INSERT INTO evaluation_column (evaluation_id, name, length, position, bytes) VALUES (?, ?, ?, ?, ?)',
  );
  for (const { name, length, chunks } of columns)
    chunks.forEach((chunk, position) => {
      insert.run(evaluationId, name, length, position, chunk);
    });
}

/** Null where the evaluation kept none. Throws `input` where they are damaged. */
export function loadEvaluationTrips(db: Connection, evaluationId: number): EvaluationTrips | null {
  const rows = db
    .prepare<[number], { name: string; length: number; bytes: Uint8Array }>(
      'SELECT name, length, bytes FROM evaluation_column WHERE evaluation_id = ? ORDER BY position',
    )
    .all(evaluationId);
  if (rows.length === 0) return null;
  const column = <K extends keyof EvaluationTrips>(name: K) => {
    const chunks = rows.filter((row) => row.name === name);
    const fail = () => damaged(db, `evaluated trips: ${name}`);
    if (chunks.length === 0) throw fail();
    return unpackArray(COLUMNS[name], chunks[0].length, chunks, fail) as EvaluationTrips[K];
  };
  return {
    trip: column('trip'),
    localDepartS: column('localDepartS'),
    lengthM: column('lengthM'),
    freeFlowS: column('freeFlowS'),
    roadClass: column('roadClass'),
    observedS: column('observedS'),
    medianS: column('medianS'),
    low80S: column('low80S'),
    high80S: column('high80S'),
  };
}
