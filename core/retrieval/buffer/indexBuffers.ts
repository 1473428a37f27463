import { ExactIndex } from '../exact.ts';
import { HnswIndex } from '../hnsw/hnsw.ts';
import { IvfPqIndex } from '../ivf/ivfPq.ts';
import type { Metric, Vectors } from '../vectors.ts';
import { type Content, pack, Sections } from './sections.ts';

export type AnyIndex = ExactIndex | HnswIndex | IvfPqIndex;

/** The newest version of each kind: what is written, and read up to. */
export const VERSIONS = { exact: 1, hnsw: 1, 'ivf-pq': 1 };

/**
 * An index as one buffer (see `sections.ts`); with `shared` in memory that threads share. Exact and HNSW indexes hold their vectors, an IVF-PQ
 * index does not: those for re-ranking are kept apart, as the buffer of an exact index, in memory or left in their file.
 */
export function packIndex(index: AnyIndex, shared = false): Uint8Array {
  return pack(contentOf(index), shared);
}

/** Opens {@link packIndex}'s buffer without copying. Throws `input` for a damaged or newer one. */
export function openIndex(bytes: Uint8Array, file?: string): AnyIndex {
  const sections = new Sections(bytes, VERSIONS, file);
  return OPENERS[sections.kind as keyof typeof VERSIONS](sections);
}

function contentOf(index: AnyIndex): Content {
  if (index instanceof IvfPqIndex) return ivfContent(index);
  const { metric, dimension, data, ids } = index.vectors;
  const vectors = { fields: { metric, dimension }, sections: { vectors: data, ids } };
  if (index instanceof ExactIndex) return { kind: 'exact', version: VERSIONS.exact, ...vectors };
  const { width0, width, levels, ground, upperStarts, upper } = index.layers;
  return {
    kind: 'hnsw',
    version: VERSIONS.hnsw,
    fields: { ...vectors.fields, width0, width, entry: index.entry },
    sections: { ...vectors.sections, levels, ground, upperStarts, upper },
  };
}

function ivfContent({ parts }: IvfPqIndex): Content {
  const { metric, projection, centroids, quantizer, offsets, rows, codes, ids } = parts;
  const { inputs, outputs, matrix } = projection;
  return {
    kind: 'ivf-pq',
    version: VERSIONS['ivf-pq'],
    fields: { metric, inputs, outputs, bytes: quantizer.bytes },
    sections: { matrix, centroids, codewords: quantizer.codewords, offsets, rows, codes, ids },
  };
}

const OPENERS: Record<keyof typeof VERSIONS, (sections: Sections) => AnyIndex> = {
  exact: (sections) => new ExactIndex(vectorsIn(sections)),
  hnsw(sections) {
    const { width0, width, entry } = sections.fields as Record<string, number>;
    const layers = {
      width0,
      width,
      levels: sections.array('levels', 'Uint8Array'),
      ground: sections.array('ground', 'Int32Array'),
      upperStarts: sections.array('upperStarts', 'Uint32Array'),
      upper: sections.array('upper', 'Int32Array'),
    };
    return new HnswIndex(vectorsIn(sections), layers, entry);
  },
  'ivf-pq'(sections) {
    const { metric } = sections.fields as { metric: Metric };
    const { inputs, outputs, bytes } = sections.fields as Record<string, number>;
    return new IvfPqIndex({
      metric,
      projection: { inputs, outputs, matrix: sections.array('matrix', 'Float32Array') },
      centroids: sections.array('centroids', 'Float32Array'),
      quantizer: { n: outputs, bytes, codewords: sections.array('codewords', 'Float32Array') },
      offsets: sections.array('offsets', 'Uint32Array'),
      rows: sections.array('rows', 'Int32Array'),
      codes: sections.array('codes', 'Uint8Array'),
      ids: sections.optional('ids', 'Int32Array'),
    });
  },
};

function vectorsIn(sections: Sections): Vectors {
  const { metric, dimension } = sections.fields as { metric: Metric; dimension: number };
  const data = sections.array('vectors', 'Float32Array');
  return {
    metric,
    dimension,
    count: data.length / dimension,
    data,
    ids: sections.optional('ids', 'Int32Array'),
  };
}
