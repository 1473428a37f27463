import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { breathe, EtalonError, Random, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { Device, Executable, Feed } from '../../device/types.ts';
import { type Adjacency, gatherRows, NeighbourSampler } from '../../graph/index.ts';
import type { Program } from '../../tensor/program.ts';
import { flowFeed } from '../producers/flow.ts';
import { type RowSource, StateFile } from './stateFile.ts';

/** One layer cut where a node's message is the same for all who get it. */
export interface MapJoinLayer {
  /** From `x` [nodes, width of the layer before] to `message` [nodes, messageWidth], row by row. */
  map: Program;
  /**
   * From `x` [nodes1, width of the layer before], `message` [nodes0, messageWidth], the inputs of `flowInputs(trace, 1)` and `share` [edges0, 1],
   * the weights of the adjacency, to `x` [nodes1, width].
   */
  join: Program;
  messageWidth: number;
  width: number;
  /** What is the same for all nodes: parameters. */
  feed: Feed;
}

export interface MapJoinOptions {
  /** Whose messages each node takes, with weights. */
  adjacency: Adjacency;
  /** What enters the first layer. */
  x: RowSource;
  layers: readonly MapJoinLayer[];
  /** Parts that the nodes are joined in, one after the other: the more, the less memory. */
  partitions: number;
  /** Nodes of one run of a program. Partitions are whole chunks, so that their number changes no bit. */
  chunkNodes?: number;
}

const CHUNK_NODES = 1024;
/** Messages that are looked through at once for those that a partition needs. */
const SCAN_ROWS = 4096;

/**
 * The states of all nodes after the last layer, [nodes, width of the last layer], by map and join over files (PinSage: Ying et al. 2018,
 * § 3.4). For each layer, map: every node's message is computed once and written down. Join: for one partition of the nodes after
 * the other, the messages that its nodes take are looked up in one pass over that file, and the new states of the partition are
 * written down. Beside the graph's lists, memory holds one partition's messages, one chunk, and at the end the last states: states and messages of all
 * nodes lie in files, in a folder of the system's for such things, which is removed. The same bits for any number of partitions.
 * Reports progress; throws `cancelled`, and `input` where the files find no room.
 */
export async function inferByMapJoin(
  device: Device,
  { layers, ...options }: MapJoinOptions,
  context: TaskContext,
): Promise<Float32Array> {
  const { adjacency, x, partitions } = options;
  if (x.rows !== adjacency.rows || adjacency.rows !== adjacency.columns || !adjacency.weights)
    throw new EtalonError('internal', 'internal: a join needs weights, and a row of states for each node');
  if (!(partitions >= 1)) throw new EtalonError('internal', `internal: ${partitions} are no partitions`);
  const folder = mkdtempSync(join(tmpdir(), 'etalon-states-'));
  const files: StateFile[] = [];
  const fileOf = (name: string, width: number) => {
    const file = new StateFile(join(folder, name), width);
    files.push(file);
    return file;
  };
  try {
    let states = x;
    for (const [i, layer] of layers.entries()) {
      const run = new LayerRun(device, layer, { ...options, x: states }, (stage, done) =>
        context.report({
          ...{ stage, done, total: adjacency.rows, unit: 'nodes' },
          ...{ step: i + 1, steps: layers.length },
        }),
      );
      const messages = await run.map(fileOf(`messages${i}`, layer.messageWidth), context.signal);
      states = await run.join(messages, fileOf(`states${i}`, layer.width), context.signal);
    }
    const last = new Float32Array(states.rows * states.width);
    states.read(0, states.rows, last);
    return last;
  } finally {
    for (const file of files) file.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As few partitions as keep the messages of one within so many bytes, each node taking at most `neighbours`. */
export function partitionsWithin(
  bytes: number,
  { nodes, neighbours, messageWidth }: { nodes: number; neighbours: number; messageWidth: number },
): number {
  const rowBytes = messageWidth * Float32Array.BYTES_PER_ELEMENT;
  const atOnce = Math.max(1, Math.floor(bytes / rowBytes / (1 + neighbours)));
  // Not more than all messages are ever needed.
  return nodes * rowBytes <= bytes ? 1 : Math.ceil(nodes / atOnce);
}

type LayerOptions = Omit<MapJoinOptions, 'layers'>;

class LayerRun {
  readonly #device: Device;
  readonly #layer: MapJoinLayer;
  readonly #options: Required<LayerOptions>;
  readonly #report: (stage: string, done: number) => void;
  readonly #sampler: NeighbourSampler;

  constructor(
    device: Device,
    layer: MapJoinLayer,
    options: LayerOptions,
    report: (stage: string, done: number) => void,
  ) {
    this.#device = device;
    this.#layer = layer;
    this.#options = { chunkNodes: CHUNK_NODES, ...options };
    this.#report = report;
    this.#sampler = new NeighbourSampler(options.adjacency, [Number.POSITIVE_INFINITY]);
  }

  async map(messages: StateFile, signal: AbortSignal): Promise<StateFile> {
    const { map, feed } = this.#layer;
    await this.#running(map, async (executable) => {
      for (const { begin, end } of chunksOf(0, this.#options.x.rows, this.#options.chunkNodes)) {
        throwIfCancelled(signal);
        this.#report('Computing messages', begin);
        const { message } = await executable.run({ ...feed, x: this.#own(begin, end) });
        messages.append(message);
        await breathe();
      }
    });
    return messages;
  }

  async join(messages: RowSource, states: StateFile, signal: AbortSignal): Promise<StateFile> {
    const { partitions, chunkNodes, x } = this.#options;
    const partNodes = chunkNodes * Math.ceil(Math.ceil(x.rows / chunkNodes) / partitions);
    await this.#running(this.#layer.join, async (executable) => {
      for (const part of chunksOf(0, x.rows, partNodes)) {
        const needed = this.#take(messages, this.#sendersOf(part));
        for (const { begin, end } of chunksOf(part.begin, part.end, chunkNodes)) {
          throwIfCancelled(signal);
          this.#report('Joining messages', begin);
          states.append(await this.#joinChunk(executable, begin, end, needed));
          await breathe();
        }
      }
    });
    return states;
  }

  async #joinChunk(executable: Executable, begin: number, end: number, { rowOf, values }: Needed) {
    const { weights } = this.#options.adjacency;
    const { messageWidth, feed } = this.#layer;
    const targets = Int32Array.from({ length: end - begin }, (_, i) => begin + i);
    const { blocks, nodes } = this.#sampler.sample(targets, NOTHING_IS_DRAWN);
    const message = new Float32Array(nodes.length * messageWidth);
    gatherRows(values, messageWidth, nodes.map(rowOf), message);
    const share = Float32Array.from(blocks[0].entries, (entry) => weights![entry]);
    const inputs = { ...feed, ...flowFeed(blocks), message, share, x: this.#own(begin, end) };
    const { x } = await executable.run(inputs);
    return x;
  }

  /** Ascending: the nodes of a partition, which the sampler counts among its sources, and all whose messages they take. */
  #sendersOf({ begin, end }: Range): Int32Array {
    const { offsets, neighbours, rows } = this.#options.adjacency;
    const isNeeded = new Uint8Array(rows).fill(1, begin, end);
    for (let i = offsets[begin]; i < offsets[end]; i++) isNeeded[neighbours[i]] = 1;
    const senders = new Int32Array(isNeeded.reduce((sum, flag) => sum + flag, 0));
    let count = 0;
    for (let node = 0; node < rows; node++) if (isNeeded[node]) senders[count++] = node;
    return senders;
  }

  /** One pass over the file of messages, past stretches of which nothing is needed. */
  #take(messages: RowSource, senders: Int32Array): Needed {
    const { width } = messages;
    const values = new Float32Array(senders.length * width);
    const block = new Float32Array(SCAN_ROWS * width);
    for (let at = 0; at < senders.length; ) {
      const first = senders[at];
      const end = Math.min(messages.rows, first + SCAN_ROWS);
      messages.read(first, end, block);
      for (; at < senders.length && senders[at] < end; at++) {
        const from = (senders[at] - first) * width;
        values.set(block.subarray(from, from + width), at * width);
      }
    }
    return { values, rowOf: (node) => placeOf(senders, node) };
  }

  #own(begin: number, end: number): Float32Array {
    const { x } = this.#options;
    const values = new Float32Array((end - begin) * x.width);
    x.read(begin, end, values);
    return values;
  }

  async #running(program: Program, use: (executable: Executable) => Promise<void>): Promise<void> {
    const executable = await this.#device.compile(program);
    await use(executable).finally(() => executable.dispose());
  }
}

interface Range {
  begin: number;
  end: number;
}

/** Messages in memory, and in which row that of a node stands. */
interface Needed {
  values: Float32Array;
  rowOf: (node: number) => number;
}

const NOTHING_IS_DRAWN = new Random(0);

function* chunksOf(begin: number, end: number, size: number): Generator<Range> {
  for (let at = begin; at < end; at += size) yield { begin: at, end: Math.min(end, at + size) };
}

/** The place of a value that is in an ascending list. */
function placeOf(sorted: Int32Array, value: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
