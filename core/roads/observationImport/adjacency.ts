import { EtalonError } from '../../base/index.ts';
import { readText } from '../../tables/textFile.ts';

/** The largest matrix that is read: it is held whole, 4 bytes for each pair of sensors. */
const MAX_SENSORS = 20_000;

export interface Adjacency {
  size: number;
  /** [size · size] in rows: how near the sensor of a column is to that of a row; 0 for not at all. */
  weights: Float32Array;
  /** The sensors in order, where the matrix names them. */
  ids: string[] | null;
}

/**
 * Reads a square matrix of weights ≥ 0, a line for each row, separated by commas, semicolons, tabs or blanks; with or without
 * a first line of sensors' identifiers, and then with or without a first column of them. Throws `input` naming file, line and
 * column.
 */
export async function readAdjacency(path: string, sensors: readonly string[]): Promise<Adjacency> {
  const known = new Set(sensors);
  const rows: Float32Array[] = [];
  let size = 0;
  let ids: string[] | null = null;
  let line = 0;
  const fail = (message: string, column?: number) =>
    new EtalonError('input', message, {
      where: { file: path, line, ...(column !== undefined && { column }) },
      remedy: 'Give a square matrix of numbers of 0 or more, a row and a column for each sensor.',
    });
  for await (const text of linesOf(path)) {
    line++;
    if (text.trim() === '') continue;
    const cells = text.trim().split(/\s*[,;\t]\s*|\s+/);
    if (size === 0) {
      const named = cells.filter((cell) => known.has(cell));
      if (named.length > 1 && named.length >= cells.length - 1 && new Set(named).size === named.length)
        ids = named;
      size = ids?.length ?? cells.length;
      if (size > MAX_SENSORS) throw fail(`A matrix of ${size} sensors is too large.`);
      if (ids) continue;
    }
    if (rows.length === size) throw fail(`The matrix has ${size} columns, and more rows.`);
    rows.push(readRow(ids && cells.length === size + 1 ? cells.slice(1) : cells, size, fail));
  }
  if (size === 0 || rows.length !== size)
    throw fail(`The matrix has ${size} columns, but ${rows.length} rows.`);
  const weights = new Float32Array(size * size);
  for (const [i, row] of rows.entries()) weights.set(row, i * size);
  return { size, weights, ids };
}

function readRow(
  cells: readonly string[],
  size: number,
  fail: (message: string, column?: number) => EtalonError,
): Float32Array {
  if (cells.length !== size) throw fail(`The row has ${cells.length} values instead of ${size}.`);
  return Float32Array.from(cells, (cell, at) => {
    const weight = cell === '' ? Number.NaN : Number(cell);
    if (weight >= 0 && Number.isFinite(weight)) return weight;
    throw fail(`"${cell}" is no weight of 0 or more.`, at + 1);
  });
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of readText(path)) {
    const lines = (rest + piece).split(/\r?\n/);
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}
