import { Growable } from '../../base/growable.ts';
import { EtalonError } from '../../base/index.ts';
import { InteractionData } from '../data.ts';
import { EdgeTable } from '../edges.ts';
import type { FeatureColumn } from '../features.ts';
import { NodeTable } from '../nodes.ts';
import type { FeatureBuilder } from './featureBuilder.ts';

/** Collects nodes and edges of several files. Nodes are numbered in the order in which they are first named. */
export class DataBuilder {
  readonly #nodes = new Map<string, NodeBuilder>();
  readonly #edges = new Map<string, EdgeBuilder>();

  nodes(type: string): NodeBuilder {
    let nodes = this.#nodes.get(type);
    if (!nodes) {
      nodes = new NodeBuilder(type);
      this.#nodes.set(type, nodes);
    }
    return nodes;
  }

  /** Throws `usage` where another file has edges of that name between other types. */
  edges(type: string, from: string, to: string): EdgeBuilder {
    const known = this.#edges.get(type);
    if (known) {
      if (known.from.type === from && known.to.type === to) return known;
      throw new EtalonError('usage', `Two files have edges "${type}" between different types of nodes.`, {
        where: { field: 'type' },
        remedy: 'Give one of them another name: --map <file>:type=<name>.',
      });
    }
    const edges = new EdgeBuilder(type, this.nodes(from), this.nodes(to));
    this.#edges.set(type, edges);
    return edges;
  }

  build(): InteractionData {
    return new InteractionData(
      [...this.#nodes.values()].map((nodes) => nodes.build()),
      [...this.#edges.values()].map((edges) => edges.build()),
    );
  }
}

/** Features by name, as files add them. */
class FeatureSet {
  readonly #owner: string;
  readonly #builders = new Map<string, FeatureBuilder>();

  constructor(owner: string) {
    this.#owner = owner;
  }

  /** The builder of that name, `made` where there is none. Throws `usage` where it is of another kind. */
  take(name: string, made: FeatureBuilder): FeatureBuilder {
    const known = this.#builders.get(name);
    if (!known) this.#builders.set(name, made);
    else if (known.kind !== made.kind)
      throw new EtalonError(
        'usage',
        `Two files have "${name}" of ${this.#owner}, as ${known.kind} and as ${made.kind}.`,
        {
          where: { field: name },
          remedy: `Choose one kind for both: --map kind:${name}=${known.kind}.`,
        },
      );
    return known ?? made;
  }

  build(rows: number): Record<string, FeatureColumn> {
    return Object.assign({}, ...[...this.#builders].map(([name, builder]) => builder.columns(name, rows)));
  }
}

export class NodeBuilder {
  readonly type: string;
  readonly features: FeatureSet;
  readonly #rows = new Map<string, number>();

  constructor(type: string) {
    this.type = type;
    this.features = new FeatureSet(type);
  }

  get count(): number {
    return this.#rows.size;
  }

  /** The row of an identifier, a new one where it was not named before. */
  row(id: string): number {
    let row = this.#rows.get(id);
    if (row === undefined) {
      row = this.#rows.size;
      this.#rows.set(id, row);
    }
    return row;
  }

  build(): NodeTable {
    return new NodeTable({
      name: this.type,
      ids: [...this.#rows.keys()],
      features: this.features.build(this.count),
    });
  }
}

export interface ReadEdge {
  from: string;
  to: string;
  /** NaN where the file has none. */
  weight: number;
  timeS: number;
}

export class EdgeBuilder {
  readonly type: string;
  readonly from: NodeBuilder;
  readonly to: NodeBuilder;
  readonly features: FeatureSet;
  readonly #fromRows = new Growable(Int32Array);
  readonly #toRows = new Growable(Int32Array);
  readonly #weights = new Growable(Float32Array);
  readonly #timesS = new Growable(Float64Array);

  constructor(type: string, from: NodeBuilder, to: NodeBuilder) {
    this.type = type;
    this.from = from;
    this.to = to;
    this.features = new FeatureSet(type);
  }

  get count(): number {
    return this.#fromRows.length;
  }

  /** The number of the new edge. */
  add({ from, to, weight, timeS }: ReadEdge): number {
    this.#fromRows.push(this.from.row(from));
    this.#toRows.push(this.to.row(to));
    this.#weights.push(weight);
    this.#timesS.push(timeS);
    return this.count - 1;
  }

  build(): EdgeTable {
    const isKnown = (value: number) => !Number.isNaN(value);
    const weights = this.#weights.toArray();
    const timesS = this.#timesS.toArray();
    return new EdgeTable({
      name: this.type,
      from: this.from.type,
      to: this.to.type,
      fromRows: this.#fromRows.toArray(),
      toRows: this.#toRows.toArray(),
      // Files without weights count each edge once.
      weights: weights.some(isKnown) ? weights.map((weight) => (isKnown(weight) ? weight : 1)) : null,
      timesS: timesS.some(isKnown) ? timesS : null,
      features: this.features.build(this.count),
    });
  }
}
