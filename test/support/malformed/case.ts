import { parquetWriteBuffer } from 'hyparquet-writer';
import type { JobRequest } from '../../../core/app/jobTypes.ts';
import { node, way } from '../osmCity.ts';
import type { TestCity } from '../osmFiles.ts';

/** Way 7 runs 1–2–3 both ways and is cut at 2; 8 is driven from 5 to 2 alone. */
export const city: TestCity = {
  nodes: [node(1, 0, 0), node(2, 1, 0), node(3, 3, 0), node(5, 1, 1)],
  ways: [way(7, [1, 2, 3]), way(8, [2, 5], { oneway: '-1' })],
};

/** A file of which something cannot be read, and what an import must say of it. */
export interface MalformedCase {
  name: string;
  files: Record<string, string | Uint8Array>;
  /** The import, of files by their paths. */
  job(path: (name: string) => string): Request;
  /** The file, line and column that the error names. */
  at: { file: string; line?: number; field?: string };
  found: RegExp;
  remedy: RegExp;
  /** What is kept where malformed rows are left out; null where damage hides where the next one begins. */
  kept: Record<string, number> | null;
}

type Imports = Extract<JobRequest, { skipMalformed: boolean }>;
type Request = Imports extends infer One ? (One extends Imports ? Omit<One, 'skipMalformed'> : never) : never;

export const MEND = /^Mend|^Correct/;

/** Columns of texts. */
export function parquet(columns: Record<string, string[]>, rowGroupSize = 2): Uint8Array {
  const columnData = Object.entries(columns).map(([name, data]) => ({ name, data, type: 'STRING' as const }));
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize, codec: 'UNCOMPRESSED' }));
}

/** The same bytes, but for some in the second half of the first page of the last row group. */
export function damaged(bytes: Uint8Array, text: string): Uint8Array {
  const at = Buffer.from(bytes).lastIndexOf(text, bytes.length - 400);
  return bytes.map((byte, i) => (i >= at - 24 && i < at - 8 ? 0xff : byte));
}

export const cut = (bytes: Uint8Array, share: number) => bytes.subarray(0, Math.floor(bytes.length * share));
