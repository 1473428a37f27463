import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { type Device, type Feed, openDevice } from '../../core/device/index.ts';
import { createWebGpuDevice } from '../../core/device/webgpu/index.ts';
import { AttributionExplainer, type Explained, type PathOptions } from '../../core/explain/index.ts';
import { bindParameters, linear, mlp, ParameterLayout } from '../../core/gnn/index.ts';
import {
  add,
  gather,
  interpret,
  matmul,
  mean,
  mul,
  type Program,
  slice,
  splitGatherMatmul,
  sub,
  sum,
  type Tensor,
  Trace,
  tanh,
} from '../../core/tensor/index.ts';
import { centralDifferences } from '../support/differences.ts';
import { graphProgram } from '../support/graphProgram.ts';
import { relativeError } from '../support/relativeError.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

const random = new Random(4);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());

describe.each([
  ['the CPU device', () => openDevice('cpu'), false],
  [`WebGPU${skipNote}`, () => createWebGpuDevice({ software: true }), noSwiftShader],
] as const)('attributions on %s', (_device, open, isSkipped) => {
  let device: Device;
  beforeAll(async () => {
    if (!isSkipped) device = await open();
  });
  afterAll(() => device?.dispose());

  const using = async <T>(
    program: Program,
    explained: Explained,
    work: (explainer: AttributionExplainer) => Promise<T>,
  ): Promise<T> => {
    const explainer = await AttributionExplainer.compile(device, program, explained);
    try {
      return await work(explainer);
    } finally {
      await explainer.dispose();
    }
  };
  const integrated = (
    program: Program,
    explained: Explained,
    feed: Feed,
    weights: Float32Array,
    options: PathOptions,
  ) => using(program, explained, (explainer) => explainer.integratedGradients(feed, weights, options));

  describe.skipIf(isSkipped)('of a linear model', () => {
    const kernel = [0.5, -2, 3, 1, 0, -1];
    const trace = new Trace();
    const x = trace.input('x', ['rows', 3]);
    const y = add(matmul(x, trace.constant(kernel, [3, 2])), trace.constant([7, 8], [1, 2]));
    const program = trace.program({ y });
    const explained = { output: 'y', inputs: ['x'] };
    const feed = { x: Float32Array.of(1, 2, 3, -4, 5, 6) };
    // Row 1, column 0: x · (0.5, 3, 0).
    const weights = Float32Array.of(0, 0, 1, 0);

    it('are each input times its coefficient', async () => {
      const { byInput, value } = await using(program, explained, (explainer) =>
        explainer.gradientTimesInput(feed, weights),
      );
      expect([...byInput.x].map((v) => v + 0)).toEqual([0, 0, 0, -2, 15, 0]);
      expect(value).toBe(20);
    });

    it.each([1, 5])('along a path of %i steps count from the baseline', async (steps) => {
      const along = (baseline: PathOptions['baseline']) =>
        integrated(program, explained, feed, weights, { baseline, steps });
      const fromZeros = await along('zeros');
      expect(relativeError(fromZeros.byInput.x, [0, 0, 0, -2, 15, 0])).toBeLessThan(1e-6);
      expect(fromZeros.baselineValue).toBeCloseTo(7, 5);
      // Columns have the means −1.5, 3.5, 4.5.
      const fromMeans = await along('means');
      expect(relativeError(fromMeans.byInput.x, [0, 0, 0, -1.25, 4.5, 0])).toBeLessThan(1e-6);
      const fromGiven = await along({ x: Float32Array.of(1, 2, 3, -4, 1, 1) });
      expect(relativeError(fromGiven.byInput.x, [0, 0, 0, 0, 12, 0])).toBeLessThan(1e-6);
    });
  });

  it.skipIf(isSkipped)('of a product halve it', async () => {
    const trace = new Trace();
    const x = trace.input('x', ['rows', 2]);
    const program = trace.program({ y: mul(slice(x, 0, 1), slice(x, 1, 2)) });
    const { byInput, gap } = await integrated(
      program,
      { output: 'y', inputs: ['x'] },
      { x: Float32Array.of(3, 4, 5, -2) },
      Float32Array.of(1, 1),
      { baseline: 'zeros', steps: 8 },
    );
    expect(relativeError(byInput.x, [6, 6, -5, -5])).toBeLessThan(1e-6);
    expect(Math.abs(gap)).toBeLessThan(1e-5);
  });

  it.skipIf(isSkipped)(
    'add up to what the output differs from the baseline’s, the closer the more steps',
    async () => {
      const layout = new ParameterLayout();
      const layer = mlp(layout, 'mlp', 4, [8, 1], { activation: tanh });
      const trace = new Trace();
      const weights = bindParameters(trace, layout);
      // A scalar that joins all rows: steps go one after another.
      const y = mean(layer(weights, trace.input('x', ['rows', 4])));
      const program = trace.program({ y });
      const feed = {
        x: normals(20).map((v) => 2 * v),
        parameters: layout.initialise(random).map((v) => 2 * v),
      };
      const gaps: number[] = [];
      for (const steps of [2, 8, 32]) {
        const { gap, value, baselineValue } = await integrated(
          program,
          { output: 'y', inputs: ['x'] },
          feed,
          Float32Array.of(1),
          { baseline: 'zeros', steps },
        );
        expect(Math.abs(value - baselineValue)).toBeGreaterThan(0.1);
        gaps.push(Math.abs(gap));
      }
      // Four times the steps, a sixteenth of the error.
      expect(gaps[1]).toBeLessThan(gaps[0] / 8);
      expect(gaps[2]).toBeLessThan(gaps[1] / 8 + 1e-6);
    },
  );

  describe.skipIf(isSkipped)('of a graph network', () => {
    const { program, feed } = graphProgram(random);
    const explained = { output: 'nodes', inputs: ['nodeFeatures', 'edgeFeatures'] };
    const weights = new Float32Array(feed.nodeFeatures.length);
    weights[4] = 1;
    const options: PathOptions = { baseline: 'zeros', steps: 6 };

    it('are those of differences in float64 along the path', async () => {
      const actual = await integrated(program, explained, feed, weights, options);
      const expected = pathOfDifferences(program, explained, feed, weights, options.steps);
      for (const name of explained.inputs)
        expect(relativeError(actual.byInput[name], expected[name]), name).toBeLessThan(1e-4);
      expect(actual.value).toBeCloseTo(interpret(program, feed).outputs.nodes[4], 4);
    });

    it('are the same for steps side by side and one after another', async () => {
      const together = await integrated(program, explained, feed, weights, options);
      const apart = await integrated(program, explained, feed, weights, { ...options, rowsAtOnce: 1 });
      const some = await integrated(program, explained, feed, weights, { ...options, rowsAtOnce: 48 });
      for (const name of explained.inputs) {
        expect(relativeError(together.byInput[name], apart.byInput[name])).toBeLessThan(1e-5);
        expect(relativeError(some.byInput[name], apart.byInput[name])).toBeLessThan(1e-5);
      }
    });

    it('do not depend on how the function is written', async () => {
      const rewritten = splitGatherMatmul(program);
      expect(rewritten.nodes.length).not.toBe(program.nodes.length);
      const one = await integrated(program, explained, feed, weights, options);
      const other = await integrated(rewritten, explained, feed, weights, options);
      const times = (of: Program) =>
        using(of, explained, (explainer) => explainer.gradientTimesInput(feed, weights));
      const [first, second] = [await times(program), await times(rewritten)];
      for (const name of explained.inputs) {
        expect(relativeError(one.byInput[name], other.byInput[name])).toBeLessThan(1e-5);
        expect(relativeError(first.byInput[name], second.byInput[name])).toBeLessThan(1e-5);
      }
    });

    it('repeat bit by bit', async () => {
      const once = () => integrated(program, explained, feed, weights, options);
      expect(await once()).toEqual(await once());
    });
  });

  it.skipIf(isSkipped)('refuse what cannot be explained', async () => {
    const trace = new Trace();
    const x = trace.input('x', ['rows', 2]);
    const index = trace.input('index', ['picked'], 'i32');
    const program = trace.program({ y: gather(x, index) });
    const compile = (explained: Explained) => AttributionExplainer.compile(device, program, explained);
    await expect(compile({ output: 'z', inputs: ['x'] })).rejects.toThrow('no output "z"');
    await expect(compile({ output: 'y', inputs: ['index'] })).rejects.toThrow('no gradient');
    await expect(compile({ output: 'y', inputs: ['w'] })).rejects.toThrow('"w"');
    const feed = { x: Float32Array.of(1, 2), index: Int32Array.of(0) };
    const along = (options: PathOptions) =>
      integrated(program, { output: 'y', inputs: ['x'] }, feed, Float32Array.of(1, 1), options);
    await expect(along({ baseline: 'zeros', steps: 0 })).rejects.toThrow('0 steps');
    await expect(along({ baseline: {}, steps: 1 })).rejects.toThrow('baseline of "x"');
  });
});

describe('steps of a path', () => {
  it('go one after another where rows meet by other ways than index inputs', async () => {
    const device = await openDevice('cpu');
    const layout = new ParameterLayout();
    const layer = linear(layout, 'layer', 2, 1);
    const joined: [string, (trace: Trace, x: Tensor) => Tensor][] = [
      ['a mean over rows', (_trace, x) => sub(x, mean(x, [0], true))],
      ['a product over rows', (_trace, x) => matmul(x, matmul(x, x, { transposeA: true }))],
      ['their number', (trace, x) => mul(x, trace.size('rows'))],
    ];
    for (const [what, join] of joined) {
      const trace = new Trace();
      const weights = bindParameters(trace, layout);
      const x = trace.input('x', ['rows', 2]);
      const program = trace.program({ y: tanh(layer(weights, join(trace, x))) });
      const feed = { x: normals(8), parameters: layout.initialise(random).map((v) => v + 0.1) };
      const explained = { output: 'y', inputs: ['x'] };
      const weightsOf = Float32Array.of(0, 0, 1, 0);
      const explainer = await AttributionExplainer.compile(device, program, explained);
      const { byInput } = await explainer.integratedGradients(feed, weightsOf, {
        baseline: 'zeros',
        steps: 5,
      });
      const expected = pathOfDifferences(program, explained, feed, weightsOf, 5);
      expect(relativeError(byInput.x, expected.x), what).toBeLessThan(1e-4);
      await explainer.dispose();
    }
    await device.dispose();
  });
});

/** Integrated gradients from zero by central differences at midpoints of the path, in float64. */
function pathOfDifferences(
  program: Program,
  { output, inputs }: Explained,
  feed: Feed,
  weights: Float32Array,
  steps: number,
): Record<string, Float64Array> {
  const { trace, tensors } = Trace.from(program);
  const y = tensors[program.outputs.find(({ name }) => name === output)!.id];
  const scalar = trace.program({ loss: sum(mul(y, trace.input('w', y.shape))) });
  return Object.fromEntries(
    inputs.map((name) => {
      const total = new Float64Array(feed[name].length);
      for (let k = 0; k < steps; k++) {
        const at = Object.fromEntries(
          inputs.map((each) => [each, Float64Array.from(feed[each], (v) => (v * (k + 0.5)) / steps)]),
        );
        centralDifferences(scalar, { ...feed, ...at, w: weights }, name).forEach((slope, i) => {
          total[i] += (slope * feed[name][i]) / steps;
        });
      }
      return [name, total];
    }),
  );
}
