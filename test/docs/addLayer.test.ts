import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@etalon/core/base';
import { openDevice } from '@etalon/core/device';
import { bindParameters, graphInputs, l2, ParameterLayout } from '@etalon/core/gnn';
import { exportModel } from '@etalon/core/onnx';
import { gradients, interpret, mean, sub, Trace } from '@etalon/core/tensor';
import { describe, expect, it } from 'vitest';
import { isomorphismLayer } from '../../docs/examples/isomorphismLayer.ts';
import { train } from '../../docs/examples/training.ts';
import { centralDifferences } from '../support/differences.ts';
import { plainMlp, rowsOf, weightsByName } from '../support/plainGnn.ts';
import { randomGraph } from '../support/randomGraph.ts';
import { relativeError } from '../support/relativeError.ts';
import { runOnnxElsewhere } from '../support/runOnnxElsewhere.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

/** The layer that docs/engine.md adds with nothing but the public surface is whole: right, differentiable, trained, exported. */

const [INPUTS, HIDDEN, OUTPUTS] = [3, 8, 2];
const random = new Random(2);
const normal = (length: number) => Float32Array.from({ length }, () => random.normal());
const graph = randomGraph(random, { nodes: 9, edges: 20 });
const structure = {
  x: normal(graph.nodeCount * INPUTS),
  senders: graph.senders,
  receivers: graph.receivers,
  edgeGraph: graph.edgeGraph,
  nodeGraph: graph.nodeGraph,
};

const layout = new ParameterLayout();
const layer = isomorphismLayer(layout, 'gin', INPUTS, [HIDDEN, OUTPUTS]);
const trace = new Trace();
const x = trace.input('x', ['nodes', INPUTS]);
const y = layer(bindParameters(trace, layout), graphInputs(trace), { nodes: x }).nodes;
const forward = trace.program({ y });
const loss = mean(l2(sub(y, trace.input('target', ['nodes', OUTPUTS]))));
const [gradient] = gradients(loss, [trace.inputNamed('parameters')]);
const network = { layout, forward, loss: trace.program({ loss, gradient }) };
const parameters = normal(layout.size);
// What the same layer says with weights of its own: there is something to be learned, and it can be.
const target = Float32Array.from(
  interpret(forward, { ...structure, parameters: normal(layout.size) }).outputs.y,
);
const feed = { ...structure, target };

it('follows its equation', () => {
  const weight = weightsByName(layout, parameters);
  const nodes = rowsOf(feed.x, INPUTS);
  const expected = nodes.flatMap((own, v) => {
    const total = own.map((value) => (1 + weight('gin.epsilon')[0]) * value);
    graph.receivers.forEach((receiver, e) => {
      if (receiver !== v) return;
      for (const [k, value] of nodes[graph.senders[e]].entries()) total[k] += value;
    });
    return plainMlp(weight, 'gin.update', total, { layers: 2, norm: false });
  });
  const { outputs } = interpret(forward, { ...feed, parameters });
  expect(relativeError(outputs.y, expected)).toBeLessThan(1e-12);
});

it('has the gradient of finite differences', () => {
  const inputs = { ...feed, parameters };
  const { outputs } = interpret(network.loss, inputs);
  const expected = centralDifferences(network.loss, inputs, 'parameters');
  expect(relativeError(outputs.gradient, expected)).toBeLessThanOrEqual(1e-6);
});

describe.each(['cpu', 'webgpu:software'] as const)('on %s', (choice) => {
  const skip = choice !== 'cpu' && noSwiftShader;

  it.skipIf(skip)(`says what the reference says, and trains${skip ? skipNote : ''}`, async () => {
    const device = await openDevice(choice);
    const executable = await device.compile(network.loss);
    const outputs = await executable.run({ ...feed, parameters });
    for (const [name, values] of Object.entries(interpret(network.loss, { ...feed, parameters }).outputs))
      expect(relativeError(outputs[name], values), name).toBeLessThanOrEqual(1e-4);

    const trained = await train(device, network, Array(60).fill(feed), { learningRate: 0.05, seed: 1 });
    const lossOf = async (weights: Float32Array) =>
      (await executable.run({ ...feed, parameters: weights })).loss[0];
    const start = layout.initialise(new Random(1));
    expect(await lossOf(trained)).toBeLessThan(0.5 * (await lossOf(start)));
    await device.dispose();
  });
});

it('is exported as a file that says the same elsewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-layer-'));
  const file = join(folder, 'gin.onnx');
  const info = { doc: '', docs: {}, metadata: {}, producer: { name: 'test', version: '1' } };
  writeFileSync(file, exportModel(forward, { ...info, parameters: { parameters } }));
  const [elsewhere] = runOnnxElsewhere([{ file, feed }]);
  rmSync(folder, { recursive: true });
  const { outputs } = interpret(forward, { ...feed, parameters });
  expect(relativeError(elsewhere.y, outputs.y)).toBeLessThanOrEqual(1e-4);
});
