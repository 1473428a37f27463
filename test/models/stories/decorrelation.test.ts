import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import { openDevice } from '../../../core/device/index.ts';
import { Trace } from '../../../core/tensor/index.ts';
import { fitNormalisation } from '../../../models/normalisation.ts';
import { decorrelated, mixedProduct } from '../../../models/stories/decorrelation.ts';

const ROWS = 4000;
const names = ['count', 'sum', 'other'];
const random = new Random(3);
/** Two columns that are nearly the same, and one beside them. */
const values = new Float32Array(ROWS * 3);
for (let row = 0; row < ROWS; row++) {
  const count = 5 + 2 * random.normal();
  values.set([count, 3 * count + random.normal(), random.normal()], 3 * row);
}
const scaling = fitNormalisation(
  values,
  names.map((name) => ({ name })),
);
const fitted = decorrelated(values, scaling);

describe('decorrelation', () => {
  it('mixes columns so that their covariance C becomes C (C + 0.05)⁻¹: M (C + 0.05) M is the identity', () => {
    const at = (i: number, j: number) => fitted.mixing[3 * i + j];
    const covariance = (i: number, j: number) => {
      let sum = 0;
      for (let row = 0; row < ROWS; row++) sum += scaled(row, i) * scaled(row, j);
      return sum / ROWS + (i === j ? 0.05 : 0);
    };
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        let sum = 0;
        for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) sum += at(i, a) * covariance(a, b) * at(b, j);
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 4);
        expect(at(i, j)).toBeCloseTo(at(j, i), 6);
      }
  });

  it('stretches the small difference of two columns that are nearly the same', () => {
    const difference = [1, -1, 0].map((_, j) => fitted.mixing[j] - fitted.mixing[3 + j]);
    expect(Math.hypot(...difference)).toBeGreaterThan(3 * Math.SQRT2);
    expect(fitted.mixing[8]).toBeCloseTo(1 / Math.sqrt(1.05), 2);
  });

  it('is what a kernel is multiplied with, after scaling', async () => {
    const device = await openDevice('cpu');
    try {
      const trace = new Trace();
      const product = mixedProduct(trace.input('x', ['rows', 3]), fitted, trace.input('kernel', [3, 2]));
      const kernel = Float32Array.of(0.5, -1, 2, 0.25, -0.75, 1);
      const executable = await device.compile(trace.program({ product }));
      const outputs = await executable.run({ x: values.subarray(0, 30), kernel });
      for (let row = 0; row < 10; row++)
        for (let out = 0; out < 2; out++) {
          let sum = 0;
          for (let i = 0; i < 3; i++)
            for (let j = 0; j < 3; j++)
              sum += scaled(row, i) * fitted.mixing[3 * i + j] * kernel[2 * j + out];
          expect(outputs.product[2 * row + out]).toBeCloseTo(sum, 3);
        }
    } finally {
      await device.dispose();
    }
  });
});

function scaled(row: number, column: number): number {
  return (values[3 * row + column] - scaling.mean[column]) / scaling.deviation[column];
}
