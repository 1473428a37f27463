import { Random } from '../../base/index.ts';
import type { Feed } from '../../device/types.ts';
import { type Adjacency, gatherRows, NeighbourSampler } from '../../graph/index.ts';
import { flowFeed } from '../producers/flow.ts';

/** Values by edge number, [edges, width]. */
export interface EdgeColumn {
  values: Float32Array;
  width: number;
}

export interface ChunkOptions {
  adjacency: Adjacency;
  edgeColumns: Readonly<Record<string, EdgeColumn>>;
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

  /** The chunk that begins at a node, null after the last. @param x [nodes, width] states of all nodes. */
  prepare(begin: number, x: Float32Array): Chunk | null {
    const { adjacency, edgeColumns } = this.#options;
    const { rows, edges } = adjacency;
    if (begin === rows) return null;
    const end = this.#endOfChunk(begin);
    const targets = new Int32Array(end - begin);
    for (let i = 0; i < targets.length; i++) targets[i] = begin + i;
    const { blocks, nodes } = this.#sampler.sample(targets, ALL_ARE_TAKEN);

    this.#scratch.reverse();
    const [scratch] = this.#scratch;
    const feed: Record<string, Float32Array | Int32Array> = {
      ...flowFeed(blocks),
      x: scratch.gather('x', x, x.length / rows, nodes),
    };
    for (const [name, { values, width }] of Object.entries(edgeColumns))
      feed[name] = scratch.gather(
        name,
        values,
        width,
        blocks[0].entries.map((entry) => edges[entry]),
      );
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

  gather(name: string, table: Float32Array, width: number, rows: Int32Array): Float32Array {
    const count = rows.length * width;
    let buffer = this.#buffers.get(name);
    if (!buffer || buffer.length < count) {
      buffer = new Float32Array(count);
      this.#buffers.set(name, buffer);
    }
    gatherRows(table, width, rows, buffer);
    return buffer.subarray(0, count);
  }
}
