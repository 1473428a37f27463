import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { createCpuDevice } from '../../core/device/cpu/index.ts';
import type { Device } from '../../core/device/types.ts';
import { softmaxRegression } from '../../core/train/index.ts';

const [ROWS, WIDTH, CLASSES] = [300, 4, 3];
let device: Device;
beforeAll(async () => {
  device = await createCpuDevice({ threads: 1 });
});
afterAll(() => device.dispose());

function drawn(seed: number) {
  const random = new Random(seed);
  const values = Float32Array.from({ length: ROWS * WIDTH }, () => random.normal());
  const labels = Int32Array.from({ length: ROWS }, (_, row) => {
    const [a, b] = [values[row * WIDTH], values[row * WIDTH + 1]];
    return a + 0.7 * random.normal() > 0.5 ? 0 : b + 0.7 * random.normal() > 0 ? 1 : 2;
  });
  return { values, labels };
}

it('ends where the gradient of the penalised likelihood is 0', async () => {
  const { values, labels } = drawn(1);
  const penalty = 0.01;
  const model = await softmaxRegression(
    { values, labels },
    { device, classes: CLASSES, penalties: [penalty], random: new Random(1) },
  );
  const probabilities = model.probabilities(values);
  const slope = new Float64Array(WIDTH * CLASSES);
  const interceptSlope = new Float64Array(CLASSES);
  for (let row = 0; row < ROWS; row++)
    for (let c = 0; c < CLASSES; c++) {
      const error = (probabilities[row * CLASSES + c] - Number(labels[row] === c)) / ROWS;
      interceptSlope[c] += error;
      for (let k = 0; k < WIDTH; k++) slope[k * CLASSES + c] += error * values[row * WIDTH + k];
    }
  slope.forEach((value, i) => {
    expect(Math.abs(value + 2 * penalty * model.weights[i])).toBeLessThan(2e-4);
  });
  for (const value of interceptSlope) expect(Math.abs(value)).toBeLessThan(2e-4);
});

it('says the shares of the classes where nothing is known of the rows', async () => {
  const labels = Int32Array.from({ length: 40 }, (_, row) => (row < 10 ? 0 : row < 30 ? 1 : 2));
  const model = await softmaxRegression(
    { values: new Float32Array(40), labels },
    { device, classes: 3, penalties: [0.1], random: new Random(1) },
  );
  const [first, second, third] = model.probabilities(new Float32Array(1));
  expect(first).toBeCloseTo(0.25, 3);
  expect(second).toBeCloseTo(0.5, 3);
  expect(third).toBeCloseTo(0.25, 3);
});

it('takes the penalty with the least loss on validation', async () => {
  const model = await softmaxRegression(drawn(1), {
    device,
    classes: CLASSES,
    penalties: [100, 0.001],
    validation: drawn(2),
    random: new Random(1),
  });
  expect(model.penalty).toBe(0.001);
});
