import { expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  bindParameters,
  embedding,
  type Layer,
  layerNorm,
  linear,
  mlp,
  ParameterLayout,
} from '../../core/gnn/index.ts';
import { interpret, type Tensor, Trace, tanh } from '../../core/tensor/index.ts';
import { plainLayerNorm, plainLinear, plainMlp, rowsOf, weightsByName } from '../support/plainGnn.ts';
import { relativeError } from '../support/relativeError.ts';

const ROWS = 6;
const WIDTH = 5;

/** What a layer gives for random rows and weights, and what a formula gives row by row. */
function compare(
  declare: (layout: ParameterLayout) => Layer,
  formula: (weight: (name: string) => number[], row: number[]) => number[],
): void {
  const layout = new ParameterLayout();
  const layer = declare(layout);
  const trace = new Trace();
  const program = trace.program({
    y: layer(bindParameters(trace, layout), trace.input('x', ['nodes', WIDTH])),
  });
  const random = new Random(5);
  const parameters = Float64Array.from({ length: layout.size }, () => random.normal());
  const x = Float64Array.from({ length: ROWS * WIDTH }, () => random.normal());
  const { outputs } = interpret(program, { parameters, x });
  const expected = rowsOf(x, WIDTH).flatMap((row) => formula(weightsByName(layout, parameters), row));
  expect(relativeError(outputs.y, expected)).toBeLessThan(1e-12);
}

it('linear is x·W + b', () => {
  compare(
    (layout) => linear(layout, 'l', WIDTH, 3),
    (weight, row) => plainLinear(weight, 'l', row),
  );
});

it('layer norm has mean 0 and variance 1 before gain and bias', () => {
  compare(
    (layout) => layerNorm(layout, 'n', WIDTH),
    (weight, row) => plainLayerNorm(weight, 'n', row),
  );
});

it.each([true, false])('an MLP activates after every layer, the last included (norm: %s)', (norm) => {
  compare(
    (layout) => mlp(layout, 'm', WIDTH, [7, 4, 3], { norm }),
    (weight, row) => plainMlp(weight, 'm', row, { layers: 3, norm }),
  );
});

it('an MLP takes another activation', () => {
  compare(
    (layout) => mlp(layout, 'm', WIDTH, [7, 4], { activation: tanh }),
    (weight, row) => plainMlp(weight, 'm', row, { layers: 2, norm: false, activation: Math.tanh }),
  );
});

it('an embedding is a row of its table, and says nothing before training', () => {
  const layout = new ParameterLayout();
  const layer = embedding(layout, 'e', 4, 2);
  const trace = new Trace();
  const index: Tensor = trace.input('index', ['nodes'], 'i32');
  const program = trace.program({ y: layer(bindParameters(trace, layout), index) });
  const rows = (parameters: Float64Array) =>
    interpret(program, { parameters, index: Int32Array.of(3, 0, 3) }).outputs.y;
  expect([...rows(Float64Array.of(10, 11, 20, 21, 30, 31, 40, 41))]).toEqual([40, 41, 10, 11, 40, 41]);
  expect([...layout.initialise(new Random(1))]).toEqual(Array(8).fill(0));
});
