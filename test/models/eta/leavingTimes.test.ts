import { describe, expect, it } from 'vitest';
import { leavingTimes } from '../../../models/eta/leavingTimes.ts';

const ARRIVE_S = 30_000;

/** P(T ≤ t) of the log-normal with this median and this 90 % quantile, by the error function's series (Abramowitz & Stegun 7.1.5). */
function shareInTime(seconds: number, medianS: number, highS: number): number {
  const sigma = Math.log(highS / medianS) / 1.2815515655446004;
  const x = Math.log(seconds / medianS) / sigma / Math.SQRT2;
  let [sum, term] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return 0.5 + sum / Math.sqrt(Math.PI);
}

describe('leaving times', () => {
  it('leave as much time as the distribution asks for', async () => {
    const leaving = await leavingTimes(
      async () => ({ seconds: 1000, lowS: 800, highS: 1400 }),
      ARRIVE_S,
      ARRIVE_S - 500,
    );
    expect(leaving.map(({ share }) => share)).toEqual([0.5, 0.8, 0.9, 0.95]);
    for (const { share, localDepartS } of leaving) {
      expect(shareInTime(ARRIVE_S - localDepartS, 1000, 1400)).toBeGreaterThanOrEqual(share - 1e-5);
      expect(shareInTime(ARRIVE_S - localDepartS - 2.6, 1000, 1400)).toBeLessThan(share);
    }
  });

  it('hold where the times change with the departure', async () => {
    const at = (departS: number) => 900 + 0.6 * (departS - 28_000);
    const leaving = await leavingTimes(
      async (departS) => ({ seconds: at(departS), lowS: 0.8 * at(departS), highS: 1.3 * at(departS) }),
      ARRIVE_S,
      ARRIVE_S,
    );
    for (const [i, z] of [0, 0.841621, 1.281552, 1.644854].entries()) {
      const { localDepartS } = leaving[i];
      const arrival = (departS: number) => departS + at(departS) * 1.3 ** (z / 1.281552);
      expect(arrival(localDepartS)).toBeLessThanOrEqual(ARRIVE_S);
      expect(arrival(localDepartS + 5)).toBeGreaterThan(ARRIVE_S);
    }
  });

  it('are in time where times jump', async () => {
    // From 29,000 on it takes 1,200 s, before 900 s: the arrival jumps over the wanted one.
    const [half] = await leavingTimes(
      async (departS) => {
        const seconds = departS >= 29_000 ? 1200 : 900;
        return { seconds, lowS: seconds, highS: seconds };
      },
      ARRIVE_S,
      ARRIVE_S,
    );
    // In time is whoever leaves by 28,800, or just before the jump.
    expect(half.localDepartS).toBeLessThan(29_000);
    expect(half.localDepartS).toBeGreaterThanOrEqual(ARRIVE_S - 1200);
  });
});
