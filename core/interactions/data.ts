import { EtalonError } from '../base/index.ts';
import type { Adjacency } from '../graph/index.ts';
import { type EdgeColumns, EdgeTable, type Side } from './edges.ts';
import { type NodeColumns, NodeTable } from './nodes.ts';

/**
 * Nodes of named types and the edges between them: users, items, and who took what when. Immutable; whatever narrows it gives
 * another one that shares what did not change.
 */
export class InteractionData {
  readonly #nodes: ReadonlyMap<string, NodeTable>;
  readonly #edges: ReadonlyMap<string, EdgeTable>;
  readonly #adjacencies = new Map<string, Adjacency>();

  /** Throws `internal` for a name given twice, an edge type whose node types are not there, and edges outside of their nodes. */
  constructor(nodes: readonly (NodeTable | NodeColumns)[], edges: readonly (EdgeTable | EdgeColumns)[]) {
    this.#nodes = byName(nodes.map((table) => (table instanceof NodeTable ? table : new NodeTable(table))));
    this.#edges = byName(edges.map((table) => (table instanceof EdgeTable ? table : new EdgeTable(table))));
    for (const table of this.#edges.values()) {
      checkRows(table.name, table.fromRows, this.nodes(table.from));
      checkRows(table.name, table.toRows, this.nodes(table.to));
    }
  }

  get nodeTypes(): string[] {
    return [...this.#nodes.keys()];
  }

  get edgeTypes(): string[] {
    return [...this.#edges.keys()];
  }

  /** Throws `not-found` for a type that is not there. */
  nodes(type: string): NodeTable {
    return found(this.#nodes, type, 'nodes');
  }

  /** Throws `not-found` for a type that is not there. */
  edges(type: string): EdgeTable {
    return found(this.#edges, type, 'edges');
  }

  /** Neighbours by node along one type of edges; made once. */
  adjacency(type: string, side: Side): Adjacency {
    const key = `${side} ${type}`;
    let adjacency = this.#adjacencies.get(key);
    if (!adjacency) {
      const edges = this.edges(type);
      adjacency = edges.adjacency(side, this.nodes(edges.from).count, this.nodes(edges.to).count);
      this.#adjacencies.set(key, adjacency);
    }
    return adjacency;
  }

  /** [nodes] edges of a type by the node that they lead from (`out`) or to (`in`). */
  degrees(type: string, side: Side): Uint32Array {
    const edges = this.edges(type);
    const rows = side === 'out' ? edges.fromRows : edges.toRows;
    const degrees = new Uint32Array(this.nodes(side === 'out' ? edges.from : edges.to).count);
    for (const row of rows) degrees[row]++;
    return degrees;
  }

  /**
   * The graph as it was at that moment, in seconds since 1970-01-01T00:00Z: of edges with times only those strictly before it, so
   * that what happens at the moment itself may be predicted from it. An edge whose own time is missing is left out, types
   * without any times stay whole. Nodes keep their rows.
   */
  asOf(timeS: number): InteractionData {
    return this.#withEdges(
      [...this.#edges.values()].map((table) => {
        const { timesS } = table;
        return timesS ? table.filter((edge) => timesS[edge] < timeS) : table;
      }),
    );
  }

  /** The same with other edges in place of those of their type, or beside them. Nodes keep their rows. */
  withEdges(...tables: readonly EdgeTable[]): InteractionData {
    return this.#withEdges([...new Map([...this.#edges, ...byName(tables)]).values()]);
  }

  /** Without the edges of a type for which `keep` is false. Nodes keep their rows. */
  filterEdges(type: string, keep: (edge: number) => boolean): InteractionData {
    return this.withEdges(this.edges(type).filter(keep));
  }

  /** Without the nodes of a type for which `keep` is false, and the edges that touch them. Rows of the type are numbered anew. */
  filterNodes(type: string, keep: (row: number) => boolean): InteractionData {
    const table = this.nodes(type);
    const kept = Int32Array.from(table.ids.keys()).filter(keep);
    const renumbered = new Int32Array(table.count).fill(-1);
    kept.forEach((row, i) => {
      renumbered[row] = i;
    });
    const nodes = [...this.#nodes.values()].map((other) => (other === table ? table.take(kept) : other));
    return new InteractionData(
      nodes,
      [...this.#edges.values()].map((edges) => renumberedEdges(edges, type, renumbered)),
    );
  }

  /** Nodes are the same, and so are the adjacencies of edges that are. */
  #withEdges(tables: readonly EdgeTable[]): InteractionData {
    const data = new InteractionData([...this.#nodes.values()], tables);
    for (const table of tables)
      for (const side of ['out', 'in']) {
        const key = `${side} ${table.name}`;
        const known = this.#adjacencies.get(key);
        if (known && this.#edges.get(table.name) === table) data.#adjacencies.set(key, known);
      }
    return data;
  }
}

function renumberedEdges(edges: EdgeTable, type: string, renumbered: Int32Array): EdgeTable {
  if (edges.from !== type && edges.to !== type) return edges;
  const from = (row: number) => (edges.from === type ? renumbered[row] : row);
  const to = (row: number) => (edges.to === type ? renumbered[row] : row);
  const kept = edges.filter((edge) => from(edges.fromRows[edge]) >= 0 && to(edges.toRows[edge]) >= 0);
  return new EdgeTable({ ...kept, fromRows: kept.fromRows.map(from), toRows: kept.toRows.map(to) });
}

function byName<T extends NodeTable | EdgeTable>(tables: readonly T[]): Map<string, T> {
  const named = new Map(tables.map((table) => [table.name, table]));
  if (named.size !== tables.length)
    throw new EtalonError('internal', 'internal: two types of nodes or edges have one name');
  return named;
}

function found<T>(tables: ReadonlyMap<string, T>, type: string, what: string): T {
  const table = tables.get(type);
  if (table) return table;
  throw new EtalonError('not-found', `The data have no ${what} of type "${type}".`, {
    remedy: `Choose one of: ${[...tables.keys()].join(', ')}.`,
  });
}

function checkRows(name: string, rows: Int32Array, nodes: NodeTable): void {
  if (rows.some((row) => row < 0 || row >= nodes.count))
    throw new EtalonError('internal', `internal: an edge of ${name} is outside of the nodes ${nodes.name}`);
}
