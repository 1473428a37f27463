import { describe, expect, it } from 'vitest';
import { gaussianNll, huber, l1, l2, weightedMean } from '../../core/gnn/index.ts';
import { gradients, interpret, sum, type Tensor, Trace } from '../../core/tensor/index.ts';
import { centralDifferences } from '../support/differences.ts';
import { relativeError } from '../support/relativeError.ts';

const ERRORS = Float64Array.of(-7, -1.3, -1.1, -0.4, 0.05, 0.9, 1.6, 30);
const LOG_SIGMA = Float64Array.of(-2, -1, 0, 0.5, 1, -0.3, 0.2, 2);

function evaluate(build: (error: Tensor, logSigma: Tensor) => Tensor) {
  const trace = new Trace();
  const error = trace.input('error', ['graphs', 1]);
  const logSigma = trace.input('logSigma', ['graphs', 1]);
  const y = build(error, logSigma);
  const loss = sum(y);
  const [error_, logSigma_] = gradients(loss, [error, logSigma]);
  const program = trace.program({ y, loss, error: error_, logSigma: logSigma_ });
  const inputs = { error: ERRORS, logSigma: LOG_SIGMA };
  return { program, inputs, outputs: interpret(program, inputs).outputs };
}

const phi = (x: number, sigma: number) =>
  Math.exp(-0.5 * (x / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));

const LOSSES: [string, (error: Tensor, logSigma: Tensor) => Tensor, (e: number, s: number) => number][] = [
  ['l1', l1, Math.abs],
  ['l2', l2, (e) => e ** 2],
  [
    'huber, δ = 1.2',
    (error) => huber(error, 1.2),
    (e) => (Math.abs(e) <= 1.2 ? 0.5 * e * e : 1.2 * (Math.abs(e) - 0.6)),
  ],
  // −log of the density itself, less its constant ½ log 2π.
  ['gaussianNll', gaussianNll, (e, s) => -Math.log(phi(e, Math.exp(s))) - 0.5 * Math.log(2 * Math.PI)],
];

describe.each(LOSSES)('%s', (_name, build, formula) => {
  // The density underflows where the error is many deviations off: there the formula says nothing.
  const usable = [...ERRORS.keys()].filter((i) => Number.isFinite(formula(ERRORS[i], LOG_SIGMA[i])));

  it('follows its formula', () => {
    expect(usable.length).toBeGreaterThan(5);
    const { outputs } = evaluate(build);
    expect(
      relativeError(
        usable.map((i) => outputs.y[i]),
        usable.map((i) => formula(ERRORS[i], LOG_SIGMA[i])),
      ),
    ).toBeLessThan(1e-12);
  });

  it.each(['error', 'logSigma'])('has the gradient of finite differences (%s)', (name) => {
    const { program, inputs, outputs } = evaluate(build);
    expect(relativeError(outputs[name], centralDifferences(program, inputs, name))).toBeLessThanOrEqual(1e-6);
  });
});

describe('weightedMean', () => {
  const meanOf = (values: number[], weights: number[]) => {
    const trace = new Trace();
    const loss = weightedMean(trace.input('x', ['graphs', 1]), trace.input('w', ['graphs', 1]));
    const [gradient] = gradients(loss, [trace.inputNamed('x')]);
    const { outputs } = interpret(trace.program({ loss, gradient }), {
      x: Float64Array.from(values),
      w: Float64Array.from(weights),
    });
    return { loss: outputs.loss[0], gradient: [...outputs.gradient] };
  };

  it('weighs', () => {
    const { loss, gradient } = meanOf([1, 5, 100], [2, 1, 0]);
    expect(loss).toBeCloseTo(7 / 3, 12);
    expect(gradient[0]).toBeCloseTo(2 / 3, 12);
    expect(gradient[2]).toBe(0);
  });

  it('of nothing is 0 and pulls at nothing', () => {
    expect(meanOf([3, 4], [0, 0])).toEqual({ loss: 0, gradient: [0, 0] });
  });
});
