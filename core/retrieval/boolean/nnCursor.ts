import type { IvfPqIndex } from '../ivf/ivfPq.ts';
import { type CodeTable, codeKey, type QueryTables } from '../ivf/tables.ts';
import { METRICS } from '../vectors.ts';
import { type Cursor, END, ListCursor } from './cursor.ts';

/**
 * Documents near a vector: the lists of the clusters nearest to it, merged; a distance is computed, from the code, only for a document that the rest of
 * the query has not ruled out.
 */
export class NnCursor implements Cursor {
  doc: number;
  readonly cost: number;
  /** Documents whose distance was computed. */
  scanned = 0;
  readonly #index: IvfPqIndex;
  readonly #tables: QueryTables;
  readonly #bound: number;
  readonly #lists: { cluster: number; cursor: ListCursor; table: CodeTable | null }[];
  #measured = { doc: -1, key: Infinity };

  constructor(
    index: IvfPqIndex,
    vector: Float32Array,
    radius: number | undefined,
    nprobe: number | undefined,
  ) {
    const { offsets, rows } = index.parts;
    const { clusters, tables } = index.probe(vector, nprobe);
    this.#index = index;
    this.#tables = tables;
    this.#bound = radius === undefined ? Infinity : METRICS[index.metric].key(radius);
    this.#lists = Array.from(clusters, (cluster) => ({
      cluster,
      cursor: new ListCursor(rows, offsets[cluster], offsets[cluster + 1]),
      table: null,
    }));
    this.cost = this.#lists.reduce((sum, { cursor }) => sum + cursor.cost, 0);
    this.doc = this.#first();
  }

  advance(target: number): void {
    if (this.doc >= target) return;
    for (const { cursor } of this.#lists) cursor.advance(target);
    this.doc = this.#first();
  }

  matches(): boolean {
    return this.doc !== END && (this.#bound === Infinity || this.#key() <= this.#bound);
  }

  /** The distance of a document, by its code; NaN for one that is not in the clusters looked at or not within the radius. */
  distance(doc: number): number {
    if (this.doc < doc) this.advance(doc);
    if (this.doc !== doc) return Number.NaN;
    const key = this.#key();
    return key <= this.#bound ? METRICS[this.#index.metric].distance(key) : Number.NaN;
  }

  #key(): number {
    if (this.#measured.doc === this.doc) return this.#measured.key;
    const { codes, quantizer } = this.#index.parts;
    const list = this.#lists.find(({ cursor }) => cursor.doc === this.doc)!;
    list.table ??= this.#tables.of(list.cluster);
    this.scanned++;
    const key = codeKey(list.table, codes, list.cursor.at * quantizer.bytes, quantizer.bytes);
    this.#measured = { doc: this.doc, key };
    return key;
  }

  #first(): number {
    let first = END;
    for (const { cursor } of this.#lists) if (cursor.doc < first) first = cursor.doc;
    return first;
  }
}
