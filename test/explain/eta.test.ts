import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { type Device, openDevice } from '../../core/device/index.ts';
import { AttributionExplainer, weighMessages } from '../../core/explain/index.ts';
import { rowAxes } from '../../core/explain/repeat.ts';
import { pathGraphs } from '../../core/graph/index.ts';
import { interpret } from '../../core/tensor/index.ts';
import { etaNetwork } from '../../models/eta/network.ts';
import { parseEtaSettings } from '../../models/eta/settings.ts';
import type { Normalisation } from '../../models/normalisation.ts';
import { relativeError } from '../support/relativeError.ts';

const random = new Random(2);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
const unit = (count: number): Normalisation => ({
  names: Array.from({ length: count }, (_, i) => `f${i}`),
  mean: new Array<number>(count).fill(0.1),
  deviation: new Array<number>(count).fill(1.3),
});
const shape = { segments: 20, supersegments: 0, nodes: unit(3), edges: unit(2), graphs: unit(2) };
const { layout, forward } = etaNetwork(shape, { ...parseEtaSettings({}), segmentEmbedding: 8, hidden: 6 });
const graph = pathGraphs([5, 1, 7]);
const feed = {
  // Heads start at 0 and would explain nothing.
  parameters: normals(layout.size).map((value) => 0.3 * value),
  nodeFeatures: normals(3 * graph.nodeCount),
  edgeFeatures: normals(2 * graph.edgeCount),
  graphFeatures: normals(2 * graph.graphCount),
  senders: graph.senders,
  receivers: graph.receivers,
  edgeGraph: graph.edgeGraph,
  nodeGraph: graph.nodeGraph,
  segment: Int32Array.from({ length: graph.nodeCount }, () => random.int(20)),
  roadClass: Int32Array.from({ length: graph.nodeCount }, () => random.int(4)),
  onRoute: new Float32Array(graph.nodeCount).fill(1),
  expectedS: Float32Array.from({ length: graph.nodeCount }, () => 10 + 20 * random.uniform()),
  tripConstantS: new Float32Array(graph.graphCount).fill(5),
};

describe('the travel-time network', () => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice('cpu');
  });
  afterAll(() => device.dispose());

  it('has each second of a path put down to features of that path', async () => {
    const inputs = ['nodeFeatures', 'edgeFeatures', 'graphFeatures'];
    expect(rowAxes(forward, { output: 'total', inputs })).toBeDefined();
    const explainer = await AttributionExplainer.compile(device, forward, { output: 'total', inputs });
    const { byInput, value, baselineValue, gap } = await explainer.integratedGradients(
      feed,
      Float32Array.of(0, 0, 1),
      { baseline: 'means', steps: 64 },
    );
    expect(value).toBeCloseTo(interpret(forward, feed).outputs.total[2], 2);
    expect(Math.abs(value - baselineValue)).toBeGreaterThan(1);
    expect(Math.abs(gap)).toBeLessThan(0.02 * Math.abs(value - baselineValue));
    // The last seven nodes are those of the path.
    const ofOthers = byInput.nodeFeatures.subarray(0, 3 * 6);
    expect(Math.max(...ofOthers.map(Math.abs))).toBe(0);
    await explainer.dispose();
  });

  it('says without messages what paths of single segments say, together', () => {
    const messages = { indices: ['receivers', 'edgeGraph'] };
    const masked = weighMessages(forward, messages, (trace) => trace.input('factor', ['edges', 1]));
    const muted = interpret(masked, { ...feed, factor: new Float32Array(graph.edgeCount) }).outputs.total;
    const none = new Int32Array(0);
    const without = interpret(forward, {
      ...feed,
      edgeFeatures: new Float32Array(0),
      senders: none,
      receivers: none,
      edgeGraph: none,
    }).outputs.total;
    expect(relativeError(muted, without)).toBeLessThan(1e-12);
    expect(relativeError(muted, interpret(forward, feed).outputs.total)).toBeGreaterThan(1e-3);
  });
});
