import {
  type FeatureEncoding,
  featureMatrix,
  type HistoryWindows,
  historyColumns,
  type InteractionData,
  type NamedColumns,
} from '@etalon/core/interactions';
import { type DirectedPairs, histories } from './pairs.ts';

/** Rows of raw numbers, row-major, with what each column is called. */
export interface Matrix {
  readonly names: readonly string[];
  readonly values: Float32Array;
}

/** x_v: a user's profile, and what the user did to all others and all others to the user up to a moment. */
export function userFeatures(
  data: InteractionData,
  type: string,
  profile: FeatureEncoding,
  windows: HistoryWindows,
): Matrix {
  const edges = data.edges(type);
  const { features, count } = data.nodes(edges.from);
  const encoded = featureMatrix(profile, features, count);
  const activity = histories(data, edges).flatMap((table) => [
    prefixed(
      'by',
      historyColumns(table, (edge) => table.fromRows[edge], count, windows),
    ),
    prefixed(
      'to',
      historyColumns(table, (edge) => table.toRows[edge], count, windows),
    ),
  ]);
  const width = encoded.names.length;
  const columns = encoded.names.map((_, c) =>
    Float32Array.from({ length: count }, (_, row) => encoded.values[row * width + c]),
  );
  return rowMajor([{ names: encoded.names, columns }, ...activity], count);
}

/** e_uv: what u did to v and v to u up to a moment. */
export function pairFeatures(
  data: InteractionData,
  type: string,
  pairs: DirectedPairs,
  windows: HistoryWindows,
): Matrix {
  const { senders, edgeOf } = pairs;
  const parts = histories(data, data.edges(type)).flatMap((table) => {
    const { fromRows, toRows } = table;
    return [
      prefixed(
        'there',
        historyColumns(table, (e) => edgeOf(fromRows[e], toRows[e]) ?? -1, senders.length, windows),
      ),
      prefixed(
        'back',
        historyColumns(table, (e) => edgeOf(toRows[e], fromRows[e]) ?? -1, senders.length, windows),
      ),
    ];
  });
  return rowMajor(parts, senders.length);
}

/** The named columns of a matrix in the order of the names; of one that is not there: the value given for it. */
export function selectColumns(
  { names, values }: Matrix,
  wanted: readonly string[],
  missing: readonly number[],
): Float32Array {
  const rows = names.length === 0 ? 0 : values.length / names.length;
  const places = new Map(names.map((name, place) => [name, place]));
  const selected = new Float32Array(rows * wanted.length);
  wanted.forEach((name, c) => {
    const place = places.get(name);
    for (let row = 0; row < rows; row++)
      selected[row * wanted.length + c] =
        place === undefined ? missing[c] : values[row * names.length + place];
  });
  return selected;
}

function prefixed(direction: string, { names, columns }: NamedColumns): NamedColumns {
  return { names: names.map((name) => `${direction}: ${name}`), columns };
}

function rowMajor(parts: readonly NamedColumns[], rows: number): Matrix {
  const names = parts.flatMap((part) => part.names);
  const columns = parts.flatMap((part) => part.columns);
  const values = new Float32Array(rows * names.length);
  columns.forEach((column, c) => {
    for (let row = 0; row < rows; row++) values[row * names.length + c] = column[row];
  });
  return { names, values };
}
