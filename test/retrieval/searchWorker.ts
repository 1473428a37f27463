import { parentPort, workerData } from 'node:worker_threads';
import { type HnswIndex, openIndex } from '../../core/retrieval/index.ts';

const { bytes, query } = workerData as { bytes: Uint8Array; query: Float32Array };
const index = openIndex(bytes) as HnswIndex;
const shared = index.vectors.data.buffer === bytes.buffer && bytes.buffer instanceof SharedArrayBuffer;
parentPort!.postMessage({ ...index.nearest(query, 10), shared });
