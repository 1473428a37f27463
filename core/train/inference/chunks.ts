import { Random } from '../../base/index.ts';
import type { Feed } from '../../device/types.ts';
import { type Adjacency, gatherRows, NeighbourSampler } from '../../graph/index.ts';
import { flowFeed } from '../producers/flow.ts';

/** Values by node or edge number: [nodes or edges, width]. */
export interface FeatureColumn {
  values: Float32Array;
  width: number;
}

export interface ChunkOptions {
  adjacency: Adjacency;
  nodeColumns: Readonly<Record<string, FeatureColumn>>;
  edgeColumns: Readonly<Record<string, FeatureColumn>>;
  /** Targets of a chunk, at most; and edges, unless one node alone has more. */
  chunkNodes: number;
  chunkEdges: number;
}

/** Some nodes with all their neighbours, to be run at once. */
export interface Chunk {
  /** The nodes begin … end − 1. */
  begin: number;
  end: number;
  feed: Feed;
}

/** Cuts the nodes of a graph into chunks and gathers what each needs. Two chunks may be in use at a time. */
export class Chunks {
  readonly #options: ChunkOptions;
  readonly #sampler: NeighbourSampler;
  /** Memory of the chunk that runs, and of the one that is prepared meanwhile. */
  #scratch = [new Scratch(), new Scratch()];

  constructor(options: ChunkOptions) {
    this.#options = options;
    this.#sampler = new NeighbourSampler(options.adjacency, [Number.POSITIVE_INFINITY]);
  }

  /** The chunk that begins at a node, null after the last. @param states [nodes, width] of all nodes. */
  prepare(begin: number, states: Float32Array): Chunk | null {
    const { adjacency, nodeColumns, edgeColumns } = this.#options;
    const { rows, edges } = adjacency;
    if (begin === rows) return null;
    const end = this.#endOfChunk(begin);
    const targets = new Int32Array(end - begin);
    for (let i = 0; i < targets.length; i++) targets[i] = begin + i;
    const { blocks, nodes } = this.#sampler.sample(targets, ALL_ARE_TAKEN);

    this.#scratch.reverse();
    const [scratch] = this.#scratch;
    const chunkEdges = blocks[0].entries.map((entry) => edges[entry]);
    const x = { values: states, width: states.length / rows };
    const feed = {
      ...flowFeed(blocks),
      ...scratch.gather({ ...nodeColumns, x }, nodes),
      ...scratch.gather(edgeColumns, chunkEdges),
    };
    return { begin, end, feed };
  }

  #endOfChunk(begin: number): number {
    const { adjacency, chunkNodes, chunkEdges } = this.#options;
    const { rows, offsets } = adjacency;
    const last = Math.min(rows, begin + chunkNodes);
    let end = begin + 1;
    while (end < last && offsets[end + 1] - offsets[begin] <= chunkEdges) end++;
    return end;
  }
}

/** Where every neighbour is taken, nothing is drawn. */
const ALL_ARE_TAKEN = new Random(0);

/** Memory by name that grows and is used again. */
class Scratch {
  readonly #buffers = new Map<string, Float32Array>();

  /** Rows of columns, by their names. */
  gather(columns: Readonly<Record<string, FeatureColumn>>, rows: Int32Array): Record<string, Float32Array> {
    const gathered: Record<string, Float32Array> = {};
    for (const [name, { values, width }] of Object.entries(columns)) {
      gathered[name] = this.#reserve(name, rows.length * width);
      gatherRows(values, width, rows, gathered[name]);
    }
    return gathered;
  }

  #reserve(name: string, count: number): Float32Array {
    const known = this.#buffers.get(name);
    if (known && known.length >= count) return known.subarray(0, count);
    const buffer = new Float32Array(count);
    this.#buffers.set(name, buffer);
    return buffer;
  }
}
