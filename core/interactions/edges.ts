import { EtalonError } from '../base/index.ts';
import { type Adjacency, adjacencyOf } from '../graph/index.ts';
import { checkFeatures, type Features, take, takeFeatures } from './features.ts';

export interface EdgeColumns {
  readonly name: string;
  /** Names of the node types that an edge leads from and to; they may be the same. */
  readonly from: string;
  readonly to: string;
  /** [edges] rows of those nodes. */
  readonly fromRows: Int32Array;
  readonly toRows: Int32Array;
  /** [edges] positive and finite; null: all alike. */
  readonly weights?: Float32Array | null;
  /** [edges] seconds since 1970-01-01T00:00Z, NaN where missing; null: none is known. */
  readonly timesS?: Float64Array | null;
  readonly features?: Features;
}

/** `out`: rows are those an edge leads from, neighbours those it leads to; `in`: the other way round. */
export type Side = 'out' | 'in';

/** All edges of one type, in the order of the source: purchases, friendships. One pair may have several. */
export class EdgeTable {
  /** What one of them is called: "rated". */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly fromRows: Int32Array;
  readonly toRows: Int32Array;
  readonly weights: Float32Array | null;
  readonly timesS: Float64Array | null;
  readonly features: Features;

  /** Throws `internal` for columns that differ in length and for weights that are not positive and finite. */
  constructor({
    name,
    from,
    to,
    fromRows,
    toRows,
    weights = null,
    timesS = null,
    features = {},
  }: EdgeColumns) {
    this.name = name;
    this.from = from;
    this.to = to;
    this.fromRows = fromRows;
    this.toRows = toRows;
    this.weights = weights;
    this.timesS = timesS;
    this.features = features;
    for (const column of [toRows, weights, timesS])
      if (column && column.length !== fromRows.length)
        throw new EtalonError('internal', `internal: the columns of ${name} differ in length`);
    if (weights && !weights.every((weight) => weight > 0 && weight < Number.POSITIVE_INFINITY))
      throw new EtalonError('internal', `internal: a weight of ${name} is not positive`);
    checkFeatures(name, features, fromRows.length);
  }

  get count(): number {
    return this.fromRows.length;
  }

  /** The given edges alone, in their order. */
  take(edges: Int32Array): EdgeTable {
    return new EdgeTable({
      ...this,
      fromRows: take(this.fromRows, edges),
      toRows: take(this.toRows, edges),
      weights: this.weights && take(this.weights, edges),
      timesS: this.timesS && take(this.timesS, edges),
      features: takeFeatures(this.features, edges),
    });
  }

  /** The edges for which `keep` is true. */
  filter(keep: (edge: number) => boolean): EdgeTable {
    return this.take(this.where(keep));
  }

  /** Numbers of the edges for which `keep` is true, ascending. */
  where(keep: (edge: number) => boolean): Int32Array {
    const kept = new Int32Array(this.count);
    let count = 0;
    for (let edge = 0; edge < this.count; edge++) if (keep(edge)) kept[count++] = edge;
    return kept.slice(0, count);
  }

  /** Neighbours by node, for tables of `fromCount` and `toCount` nodes; a pair with several edges is listed as often. */
  adjacency(side: Side, fromCount: number, toCount: number): Adjacency {
    const { fromRows, toRows, weights } = this;
    return side === 'out'
      ? adjacencyOf({ rows: fromCount, columns: toCount, from: fromRows, to: toRows, weights })
      : adjacencyOf({ rows: toCount, columns: fromCount, from: toRows, to: fromRows, weights });
  }
}
