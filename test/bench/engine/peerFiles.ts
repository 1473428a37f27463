import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Graph, withSelfLoops } from '../../../core/graph/index.ts';
import { type BenchCase, BLOCKS, HEADS, type Model } from './cases.ts';

interface ArrayEntry {
  name: string;
  values: Float32Array | Int32Array;
  shape: readonly number[];
}

/** Writes what the peer reads: the graph, the features, and the parameters that the engine starts from. */
export function writePeerFiles(folder: string, model: Model, hidden: number, bench: BenchCase): void {
  const { batch, graph, layout, state } = bench;
  const arrays: ArrayEntry[] = [
    index('senders', graph.senders),
    index('receivers', graph.receivers),
    index('edgeGraph', graph.edgeGraph),
    index('nodeGraph', graph.nodeGraph),
    column('target', batch.target as Float32Array, graph.nodeCount),
    column('nodeFeatures', batch.nodeFeatures as Float32Array, graph.nodeCount),
    column('degree', inDegree(graph), graph.nodeCount),
  ];
  if (batch.edgeFeatures)
    arrays.push(column('edgeFeatures', batch.edgeFeatures as Float32Array, graph.edgeCount));
  if (batch.graphFeatures)
    arrays.push(column('graphFeatures', batch.graphFeatures as Float32Array, graph.graphCount));
  if (model === 'gcn' || model === 'gat') arrays.push(...looped(model, graph));

  const entries = arrays.map(({ name, values, shape }) => {
    const dtype = values instanceof Int32Array ? 'int32' : 'float32';
    const file = `${name}.bin`;
    writeFileSync(join(folder, file), values);
    return { name, file, dtype, shape };
  });
  writeFileSync(join(folder, 'parameters.f32'), state.parameters);
  const parameters = layout.parameters.map(({ name, offset, size, shape }) => [name, offset, size, shape]);
  writeFileSync(
    join(folder, 'case.json'),
    JSON.stringify({ hidden, heads: HEADS, blocks: BLOCKS, arrays: entries, parameters }),
  );
}

const index = (name: string, values: Int32Array): ArrayEntry => ({ name, values, shape: [values.length] });

const column = (name: string, values: Float32Array, rows: number): ArrayEntry => ({
  name,
  values,
  shape: [rows, values.length / rows],
});

function inDegree({ nodeCount, receivers }: Graph): Float32Array {
  const degree = new Float32Array(nodeCount);
  for (const node of receivers) degree[node]++;
  return degree.map((count) => Math.max(1, count));
}

/** Loops as edges. A graph convolution adds one to every node, attention to those that have none. */
function looped(model: 'gcn' | 'gat', graph: Graph): ArrayEntry[] {
  if (model === 'gat') {
    const { senders, receivers } = withSelfLoops(graph);
    return [index('loopedSenders', senders), index('loopedReceivers', receivers)];
  }
  const loops = Int32Array.from({ length: graph.nodeCount }, (_, node) => node);
  const senders = join32(graph.senders, loops);
  const receivers = join32(graph.receivers, loops);
  const degree = new Float32Array(graph.nodeCount);
  for (const node of receivers) degree[node]++;
  const weights = Float32Array.from(
    senders,
    (sender, edge) => 1 / Math.sqrt(degree[sender] * degree[receivers[edge]]),
  );
  return [
    index('loopedSenders', senders),
    index('loopedReceivers', receivers),
    column('gcnWeight', weights, weights.length),
  ];
}

function join32(a: Int32Array, b: Int32Array): Int32Array {
  const joined = new Int32Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
