import { randomStream, type TaskContext } from '@etalon/core/base';
import {
  BooleanIndex,
  IvfPqIndex,
  type NearVector,
  postingsOf,
  type Query,
  type Vectors,
  vectorsOf,
} from '@etalon/core/retrieval';
import type { Corpus } from './corpus.ts';
import type { SearchSettings } from './settings.ts';
import { termsQuery, wordsOfDocuments } from './terms.ts';

/** How candidates are found: by terms, by the embedding, or by both in one query. */
export const WAYS = ['terms', 'near', 'hybrid'] as const;
export type Way = (typeof WAYS)[number];

const FIELD = 'embedding';
const INDEX_STREAM = 7;

export interface Candidates {
  readonly documents: Int32Array;
  /** [documents] cosine by the vectors themselves. */
  readonly cosines: Float32Array;
  /** Documents whose distance was computed from their codes, and documents that the query walked over. */
  readonly scanned: number;
  readonly walked: number;
}

/**
 * One inverted index of words and coarse clusters (Huang et al. 2020, §4). Hybrid: (words AND …) OR (nn embedding :radius r), so that what the
 * words find is never lost, and what they miss is found within the radius.
 */
export class HybridIndex {
  readonly #index: BooleanIndex;
  readonly #vectors: Vectors;
  readonly #settings: SearchSettings;
  /** 1 − cosine within which documents are candidates. */
  readonly radius: number;

  private constructor(index: BooleanIndex, vectors: Vectors, settings: SearchSettings, radius: number) {
    this.#index = index;
    this.#vectors = vectors;
    this.#settings = settings;
    this.radius = radius;
  }

  /** @param tuning [queries · dimension] queries that the radius is chosen on: in the median it holds `candidates` documents. */
  static async build(
    { texts }: Corpus,
    embeddings: Float32Array,
    tuning: Float32Array,
    { settings, seed }: { settings: SearchSettings; seed: number },
    context: TaskContext,
  ): Promise<HybridIndex> {
    const count = texts[0].values.length;
    const vectors = vectorsOf(embeddings, embeddings.length / count, 'cosine');
    const ivf = await IvfPqIndex.build(
      vectors,
      {
        numClusters: Math.min(settings.clusters, count),
        pqBytes: Math.min(settings.pqBytes, vectors.dimension),
        opq: false,
      },
      randomStream(seed, INDEX_STREAM),
      context,
    );
    const index = new BooleanIndex(count, postingsOf(wordsOfDocuments(texts)), { [FIELD]: ivf });
    const radius = medianRadius(ivf, tuning, Math.min(settings.candidates, count), settings.nprobe);
    return new HybridIndex(index, vectors, settings, radius);
  }

  find(text: string, vector: Float32Array, way: Way): Candidates {
    const nn: NearVector = { field: FIELD, vector, radius: this.radius, nprobe: this.#settings.nprobe };
    const terms = termsQuery(text);
    const queries: Record<Way, Query> = { terms, near: { nn }, hybrid: { or: [terms, { nn }] } };
    const { docs, scanned, walked } = this.#index.search(queries[way]);
    return { documents: docs, cosines: this.cosines(vector, docs), scanned, walked };
  }

  /** [documents] of a query of unit length. */
  cosines(vector: Float32Array, documents: Int32Array): Float32Array {
    const { data, dimension } = this.#vectors;
    return Float32Array.from(documents, (document) => {
      let sum = 0;
      for (let k = 0, at = document * dimension; k < dimension; k++, at++) sum += vector[k] * data[at];
      return sum;
    });
  }
}

/** The median distance of the k-th nearest, by codes, as the index measures. */
function medianRadius(index: IvfPqIndex, queries: Float32Array, k: number, nprobe: number): number {
  const { dimension } = index;
  const distances: number[] = [];
  for (let at = 0; at < queries.length; at += dimension) {
    const found = index.nearest(queries.subarray(at, at + dimension), k, { nprobe }).distances;
    distances.push(found[found.length - 1]);
  }
  return distances.sort((a, b) => a - b)[distances.length >> 1];
}
