import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import { createCpuDevice } from '../../../core/device/cpu/index.ts';
import type { Device } from '../../../core/device/index.ts';
import { bindParameters, localizedConvolution, ParameterLayout } from '../../../core/gnn/index.ts';
import { incomingNeighbours } from '../../../core/graph/index.ts';
import { gather, interpret, mul, segmentSum, Trace } from '../../../core/tensor/index.ts';
import {
  inferByMapJoin,
  type MapJoinLayer,
  partitionsWithin,
  rowsOf,
} from '../../../core/train/inference/index.ts';
import { flowInputs } from '../../../core/train/producers/index.ts';
import { awkwardGraph } from '../../support/awkwardGraph.ts';
import { relativeError } from '../../support/relativeError.ts';

const [INPUTS, MESSAGES, WIDTH] = [5, 6, 4];
const graph = awkwardGraph(new Random(1), { nodes: 230, hub: 300 });
const shares = Float32Array.from({ length: graph.edgeCount }, (_, edge) => 0.1 + (edge % 7));
const adjacency = incomingNeighbours(graph, shares);
const x = Float32Array.from({ length: graph.nodeCount * INPUTS }, normals(new Random(2)));

const layout = new ParameterLayout();
const convolutions = [INPUTS, WIDTH].map((inputs, i) =>
  localizedConvolution(layout, `layer${i}`, { inputs, messages: MESSAGES, outputs: WIDTH }),
);
const parameters = layout.initialise(new Random(3));
const layers = convolutions.map((_, i) => layerOf(i));

const folder = mkdtempSync(join(tmpdir(), 'etalon-map-join-'));
let device: Device;
beforeAll(async () => {
  process.env.TMPDIR = folder;
  device = await createCpuDevice({ threads: 1 });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await device.dispose();
});

function normals(random: Random): () => number {
  return () => random.normal();
}

function layerOf(at: number): MapJoinLayer {
  const { send, update } = convolutions[at];
  const inputs = at === 0 ? INPUTS : WIDTH;
  const mapping = new Trace();
  const map = mapping.program({
    message: send(bindParameters(mapping, layout), mapping.input('x', ['nodes', inputs])),
  });
  const joining = new Trace();
  const [block] = flowInputs(joining, 1);
  const sent = gather(joining.input('message', [block.sources, MESSAGES]), block.senders);
  const pooled = segmentSum(mul(sent, joining.input('share', ['edges0', 1])), block.receivers, block.targets);
  const own = joining.input('x', [block.targets, inputs]);
  const next = update(bindParameters(joining, layout), own, pooled);
  return {
    map,
    join: joining.program({ x: next }),
    messageWidth: MESSAGES,
    width: WIDTH,
    feed: { parameters },
  };
}

/** Both layers at once on the whole graph, in float64. */
function oneShot(): ArrayLike<number> {
  const trace = new Trace();
  const [senders, receivers] = ['senders', 'receivers'].map((name) => trace.input(name, ['edges'], 'i32'));
  const edges = trace.input('shares', ['edges', 1]);
  const weights = bindParameters(trace, layout);
  const states = convolutions.reduce(
    (nodes, { block }) => block(weights, { senders, receivers }, { nodes, edges }).nodes,
    trace.input('x', ['nodes', INPUTS]),
  );
  const feed = { senders: graph.senders, receivers: graph.receivers, shares, x, parameters };
  return interpret(trace.program({ states }), feed).outputs.states;
}

const infer = (partitions: number, chunkNodes = 16, context = quietContext) =>
  inferByMapJoin(device, { adjacency, x: rowsOf(x, INPUTS), layers, partitions, chunkNodes }, context);

describe('inferByMapJoin', () => {
  it('gives what both layers on the whole graph give', async () => {
    expect(relativeError(await infer(4), oneShot())).toBeLessThan(1e-5);
  });

  it('gives the same bits for any number of partitions', async () => {
    const whole = await infer(1);
    for (const partitions of [2, 3, 15, 1000]) expect(await infer(partitions)).toEqual(whole);
  });

  it('computes every node once for each half of each layer, whatever the partitions', async () => {
    const counted: number[] = [];
    const counting: Device = {
      ...device,
      async compile(program) {
        const executable = await device.compile(program);
        const run = executable.run.bind(executable);
        executable.run = (feed) => {
          counted.push(feed.x.length / (counted.length < 30 ? INPUTS : WIDTH));
          return run(feed);
        };
        return executable;
      },
    };
    const options = { adjacency, x: rowsOf(x, INPUTS), layers, partitions: 3, chunkNodes: 16 };
    await inferByMapJoin(counting, options, quietContext);
    expect(counted).toHaveLength(2 * 2 * 15);
    expect(counted.reduce((sum, rows) => sum + rows, 0)).toBe(2 * 2 * graph.nodeCount);
  });

  it('is cancelled between chunks, and leaves no files', async () => {
    // ONNX Runtime keeps files of its own there.
    const states = () => readdirSync(folder).filter((name) => name.startsWith('etalon-states-'));
    const controller = new AbortController();
    const report = ({ stage, done }: { stage: string; done: number }) => {
      if (stage !== 'Joining messages' || done === 0) return;
      expect(states()).toHaveLength(1);
      controller.abort();
    };
    const context = { signal: controller.signal, report };
    await expect(infer(2, 16, context)).rejects.toMatchObject({ code: 'cancelled' });
    expect(states()).toEqual([]);
  });

  it('refuses a graph without shares', async () => {
    const plain = { adjacency: incomingNeighbours(graph), x: rowsOf(x, INPUTS), layers, partitions: 1 };
    await expect(inferByMapJoin(device, plain, quietContext)).rejects.toThrow('needs weights');
  });
});

it('cuts into no more partitions than memory asks for', () => {
  const shape = { nodes: 1000, neighbours: 9, messageWidth: 25 };
  expect(partitionsWithin(100_000, shape)).toBe(1);
  // 99 rows fit less than 10 nodes with their 9 neighbours each.
  expect(partitionsWithin(10_000, shape)).toBe(100);
  expect(partitionsWithin(1, shape)).toBe(1000);
});
