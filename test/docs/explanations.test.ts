import { openDevice } from '@etalon/core/device';
import { expect, it } from 'vitest';
import { delays, FEEDING_S, OWN_S } from '../../docs/examples/explanations.ts';

it('the example puts a delay down to the jams and turns that made it', async () => {
  const device = await openDevice('cpu');
  const { road, day, value, gap, byRoad, byTurn } = await delays(device);
  await device.dispose();

  const entering = [...day.receivers.entries()].filter(([, to]) => to === road).map(([turn]) => turn);
  const expected = day.jam.map((jam, r) => {
    const feeding = entering.filter((turn) => day.senders[turn] === r).length;
    return jam * (feeding * FEEDING_S + (r === road ? OWN_S : 0));
  });
  byRoad.forEach((seconds, r) => void expect(seconds).toBeCloseTo(expected[r], 1));
  expect(value).toBeCloseTo(
    expected.reduce((a, b) => a + b, 0),
    0,
  );
  expect(Math.abs(gap)).toBeLessThan(1e-4);

  const jammed = entering.filter((turn) => day.jam[day.senders[turn]] > 0);
  const free = entering.filter((turn) => day.jam[day.senders[turn]] === 0);
  expect(jammed.length).toBeGreaterThan(1);
  expect(free.length).toBeGreaterThan(1);
  expect(Math.min(...jammed.map((turn) => byTurn[turn]))).toBeGreaterThan(
    2 * Math.max(...free.map((turn) => byTurn[turn])),
  );
  byTurn.forEach((mask, turn) => {
    if (!entering.includes(turn)) expect(mask).toBe(0);
  });
});
