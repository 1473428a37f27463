import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EtalonError, quietContext, Random } from '../../core/base/index.ts';
import {
  BooleanIndex,
  ExactIndex,
  HnswIndex,
  IvfPqIndex,
  openBoolean,
  openIndex,
  packBoolean,
  packIndex,
  postingsOf,
  RowFile,
  readIndexFile,
  rowsInMemory,
  vectorsOf,
  writeIndexFile,
} from '../../core/retrieval/index.ts';
import { gaussian } from './plain.ts';

const N = 6;
const folder = mkdtempSync(join(tmpdir(), 'etalon-retrieval-'));
const path = (name: string) => join(folder, name);
const ids = Int32Array.from({ length: 300 }, (_, i) => 1000 + i);
const vectors = vectorsOf(gaussian(300, N, new Random(1)), N, 'cosine', ids);
const query = gaussian(1, N, new Random(2));
const exact = new ExactIndex(vectors);
let hnsw: HnswIndex;
let ivf: IvfPqIndex;

beforeAll(async () => {
  hnsw = await HnswIndex.build(vectors, { m: 6 }, new Random(3), quietContext);
  const options = { numClusters: 6, pqBytes: 3, opq: false };
  ivf = await IvfPqIndex.build(vectors, options, new Random(3), quietContext);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('an index as a buffer', () => {
  it('answers from its file as before', () => {
    for (const index of [exact, hnsw, ivf]) {
      writeIndexFile(path('round'), packIndex(index));
      const opened = openIndex(readIndexFile(path('round')));
      expect(opened.constructor).toBe(index.constructor);
      expect(opened.nearest(query, 10)).toEqual(index.nearest(query, 10));
      expect(opened.within(query, 0.5)).toEqual(index.within(query, 0.5));
      expect(Buffer.compare(packIndex(opened), packIndex(index))).toBe(0);
    }
  });

  it('is opened without copying', () => {
    const bytes = packIndex(hnsw);
    const opened = openIndex(bytes) as HnswIndex;
    for (const array of [opened.vectors.data, opened.layers.ground, opened.layers.upper])
      expect(array.buffer).toBe(bytes.buffer);
  });

  it('is opened wherever it begins in a buffer', () => {
    const bytes = packIndex(hnsw);
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect(openIndex(shifted).nearest(query, 10)).toEqual(hnsw.nearest(query, 10));
  });

  it('is searched in a thread that shares its memory', async () => {
    const bytes = packIndex(hnsw, true);
    expect(bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
    const worker = new Worker(new URL('./searchWorker.ts', import.meta.url), {
      workerData: { bytes, query },
    });
    const found = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    expect(found).toEqual({ ...hnsw.nearest(query, 10), shared: true });
  });

  it('holds a Boolean index with the vectors of its fields', () => {
    const documents = Array.from(ids, (id) => [`third:${id % 3}`]);
    const index = new BooleanIndex(300, postingsOf(documents), { embedding: ivf });
    const opened = openBoolean(packBoolean(index));
    const nn = { field: 'embedding', vector: query, radius: 0.8, nprobe: 3 };
    const asked = { and: [{ term: 'third:1' }, { nn }] };
    expect(index.search(asked).docs.length).toBeGreaterThan(2);
    expect(opened.search(asked)).toEqual(index.search(asked));
  });
});

describe('vectors in a file', () => {
  it('re-rank as vectors in memory do', () => {
    writeIndexFile(path('vectors'), packIndex(exact));
    using rows = new RowFile(path('vectors'));
    expect([rows.count, rows.dimension]).toEqual([300, N]);
    const settings = { nprobe: 4, rerank: 40 };
    expect(ivf.withRows(rows).nearest(query, 10, settings)).toEqual(
      ivf.withRows(rowsInMemory(vectors)).nearest(query, 10, settings),
    );
  });
});

describe('a file that cannot be used', () => {
  const bytes = () => Buffer.from(packIndex(exact));
  const failure = (change: (content: Buffer) => Buffer, open: (file: string) => unknown = opened): string => {
    writeFileSync(path('bad'), change(bytes()));
    try {
      open(path('bad'));
    } catch (error) {
      if (!(error instanceof EtalonError)) throw error;
      expect(error.code).toBe('input');
      expect(error.where?.file).toBe(path('bad'));
      expect(error.remedy).toBeTruthy();
      return error.message;
    }
    throw new Error('It was opened.');
  };
  const opened = (file: string) => openIndex(readIndexFile(file), file);
  const rows = (file: string) => new RowFile(file);
  const DAMAGED = 'The index is damaged or cut short.';

  it('says so wherever one bit is turned', () => {
    const { length } = bytes();
    const places = [4, 9, 13, 20, 150, Math.floor(length / 2), length - 1 - (length % 64) - 64];
    for (const place of places)
      expect(() =>
        failure((content) => {
          content[place] ^= 1;
          return content;
        }),
      ).not.toThrow();
  });

  it('says so at whatever length it is cut', () => {
    for (const length of [16, 40, 200, 4000]) {
      expect(failure((content) => content.subarray(0, length))).toBe(DAMAGED);
      expect(failure((content) => content.subarray(0, length), rows)).toBe(DAMAGED);
    }
  });

  it('is one of a newer version', () => {
    const newer = (content: Buffer) => {
      content.writeUInt32LE(7, 4);
      return content;
    };
    expect(failure(newer)).toBe('The index has version 7; this program knows versions up to 1.');
    expect(failure(newer, rows)).toBe('The index has version 7; this program knows versions up to 1.');
  });

  it('is none, or one of another kind', () => {
    expect(failure(() => Buffer.from('no index, whatever its length is'))).toBe(
      'This is no index of vectors.',
    );
    expect(failure(() => Buffer.alloc(0))).toBe('This is no index of vectors.');
    expect(failure(() => Buffer.from(packIndex(hnsw)), rows)).toBe(
      'This is an index of the kind “hnsw”, not “exact”.',
    );
    expect(() => openIndex(packBoolean(new BooleanIndex(0, postingsOf([]))))).toThrow(
      'of the kind “boolean”',
    );
  });

  it('is not there', () => {
    expect(() => readIndexFile(path('absent'))).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => new RowFile(path('absent'))).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('ends while rows are read from it', () => {
    writeIndexFile(path('short'), bytes());
    using file = new RowFile(path('short'));
    truncateSync(path('short'), 1000);
    expect(() => file.read(Int32Array.of(299))).toThrow('The file ends too early.');
    expect(readFileSync(path('short'))).toHaveLength(1000);
  });
});
