import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import { createCpuDevice } from '../../../core/device/cpu/index.ts';
import { bindParameters, ParameterLayout } from '../../../core/gnn/index.ts';
import { gatherRows, incomingNeighbours, largestFlow, NeighbourSampler } from '../../../core/graph/index.ts';
import { interpret, Trace } from '../../../core/tensor/index.ts';
import { inferLayerwise } from '../../../core/train/inference/index.ts';
import { flowFeed, flowFields, flowInputs, writeFlow } from '../../../core/train/producers/flow.ts';
import { createRing, Ring } from '../../../core/train/producers/ring.ts';
import { awkwardGraph } from '../../support/awkwardGraph.ts';
import { relativeError } from '../../support/relativeError.ts';
import { sageLayers, sageOnFlow, sagePrograms } from '../../support/sageLayers.ts';

const WIDTHS = [4, 6, 3];
const adjacency = incomingNeighbours(awkwardGraph(new Random(1), { nodes: 80, hub: 200 }));

describe('message flows', () => {
  it('of whole neighbourhoods give the seeds the states that the whole graph gives them', async () => {
    const random = new Random(2);
    const layout = new ParameterLayout();
    const trace = new Trace();
    const layers = sageLayers(layout, WIDTHS);
    const weights = bindParameters(trace, layout);
    const program = trace.program({ states: sageOnFlow(trace, layers, weights, WIDTHS[0]) });
    const parameters = layout.initialise(random);
    const features = Float32Array.from({ length: 80 * WIDTHS[0] }, () => random.normal());
    const seeds = Int32Array.of(0, 79, 13, 0);
    const flow = new NeighbourSampler(adjacency, [Infinity, Infinity]).sample(seeds, random);
    const x = new Float32Array(flow.nodes.length * WIDTHS[0]);
    gatherRows(features, WIDTHS[0], flow.nodes, x);
    const { outputs } = interpret(program, { ...flowFeed(flow.blocks), x, parameters });

    const device = await createCpuDevice({ threads: 1 });
    const one = sagePrograms(WIDTHS).programs.map((layer) => ({ ...layer, feed: { parameters } }));
    const whole = await inferLayerwise(device, { adjacency, x: features, layers: one }, quietContext);
    await device.dispose();
    const rowOf = (states: ArrayLike<number>, row: number) =>
      Array.from({ length: 3 }, (_, k) => states[row * 3 + k]);
    seeds.forEach((seed, i) => {
      expect(relativeError(rowOf(outputs.states, flow.seedRows[i]), rowOf(whole, seed))).toBeLessThan(1e-5);
    });
  });

  it('go through a ring as they are', () => {
    const fanouts = [3, 2];
    const sampler = new NeighbourSampler(adjacency, fanouts);
    const fields = flowFields(largestFlow(80, 10, fanouts));
    const ring = new Ring(createRing({ fields, slots: 2, first: 0, end: 5 }));
    const random = new Random(3);
    for (let batch = 0; batch < 5; batch++) {
      const seeds = Int32Array.from({ length: random.int(11) }, () => random.int(80));
      const flow = sampler.sample(seeds, random);
      writeFlow(flow, ring.slot(batch));
      expect(ring.slot(batch).feed()).toEqual(flowFeed(flow.blocks));
    }
    const trace = new Trace();
    flowInputs(trace, 2);
    expect(trace.nodes.map(({ op }) => op.kind === 'input' && op.name)).toEqual(
      fields.map(({ name }) => name),
    );
  });
});
