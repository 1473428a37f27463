import { openDevice } from '@etalon/core/device';
import { expect, it } from 'vitest';
import { friendship } from '../../docs/examples/tables.ts';

it('the example tells friends from strangers, and holds memory for those it met alone', async () => {
  const device = await openDevice('cpu');
  const { right, touched } = await friendship(device);
  await device.dispose();
  // Groups are all there is to know: nothing keeps an answer from being right.
  expect(right).toBeGreaterThan(0.99);
  expect(touched).toBe(1000);
});
