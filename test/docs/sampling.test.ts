import { openDevice } from '@etalon/core/device';
import { expect, it } from 'vitest';
import { neighbourMeans } from '../../docs/examples/sampling.ts';

it('the example learns what neighbours are, and knows it of nodes that it never trained on', async () => {
  const device = await openDevice('cpu');
  const explained = await neighbourMeans(device);
  await device.dispose();
  // The label is a function of what the layers see: nothing but training keeps it from 1.
  expect(explained).toBeGreaterThan(0.97);
});
