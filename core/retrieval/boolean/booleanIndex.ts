import { EtalonError } from '../../base/index.ts';
import type { IvfPqIndex } from '../ivf/ivfPq.ts';
import { AllCursor, AndCursor, type Cursor, END, ListCursor, NotCursor, OrCursor } from './cursor.ts';
import { NnCursor } from './nnCursor.ts';

/** A query: terms and near vectors, joined. `and` of nothing is every document, `or` of nothing is none. */
export type Query =
  | { term: string }
  | { nn: NearVector }
  | { and: readonly Query[] }
  | { or: readonly Query[] }
  | { not: Query };

export interface NearVector {
  /** Whose vectors: `title`, `place`. */
  field: string;
  vector: Float32Array;
  /** Largest distance, in the metric of the field's index, by code; without it every document of the clusters looked at is one. */
  radius?: number;
  /** Nearest clusters looked at. */
  nprobe?: number;
}

export interface BooleanHits {
  /** Ascending. */
  docs: Int32Array;
  /** For each `nn` of the query, in the order in which it is written, [docs]: distance by code, NaN where it does not hold. */
  distances: Float32Array[];
  /** Documents whose distance was computed, and documents that the query walked over. */
  scanned: number;
  walked: number;
}

/** Sorted documents by term: `terms` ascending, those of term t are `docs[offsets[t]]` … */
export interface Postings {
  readonly terms: readonly string[];
  readonly offsets: Uint32Array;
  readonly docs: Int32Array;
}

/** Lists the documents 0, 1, … by their terms; a term that a document has twice counts once. */
export function postingsOf(documents: Iterable<Iterable<string>>): Postings {
  const lists = new Map<string, number[]>();
  let doc = 0;
  for (const terms of documents) {
    for (const term of new Set(terms)) {
      const list = lists.get(term);
      if (list) list.push(doc);
      else lists.set(term, [doc]);
    }
    doc++;
  }
  const terms = [...lists.keys()].sort();
  const offsets = new Uint32Array(terms.length + 1);
  terms.forEach((term, i) => {
    offsets[i + 1] = offsets[i] + lists.get(term)!.length;
  });
  const docs = new Int32Array(offsets[terms.length]);
  terms.forEach((term, i) => {
    docs.set(lists.get(term)!, offsets[i]);
  });
  return { terms, offsets, docs };
}

/**
 * One inverted index of terms and coarse clusters (Huang et al. 2020, *Embedding-based Retrieval in Facebook Search*, §4): a cluster is to a
 * vector what a term is to a text, so one walk over sorted lists answers a hybrid query, pruned by both. Documents are numbered from 0;
 * row r of each field's index is document r.
 */
export class BooleanIndex {
  readonly count: number;
  readonly postings: Postings;
  readonly fields: Readonly<Record<string, IvfPqIndex>>;
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(count: number, postings: Postings, fields: Readonly<Record<string, IvfPqIndex>> = {}) {
    for (const [field, index] of Object.entries(fields))
      if (index.count !== count)
        throw new EtalonError(
          'input',
          `The field ${field} has ${index.count} vectors for ${count} documents.`,
          {
            remedy: 'Give each document a vector of the field.',
          },
        );
    this.count = count;
    this.postings = postings;
    this.#numbers = new Map(postings.terms.map((term, i) => [term, i]));
    this.fields = fields;
  }

  /** Documents of the query. Throws `input` for a field that is not there or a vector of another length. */
  search(query: Query): BooleanHits {
    const near: NnCursor[] = [];
    const cursor = this.#cursor(query, near);
    const docs: number[] = [];
    const distances = near.map(() => [] as number[]);
    let walked = 0;
    for (; cursor.doc !== END; cursor.advance(cursor.doc + 1)) {
      walked++;
      if (!cursor.matches()) continue;
      docs.push(cursor.doc);
      near.forEach((nn, i) => {
        distances[i].push(nn.distance(cursor.doc));
      });
    }
    return {
      docs: Int32Array.from(docs),
      distances: distances.map((values) => Float32Array.from(values)),
      scanned: near.reduce((sum, { scanned }) => sum + scanned, 0),
      walked,
    };
  }

  #cursor(query: Query, near: NnCursor[]): Cursor {
    if ('term' in query) return this.#termCursor(query.term);
    if ('nn' in query) return this.#nearCursor(query.nn, near);
    if ('not' in query) return new NotCursor(this.#cursor(query.not, near), this.count);
    if ('or' in query) return new OrCursor(query.or.map((part) => this.#cursor(part, near)));
    if (query.and.length === 0) return new AllCursor(this.count);
    return new AndCursor(query.and.map((part) => this.#cursor(part, near)));
  }

  #termCursor(term: string): Cursor {
    const { offsets, docs } = this.postings;
    const number = this.#numbers.get(term);
    if (number === undefined) return new ListCursor(docs, 0, 0);
    return new ListCursor(docs, offsets[number], offsets[number + 1]);
  }

  #nearCursor({ field, vector, radius, nprobe }: NearVector, near: NnCursor[]): Cursor {
    if (!Object.hasOwn(this.fields, field))
      throw new EtalonError('input', `The index has no vectors of the field ${field}.`, {
        remedy: `Ask for one of: ${Object.keys(this.fields).join(', ') || 'no field has vectors'}.`,
      });
    const cursor = new NnCursor(this.fields[field], vector, radius, nprobe);
    near.push(cursor);
    return cursor;
  }
}
