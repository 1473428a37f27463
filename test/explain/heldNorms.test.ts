import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { type Device, openDevice } from '../../core/device/index.ts';
import { AttributionExplainer, holdNorms } from '../../core/explain/index.ts';
import { cosine } from '../../core/gnn/index.ts';
import { interpret, matmul, type Program, Trace } from '../../core/tensor/index.ts';

const WIDTH = 5;
const random = new Random(6);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
const feed = { q: normals(4), d: normals(3), wq: normals(4 * WIDTH), wd: normals(3 * WIDTH) };

/** The cosine of two vectors that are sums of parts: q·W_q and d·W_d. */
function cosineOfSums(): Program {
  const trace = new Trace();
  const sum = (parts: string, kernel: string, count: number) =>
    matmul(trace.input(parts, [1, count]), trace.input(kernel, [count, WIDTH]));
  return trace.program({ score: cosine(sum('q', 'wq', 4), sum('d', 'wd', 3)) });
}

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu');
});
afterAll(() => device.dispose());

it('leaves values as they are', () => {
  const score = (program: Program) => interpret(program, feed).outputs.score[0];
  expect(score(holdNorms(cosineOfSums()))).toBeCloseTo(score(cosineOfSums()), 12);
});

it('gives each part of either side half of its products with the other side', async () => {
  const shares = async (program: Program) => {
    const explainer = await AttributionExplainer.compile(device, program, {
      output: 'score',
      inputs: ['q', 'd'],
    });
    return explainer.gradientTimesInput(feed, Float32Array.of(1));
  };
  const part = (values: Float32Array, kernel: Float32Array, i: number) =>
    Array.from({ length: WIDTH }, (_, k) => values[i] * kernel[i * WIDTH + k]);
  const inner = (a: number[], b: number[]) => a.reduce((sum, v, k) => sum + v * b[k], 0);
  const total = (parts: number[][]) => parts[0].map((_, k) => parts.reduce((sum, p) => sum + p[k], 0));
  const qs = [0, 1, 2, 3].map((i) => part(feed.q, feed.wq, i));
  const ds = [0, 1, 2].map((i) => part(feed.d, feed.wd, i));
  const [q, d] = [total(qs), total(ds)];
  const norms = Math.sqrt(inner(q, q) * inner(d, d));

  const { byInput, value } = await shares(holdNorms(cosineOfSums()));
  qs.forEach((own, i) => {
    expect(byInput.q[i]).toBeCloseTo(inner(own, d) / norms, 5);
  });
  ds.forEach((own, i) => {
    expect(byInput.d[i]).toBeCloseTo(inner(own, q) / norms, 5);
  });
  const sum = [...byInput.q, ...byInput.d].reduce((a, b) => a + b, 0);
  expect(sum / 2).toBeCloseTo(value, 5);

  // Without: a cosine does not change as a vector grows, so that its parts' shares cancel.
  const free = await shares(cosineOfSums());
  expect(free.byInput.q.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 5);
});
