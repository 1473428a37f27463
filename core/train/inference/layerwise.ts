import { breathe, EtalonError, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { Device, Executable, Feed } from '../../device/types.ts';
import type { Adjacency } from '../../graph/index.ts';
import type { Program } from '../../tensor/program.ts';
import { Chunks, type FeatureColumn } from './chunks.ts';

/**
 * One layer as a program of its own: from `x` [nodes0, width of the layer before] and the inputs of `flowInputs(trace, 1)` to the
 * output `x` [nodes1, width]. It may be [nodes0, width], where a layer knows no difference between sources and targets: the rows
 * after the targets' own are then of no use.
 */
export interface LayerProgram {
  program: Program;
  /** Values of a row of its output. */
  width: number;
  /** What is the same for all nodes: parameters. */
  feed: Feed;
}

export interface LayerwiseOptions {
  /** Whose messages each node takes. */
  adjacency: Adjacency;
  /** [nodes, width] what enters the first layer. */
  x: Float32Array;
  layers: readonly LayerProgram[];
  /** For inputs [nodes0, width] and [edges0, width] of the layers that have the same names. */
  nodeColumns?: Readonly<Record<string, FeatureColumn>>;
  edgeColumns?: Readonly<Record<string, FeatureColumn>>;
  /** Targets of one run, at most, and edges, unless one node alone has more: they bound the memory. */
  chunkNodes?: number;
  chunkEdges?: number;
}

/** Ours: some 20 to 60 MB of messages at a width of 64, and calls that are few. */
const CHUNK_NODES = 32_768;
const CHUNK_EDGES = 131_072;

/**
 * The states of all nodes after the last layer, [nodes, width of the last layer], layer by layer: each node is computed once for each
 * layer, not once for each neighbourhood that it is in (the full-graph inference of PinSage, Ying et al. 2018, § 3.4). Besides the
 * graph it holds two tables of states and one chunk of nodes with its neighbours. Reports progress; throws `cancelled`.
 */
export async function inferLayerwise(
  device: Device,
  options: LayerwiseOptions,
  context: TaskContext,
): Promise<Float32Array> {
  const { adjacency, layers } = options;
  if (options.x.length % Math.max(1, adjacency.rows) !== 0)
    throw new EtalonError(
      'internal',
      `internal: ${options.x.length} values are no rows of ${adjacency.rows} nodes`,
    );
  const chunks = new Chunks({
    adjacency,
    nodeColumns: options.nodeColumns ?? {},
    edgeColumns: options.edgeColumns ?? {},
    chunkNodes: options.chunkNodes ?? CHUNK_NODES,
    chunkEdges: options.chunkEdges ?? CHUNK_EDGES,
  });
  let x = options.x;
  for (const [i, layer] of layers.entries()) {
    const executable = await device.compile(layer.program);
    const report = (done: number) =>
      context.report({
        stage: 'Computing all nodes',
        done,
        total: adjacency.rows,
        unit: 'nodes',
        step: i + 1,
        steps: layers.length,
      });
    try {
      x = await runLayer(executable, layer, chunks, {
        x,
        nodes: adjacency.rows,
        report,
        signal: context.signal,
      });
    } finally {
      await executable.dispose();
    }
  }
  return x;
}

async function runLayer(
  executable: Executable,
  { width, feed }: LayerProgram,
  chunks: Chunks,
  { x, nodes, report, signal }: LayerRun,
): Promise<Float32Array> {
  const next = new Float32Array(nodes * width);
  let chunk = chunks.prepare(0, x);
  while (chunk) {
    throwIfCancelled(signal);
    report(chunk.begin);
    const running = executable.run({ ...feed, ...chunk.feed });
    // Prepared while the device computes, where it does not block the thread.
    const following = chunks.prepare(chunk.end, x);
    const { x: states } = await running;
    next.set(states.subarray(0, (chunk.end - chunk.begin) * width), chunk.begin * width);
    chunk = following;
    await breathe();
  }
  return next;
}

interface LayerRun {
  x: Float32Array;
  nodes: number;
  report: (nodesDone: number) => void;
  signal: AbortSignal;
}
