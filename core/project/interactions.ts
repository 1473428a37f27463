import { EtalonError } from '../base/index.ts';
import { InteractionData } from '../interactions/data.ts';
import type { FeatureColumn, Features } from '../interactions/features.ts';
import { type PackedArray, packArray, packJson, StoredArrays } from './arrays.ts';
import type { Connection } from './database.ts';
import type { InteractionSetInfo } from './types.ts';

/** A data set ready to be inserted. */
export interface PackedInteractions {
  types: TypeRow[];
  arrays: PackedArray[];
}

interface TypeRow {
  kind: 'nodes' | 'edges';
  name: string;
  fromType: string | null;
  toType: string | null;
  rows: number;
  firstS: number | null;
  lastS: number | null;
}

/** What each type's arrays are, in the order of the types. Array `i.name` belongs to the i-th. */
interface TypeLayout {
  weights: boolean;
  times: boolean;
  features: { name: string; kind: FeatureColumn['kind'] }[];
}

export function packInteractions(data: InteractionData): PackedInteractions {
  const types: TypeRow[] = [];
  const layouts: TypeLayout[] = [];
  const arrays: PackedArray[] = [];
  const begin = (type: TypeRow, features: Features, columns: { weights: boolean; times: boolean }) => {
    const prefix = `${types.push(type) - 1}.`;
    const named = Object.entries(features);
    layouts.push({ ...columns, features: named.map(([name, { kind }]) => ({ name, kind })) });
    named.forEach(([, column], f) => {
      arrays.push(...packFeature(`${prefix}${f}.`, column));
    });
    return prefix;
  };
  for (const name of data.nodeTypes) {
    const { ids, features, count } = data.nodes(name);
    const type = {
      kind: 'nodes' as const,
      name,
      fromType: null,
      toType: null,
      rows: count,
      firstS: null,
      lastS: null,
    };
    const prefix = begin(type, features, { weights: false, times: false });
    arrays.push(packJson(`${prefix}ids`, ids));
  }
  for (const name of data.edgeTypes) {
    const { from, to, fromRows, toRows, weights, timesS, features, count } = data.edges(name);
    const type = { kind: 'edges' as const, name, fromType: from, toType: to, rows: count, ...spanOf(timesS) };
    const prefix = begin(type, features, { weights: weights !== null, times: timesS !== null });
    arrays.push(packArray(`${prefix}from`, fromRows), packArray(`${prefix}to`, toRows));
    if (weights) arrays.push(packArray(`${prefix}weights`, weights));
    if (timesS) arrays.push(packArray(`${prefix}times`, timesS));
  }
  return { types, arrays: [...arrays, packJson('layout', layouts)] };
}

/** Belongs in the transaction that inserts the source, before its arrays. Throws `conflict` for a name that is taken. */
export function insertInteractions(
  db: Connection,
  sourceId: number,
  name: string,
  { types }: PackedInteractions,
): void {
  assertNoInteractions(db, name);
  db.prepare('INSERT INTO interaction_set (source_id, name) VALUES (?, ?)').run(sourceId, name);
  const insert = db.prepare(
    `INSERT INTO interaction_type (source_id, position, kind, name, from_type, to_type, rows, first_s, last_s)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  types.forEach(({ kind, name: type, fromType, toType, rows, firstS, lastS }, position) => {
    insert.run(sourceId, position, kind, type, fromType, toType, rows, firstS, lastS);
  });
}

/** Throws `conflict` where the name is taken. */
export function assertNoInteractions(db: Connection, name: string): void {
  if (sourceNamed(db, name) === undefined) return;
  throw new EtalonError('conflict', `The project has interactions "${name}" already.`, {
    where: { file: db.name },
    remedy: 'Give these another name, or remove the others first.',
  });
}

/** Data sets in the order in which they were imported. */
export function interactionSets(db: Connection): InteractionSetInfo[] {
  return db
    .prepare<[], { sourceId: number; name: string }>(
      'SELECT source_id AS sourceId, name FROM interaction_set ORDER BY source_id',
    )
    .all()
    .map(({ sourceId, name }) => {
      const types = typesOf(db, sourceId);
      return {
        sourceId,
        name,
        nodes: types
          .filter(({ kind }) => kind === 'nodes')
          .map((type) => ({ name: type.name, count: type.rows })),
        edges: types
          .filter(({ kind }) => kind === 'edges')
          .map(({ name: type, fromType, toType, rows, firstS, lastS }) => ({
            name: type,
            from: fromType!,
            to: toType!,
            count: rows,
            firstS,
            lastS,
          })),
      };
    });
}

/** The source of a data set; without a name that of the only one. Throws `not-found`, `usage` where there are several. */
export function interactionSource(db: Connection, name?: string): number {
  const names = interactionSets(db).map((set) => set.name);
  const sourceId = sourceNamed(db, name ?? (names.length === 1 ? names[0] : ''));
  if (sourceId !== undefined) return sourceId;
  if (name === undefined && names.length > 1)
    throw new EtalonError('usage', 'The project has several data sets of interactions.', {
      where: { file: db.name },
      remedy: `Choose one: ${names.join(', ')}.`,
    });
  throw new EtalonError(
    'not-found',
    name === undefined
      ? 'The project has no interactions yet.'
      : `The project has no interactions "${name}".`,
    {
      where: { file: db.name },
      remedy: names.length > 0 ? `It has: ${names.join(', ')}.` : 'Import interactions first.',
    },
  );
}

/** Throws `input` where the file is damaged. */
export function loadInteractions(db: Connection, sourceId: number): InteractionData {
  const arrays = new StoredArrays(db, { source: sourceId });
  const layouts = arrays.json('layout') as TypeLayout[];
  const types = typesOf(db, sourceId).map((type, i) => {
    const { weights, times, features } = layouts[i];
    return { ...type, weights, times, prefix: `${i}.`, features: loadFeatures(arrays, `${i}.`, features) };
  });
  return new InteractionData(
    types
      .filter(({ kind }) => kind === 'nodes')
      .map(({ name, prefix, features }) => ({
        name,
        ids: arrays.json(`${prefix}ids`) as string[],
        features,
      })),
    types
      .filter(({ kind }) => kind === 'edges')
      .map(({ name, fromType, toType, prefix, features, weights, times }) => ({
        name,
        from: fromType!,
        to: toType!,
        fromRows: arrays.get(`${prefix}from`, 'i32'),
        toRows: arrays.get(`${prefix}to`, 'i32'),
        weights: weights ? arrays.get(`${prefix}weights`, 'f32') : null,
        timesS: times ? arrays.get(`${prefix}times`, 'f64') : null,
        features,
      })),
  );
}

function sourceNamed(db: Connection, name: string): number | undefined {
  return db
    .prepare<[string], number>('SELECT source_id FROM interaction_set WHERE name = ?')
    .pluck()
    .get(name);
}

function typesOf(db: Connection, sourceId: number): TypeRow[] {
  return db
    .prepare<[number], TypeRow>(
      `SELECT kind, name, from_type AS fromType, to_type AS toType, rows, first_s AS firstS, last_s AS lastS
       FROM interaction_type WHERE source_id = ? ORDER BY position`,
    )
    .all(sourceId);
}

/** The first and last known time. */
function spanOf(timesS: Float64Array | null): { firstS: number | null; lastS: number | null } {
  let [firstS, lastS] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of timesS ?? []) {
    if (time < firstS) firstS = time;
    if (time > lastS) lastS = time;
  }
  return firstS <= lastS ? { firstS, lastS } : { firstS: null, lastS: null };
}

function packFeature(prefix: string, column: FeatureColumn): PackedArray[] {
  switch (column.kind) {
    case 'numeric':
      return [packArray(`${prefix}values`, column.values)];
    case 'text':
      return [packJson(`${prefix}values`, column.values)];
    case 'categorical':
      return [packArray(`${prefix}codes`, column.codes), packJson(`${prefix}categories`, column.categories)];
    case 'multi':
      return [
        packArray(`${prefix}offsets`, column.offsets),
        packArray(`${prefix}codes`, column.codes),
        packJson(`${prefix}categories`, column.categories),
      ];
    case 'coordinates':
      return [
        packArray(`${prefix}longitude`, column.longitude),
        packArray(`${prefix}latitude`, column.latitude),
      ];
    default:
      return column satisfies never;
  }
}

function loadFeatures(arrays: StoredArrays, prefix: string, features: TypeLayout['features']): Features {
  return Object.fromEntries(
    features.map(({ name, kind }, f) => [name, loadFeature(arrays, `${prefix}${f}.`, kind)]),
  );
}

function loadFeature(arrays: StoredArrays, prefix: string, kind: FeatureColumn['kind']): FeatureColumn {
  const codes = () => arrays.get(`${prefix}codes`, 'i32');
  const categories = () => arrays.json(`${prefix}categories`) as string[];
  switch (kind) {
    case 'numeric':
      return { kind, values: arrays.get(`${prefix}values`, 'f64') };
    case 'text':
      return { kind, values: arrays.json(`${prefix}values`) as (string | null)[] };
    case 'categorical':
      return { kind, codes: codes(), categories: categories() };
    case 'multi':
      return {
        kind,
        offsets: arrays.get(`${prefix}offsets`, 'u32'),
        codes: codes(),
        categories: categories(),
      };
    case 'coordinates':
      return {
        kind,
        longitude: arrays.get(`${prefix}longitude`, 'f64'),
        latitude: arrays.get(`${prefix}latitude`, 'f64'),
      };
    default:
      return kind satisfies never;
  }
}
