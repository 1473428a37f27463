import { describe, expect, it } from 'vitest';
import { ObservationColumns } from '../../../core/roads/index.ts';
import { calibrateHorizon } from '../../../models/speeds/calibration.ts';
import { speedGraph } from '../../../models/speeds/graph.ts';
import {
  commonInterval,
  observedSegments,
  type SpeedMatrix,
  speedMatrix,
} from '../../../models/speeds/matrix.ts';
import { fitPersistence } from '../../../models/speeds/prepare.ts';
import { expectedSpeeds, profileSums } from '../../../models/speeds/profile.ts';
import { parseSpeedSettings } from '../../../models/speeds/settings.ts';
import { lastDeviation, nodeColumns, speedSource, windowRows } from '../../../models/speeds/windows.ts';
import { STEP_S } from '../../support/detectorDays.ts';
import { sketchNetwork } from '../../support/network.ts';

const DAY_STEPS = 288;
/** A Monday. */
const MONDAY = Date.UTC(2024, 4, 6) / 1000;

const observed = (
  rows: readonly [segment: number, atS: number, kmh: number, vehicles?: number, lasts?: number][],
) => {
  const columns = new ObservationColumns();
  for (const [segment, localStartS, speedKmh, vehicles = Number.NaN, durationS = STEP_S] of rows)
    columns.push({ segment, startS: localStartS, localStartS, durationS, speedKmh, vehicles });
  return columns.take();
};

/** Whole days of one segment and another that always stands at 30; NaN for missing. */
const matrixOf = (days: number, kmh: (day: number, step: number) => number): SpeedMatrix => ({
  segments: Int32Array.of(0, 2),
  stepS: STEP_S,
  firstStep: MONDAY / STEP_S,
  steps: days * DAY_STEPS,
  speedKmh: Float32Array.from({ length: days * DAY_STEPS * 2 }, (_, k) => {
    const row = Math.floor(k / 2);
    return k % 2 ? 30 : kmh(Math.floor(row / DAY_STEPS), row % DAY_STEPS);
  }),
});

/** Four segments in a line, 1 km each. */
const line = sketchNetwork(
  Array.from({ length: 5 }, (_, i): [number, number] => [i / 100, 0]),
  Array.from({ length: 4 }, (_, i) => ({ from: i, to: i + 1, lengthM: 1000 })),
);

describe('the matrix of speeds', () => {
  it('lays observations into the step that they end in, averages by vehicles, and leaves the rest unknown', () => {
    const set = observed([
      [5, 0, 40, 1],
      [5, 0, 70, 2],
      [9, 600, 50],
      // From 250 s to 550 s: known at 550 s, in the second step.
      [9, 250, 20],
    ]);
    const matrix = speedMatrix(set, observedSegments(set), STEP_S);
    expect([...matrix.segments]).toEqual([5, 9]);
    expect([matrix.firstStep, matrix.steps]).toEqual([0, 3]);
    expect([...matrix.speedKmh]).toEqual([60, NaN, NaN, 20, NaN, 50]);
  });

  it('takes the most frequent interval as its step', () => {
    const rows: [number, number, number, number, number][] = [300, 60, 300].map((s, i) => [0, i, 1, 1, s]);
    expect(commonInterval(observed(rows))).toBe(300);
  });

  it('refuses more than memory holds, and says what helps', () => {
    const far = observed([
      [0, 0, 40],
      [0, 300 * 2 ** 29, 40],
    ]);
    expect(() => speedMatrix(far, Int32Array.of(0), STEP_S)).toThrow(/too many to hold/);
  });
});

describe('the history', () => {
  it('is what other days say: never the day itself, of the day type first', () => {
    // Day d of a fortnight stands at 40 + d: a Monday is told the mean of other weekdays, pulled to what wider groups say.
    const matrix = matrixOf(14, (day) => 40 + day);
    const sums = profileSums(matrix);
    const expected = expectedSpeeds(sums, matrix, 3);
    expect(expected.length).toBe((14 * DAY_STEPS + 3) * 2);
    const noon = 144;
    const others = (wanted: (day: number) => boolean, not: number) =>
      Array.from({ length: 14 }, (_, day) => day).filter((day) => wanted(day) && day !== not);
    const pulled = (days: number[], pull: number, to: number) =>
      (days.reduce((sum, day) => sum + 40 + day, 0) + pull * to) / (days.length + pull);
    for (const day of [0, 5, 9, 13]) {
      const all = others(() => true, day);
      const mean = pulled(all, 0, 0);
      const weekend = day % 7 > 4;
      const type = day % 7 === 5 ? [5] : day % 7 === 6 ? [6] : [0, 1, 2, 3, 4];
      const ofType = pulled(
        others((d) => type.includes(d % 7), day),
        0.3,
        pulled(all, 0.3, mean),
      );
      const same = others((d) => d % 7 === day % 7, day);
      expect([day, weekend, expected[(day * DAY_STEPS + noon) * 2]]).toEqual([
        day,
        weekend,
        expect.closeTo(pulled(same, 1, ofType), 3),
      ]);
    }
    // Beyond the fortnight, a Monday is told of both.
    const after = pulled(
      [0, 7],
      1,
      pulled(
        others((d) => d % 7 < 5, -1),
        0.3,
        pulled(
          others(() => true, -1),
          0.3,
          46.5,
        ),
      ),
    );
    expect(expected[14 * DAY_STEPS * 2]).toBeCloseTo(after, 3);
  });

  it('does not change with the speeds of the day that it speaks to', () => {
    const calm = matrixOf(5, () => 50);
    const jam = matrixOf(5, (day) => (day === 3 ? 5 : 50));
    const at = (matrix: SpeedMatrix, day: number) =>
      expectedSpeeds(profileSums(matrix), matrix)[(day * DAY_STEPS + 100) * 2];
    expect(at(jam, 3)).toBeCloseTo(at(calm, 3), 4);
    expect(at(jam, 2)).toBeLessThan(at(calm, 2) - 1);
  });

  it('averages no missing observation in', () => {
    const gaps = matrixOf(4, (day, step) => (day === 1 && step > 100 ? Number.NaN : 50));
    const expected = expectedSpeeds(profileSums(gaps), gaps);
    expect(Math.min(...expected.filter((_, k) => k % 2 === 0))).toBeCloseTo(50, 4);
  });
});

describe('a window', () => {
  const settings = parseSpeedSettings({ historyMinutes: 15 });
  const matrix = matrixOf(3, (day, step) =>
    day === 1 && step >= 50 && step < 60 ? Number.NaN : 50 + (step % 7),
  );
  const source = speedSource(
    line,
    matrix,
    speedGraph(line, matrix.segments, 8),
    profileSums(matrix),
    settings,
  );
  const columns = nodeColumns(source);
  const value = (name: string, row: number) =>
    columns.find((column) => column.name === name)!.value({ source, row, i: 0, segment: 0 });

  it('tells a missing observation as a 0 that is marked unknown', () => {
    const row = DAY_STEPS + 51;
    expect([0, 1, 2].map((ago) => value(`known${ago}`, row))).toEqual([0, 0, 1]);
    expect([0, 1].map((ago) => value(`deviation${ago}`, row))).toEqual([0, 0]);
    const known = DAY_STEPS + 49;
    expect(value('deviation2', row)).toBeCloseTo(50 + (49 % 7) - source.expectedKmh[known * 2], 4);
    expect(lastDeviation(source, row, 0)).toEqual({ kmh: value('deviation2', row), rowsAgo: 2 });
    expect(lastDeviation(source, DAY_STEPS + 58, 0)).toEqual({ kmh: 0, rowsAgo: 3 });
  });

  it('is told nothing of what comes after it', () => {
    const row = 2 * DAY_STEPS + 20;
    const later = { ...matrix, speedKmh: matrix.speedKmh.map((kmh, k) => (k >= (row + 1) * 2 ? 3 : kmh)) };
    // The history is that of other days, so only this day's future may differ.
    const changed = { ...source, matrix: later };
    const all = (of: typeof source) =>
      columns.map((column) => column.value({ source: of, row, i: 0, segment: 0 }));
    expect(all(changed)).toEqual(all(source));
  });

  it('ends only where a whole window and a speed to forecast are on the days asked for', () => {
    const day = MONDAY / 86_400 + 1;
    const rows = windowRows(source, new Set([day]));
    // The last 15 minutes of the day have no forecast of 15 minutes on it.
    expect([rows[0], rows.at(-1), rows.length]).toEqual([DAY_STEPS, 2 * DAY_STEPS - 4, DAY_STEPS - 3]);
    expect(windowRows(source, new Set([day - 1]))[0]).toBe(2);
  });

  it('knows how much of a deviation is left after a while', () => {
    // Every deviation halves each step: 0.125 is left after 15 minutes.
    const fading = { ...matrix, speedKmh: source.expectedKmh.slice(0, matrix.speedKmh.length) };
    for (let row = 0; row < fading.steps; row++) fading.speedKmh[row * 2] += 16 * 0.5 ** (row % 24);
    const days = new Set([0, 1, 2].map((day) => MONDAY / 86_400 + day));
    const rows = Array.from({ length: 60 }, (_, k) => 24 * k + 4);
    expect(fitPersistence({ ...source, matrix: fading }, rows.slice(0, 30), 3, days)).toBeCloseTo(0.12, 6);
  });
});

describe('the graph', () => {
  it('joins segments both ways, over those that nobody observes', () => {
    const graph = speedGraph(line, Int32Array.of(0, 2, 3), 8);
    const edges = Array.from(graph.senders, (sender, e) => [
      sender,
      graph.receivers[e],
      graph.distanceM[e],
      graph.onward[e],
      graph.back[e],
    ]);
    expect(edges.sort()).toEqual([
      [0, 1, 2000, 1, 0],
      [1, 0, 2000, 0, 1],
      [1, 2, 1000, 1, 0],
      [2, 1, 1000, 0, 1],
    ]);
    expect(graph.weight[graph.distanceM.indexOf(2000)]).toBeCloseTo(Math.exp(-2), 6);
  });

  it('keeps the nearest, and takes the weights of sensors where there are any', () => {
    const near = speedGraph(line, Int32Array.of(0, 2, 3), 1);
    expect([...near.receivers].map((receiver, e) => [near.senders[e], receiver])).toEqual([
      [1, 0],
      [2, 1],
      [1, 2],
    ]);
    const weights = speedGraph(
      { ...line, turnWeight: Float32Array.of(0.5, 0.25, 0.75) },
      Int32Array.of(0, 1, 3),
      8,
    );
    expect([...weights.weight]).toEqual([0.5, 0.5]);
  });
});

describe('calibration', () => {
  it('takes the quantiles by rank', () => {
    const scores = Array.from({ length: 99 }, (_, i) => (i - 49) / 10).reverse();
    expect(calibrateHorizon(scores)).toEqual({ lowQuantile: -4, highQuantile: 4 });
    expect(calibrateHorizon([]).highQuantile).toBeCloseTo(1.2816, 4);
  });
});
