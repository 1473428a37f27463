import { EtalonError } from '../base/index.ts';
import { checkFeatures, type Features, takeFeatures } from './features.ts';

export interface NodeColumns {
  readonly name: string;
  /** [rows] identifiers as the source has them, each once; a number is its decimal text. */
  readonly ids: readonly string[];
  readonly features?: Features;
}

/** All nodes of one type: users, songs, restaurants. Row i is the i-th of `ids`, and row i of every feature. */
export class NodeTable {
  /** What one of them is called: "user". */
  readonly name: string;
  readonly ids: readonly string[];
  readonly features: Features;
  #rows: Map<string, number> | undefined;

  /** Throws `internal` for features of another length. */
  constructor({ name, ids, features = {} }: NodeColumns) {
    this.name = name;
    this.ids = ids;
    this.features = features;
    checkFeatures(name, features, ids.length);
  }

  get count(): number {
    return this.ids.length;
  }

  /** The row of an identifier; undefined where no node has it. Throws `internal` where two nodes share one. */
  rowOf(id: string | number): number | undefined {
    this.#rows ??= rowsById(this.name, this.ids);
    return this.#rows.get(String(id));
  }

  /** Throws `not-found` for an identifier that no node has. */
  row(id: string | number): number {
    const row = this.rowOf(id);
    if (row !== undefined) return row;
    throw new EtalonError('not-found', `There is no ${this.name} "${id}".`, {
      remedy: `Give the identifier of a ${this.name} as the imported file has it.`,
    });
  }

  /** The nodes of the given rows alone, numbered in their order. */
  take(rows: Int32Array): NodeTable {
    return new NodeTable({
      name: this.name,
      ids: Array.from(rows, (row) => this.ids[row]),
      features: takeFeatures(this.features, rows),
    });
  }
}

function rowsById(name: string, ids: readonly string[]): Map<string, number> {
  const rows = new Map(ids.map((id, row) => [id, row]));
  if (rows.size !== ids.length)
    throw new EtalonError('internal', `internal: two nodes of type ${name} have one identifier`);
  return rows;
}
