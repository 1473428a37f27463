import { expect, test } from 'vitest';
import { TimeLeft } from '../../core/app/timeLeft.ts';

/** Reports `done` at a steady pace. */
function drive(
  left: TimeLeft,
  {
    from = 0,
    to,
    secondsEach,
    startS = 0,
  }: {
    from?: number;
    to: number;
    secondsEach: number;
    startS?: number;
  },
): number {
  let nowS = startS;
  for (let done = from; done <= to; done++) {
    left.report({ stage: `Epoch ${done}`, done, total: 100, unit: 'epochs' }, nowS);
    if (done < to) nowS += secondsEach;
  }
  return nowS;
}

test('says nothing before it has seen some of the work', () => {
  const left = new TimeLeft();
  expect(left.secondsLeft(0)).toBeNull();
  left.report({ stage: 'Reading', done: 0, total: 100 }, 0);
  expect(left.secondsLeft(5)).toBeNull();
  left.report({ stage: 'Reading', done: 10, total: 100 }, 0.5);
  expect(left.secondsLeft(0.5)).toBeNull();
});

test('says nothing where the total is unknown', () => {
  const left = new TimeLeft();
  for (let done = 0; done < 10; done++) left.report({ stage: 'Reading', done }, done);
  expect(left.secondsLeft(10)).toBeNull();
});

test('is exact at a steady pace, and counts down between reports', () => {
  const left = new TimeLeft();
  const nowS = drive(left, { to: 30, secondsEach: 2 });
  expect(left.secondsLeft(nowS)).toBeCloseTo(140, 6);
  expect(left.secondsLeft(nowS + 5)).toBeCloseTo(135, 6);
  expect(left.secondsLeft(nowS + 500)).toBe(0);
});

test('follows a change of pace within some reports, without jumping at the first', () => {
  const left = new TimeLeft();
  let nowS = drive(left, { to: 50, secondsEach: 1 });
  nowS = drive(left, { from: 51, to: 51, secondsEach: 0, startS: nowS + 4 });
  const afterOne = left.secondsLeft(nowS)!;
  expect(afterOne).toBeGreaterThan(49);
  expect(afterOne).toBeLessThan(49 * 2.5);
  nowS = drive(left, { from: 52, to: 70, secondsEach: 4, startS: nowS + 4 });
  expect(left.secondsLeft(nowS)! / (30 * 4)).toBeCloseTo(1, 1);
});

test('starts anew with the next stage', () => {
  const left = new TimeLeft();
  const nowS = drive(left, { to: 90, secondsEach: 1 });
  left.report({ stage: 'Saving', done: 0, total: 5, unit: 'files' }, nowS);
  expect(left.secondsLeft(nowS)).toBeNull();
  left.report({ stage: 'Saving', done: 1, total: 5, unit: 'files' }, nowS + 10);
  expect(left.secondsLeft(nowS + 10)).toBeCloseTo(40, 6);
});
