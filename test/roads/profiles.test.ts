import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EtalonError, quietContext, Random } from '../../core/base/index.ts';
import {
  CrossFit,
  crossFit,
  crossFitFrom,
  DAY_S,
  DAY_TYPES,
  dayType,
  fitSegmentModel,
  localDay,
  paceGroup,
  type RoadNetwork,
  type SegmentModelOptions,
  segmentModelDefaults,
  segmentModelFrom,
  selectTrips,
  type TripSet,
  turnDelayBetween,
} from '../../core/roads/index.ts';
import { etaMetrics } from '../../core/train/metrics/index.ts';
import { gridNetwork, type PlainTrip, packTrips, randomPath } from '../support/gridNetwork.ts';
import { loadPortoNetwork, loadPortoTrips, portoFolder, portoSplitS } from '../support/porto.ts';

const network = gridNetwork(6, 6);
/** Monday, 5 January 1970. */
const MONDAY_S = 4 * DAY_S;

/** Weak penalties: what the data say shows undamped. */
const free: Partial<SegmentModelOptions> = {
  groupPenalty: 1e-4,
  deviationPenalty: 1e-3,
  neighbourPenalty: 0,
  bandPenalty: 1e-2,
  bandNeighbourPenalty: 0,
  hourPenalty: 1e-4,
  dayTypePenalty: 1e-4,
  rounds: 8,
  maxIterations: 2000,
  tolerance: 1e-9,
};

/** A city without noise: paces by class and segment, rush hours, delays. */
const truth = {
  pace: (s: number) => (network.roadClass[s] === 3 ? 0.08 : 0.12) * (1 + 0.3 * Math.sin(s)),
  factor: (localS: number) => {
    const hour = Math.floor((localS % DAY_S) / 3600);
    return (dayType(localS) === 0 ? 1 : 0.85) * (1 + 0.3 * Math.sin((hour * Math.PI) / 12));
  },
  delayS: [20, 8, 6, 3],
};

function trueTraversalsS(segments: number[], localS: number): number[] {
  return segments.map((s, k) => {
    const turn = turnDelayBetween(network, s, segments[k + 1] ?? -1);
    const signal = network.flags[s] & 16 ? truth.delayS[1] : 0;
    const driving = network.lengthM[s] * truth.pace(s) * truth.factor(localS);
    return driving + signal + (turn < 0 ? 0 : truth.delayS[turn]);
  });
}

function simulate(
  count: number,
  options: { days: number; seed?: number; noise?: number; timesOf?: 'all' | 'some' },
) {
  const random = new Random(options.seed ?? 1);
  const trips: PlainTrip[] = Array.from({ length: count }, (_, i) => {
    const localDepartS = MONDAY_S + Math.floor((i / count) * options.days * DAY_S);
    const segments = randomPath(network, random, 3 + random.int(15));
    const segmentS = trueTraversalsS(segments, localDepartS).map(
      (s) => s * Math.exp((options.noise ?? 0) * random.normal()),
    );
    const totalS = truth.delayS[0] + segmentS.reduce((a, b) => a + b, 0);
    if (!options.timesOf) return { localDepartS, segments, totalS };
    const known = segmentS.map((s) =>
      options.timesOf === 'some' && random.uniform() < 0.3 ? Number.NaN : s,
    );
    return { localDepartS, segments, totalS, segmentS: known };
  });
  return packTrips(trips);
}

function expectRelative(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(tolerance);
}

describe('the segment model', () => {
  it('predicts unseen trips of a city without noise from whole trips', async () => {
    const trips = simulate(4000, { days: 14 });
    const model = await fitSegmentModel(
      network,
      trips,
      { ...free, bandPenalty: 1, rounds: 3, maxIterations: 200 },
      quietContext,
    );
    const unseen = simulate(300, { days: 14, seed: 9 });
    const predicted = model.predictTrips(unseen);
    expect(etaMetrics({ medianS: predicted }, unseen.totalS).mape).toBeLessThan(0.015);
    // What a signal costs cannot be told from the pace of the segment it ends; the two together can.
    const noonS = MONDAY_S + 12 * 3600;
    const path = packTrips([{ localDepartS: noonS, segments: [...network.refs.keys()], totalS: Number.NaN }]);
    const traversals = trueTraversalsS([...path.segments], noonS);
    const error = model.traversalsS(path, 0).map((seconds, k) => Math.abs(seconds / traversals[k] - 1));
    expect(error.reduce((a, b) => a + b, 0) / error.length).toBeLessThan(0.05);
  });

  it.each([
    ['every segment', 'all' as const],
    ['most segments', 'some' as const],
  ])('finds a city’s paces, hours and delays again from the seconds of %s', async (_, timesOf) => {
    const trips = simulate(6000, { days: 14, timesOf });
    const model = await fitSegmentModel(network, trips, free, quietContext);
    const unseen = simulate(300, { days: 14, seed: 9 });
    const predicted = model.predictTrips(unseen);
    for (let trip = 0; trip < unseen.count; trip++)
      expectRelative(predicted[trip], unseen.totalS[trip], 0.02);
    const noonS = MONDAY_S + 12 * 3600;
    for (let s = 0; s < network.segmentCount; s++)
      expectRelative(
        model.drivingS(s, noonS) / network.lengthM[s],
        truth.pace(s) * truth.factor(noonS),
        0.04,
      );
    const rushS = MONDAY_S + 6 * 3600;
    const sundayS = MONDAY_S + 6 * DAY_S + 6 * 3600;
    expectRelative(
      model.drivingS(0, rushS) / model.drivingS(0, noonS),
      truth.factor(rushS) / truth.factor(noonS),
      0.04,
    );
    expectRelative(model.drivingS(0, rushS) / model.drivingS(0, sundayS), 1 / 0.85, 0.04);
    truth.delayS.forEach((seconds, d) => {
      expect(Math.abs(model.delayS[d] - seconds)).toBeLessThan(1);
    });
  });

  it('solves exactly the least squares it states', async () => {
    const options = { ...segmentModelDefaults, rounds: 0, tolerance: 1e-12, maxIterations: 5000 };
    const small = gridNetwork(3, 2);
    const random = new Random(4);
    const trips = packTrips(
      Array.from({ length: 25 }, (_, i) => {
        const segments = randomPath(small, random, 2 + random.int(4));
        const segmentS = segments.map(() =>
          random.uniform() < 0.4 ? 10 + 30 * random.uniform() : Number.NaN,
        );
        return {
          localDepartS: MONDAY_S + 3 * DAY_S + i * 7200,
          segments,
          totalS: 200 + 100 * random.uniform(),
          segmentS,
        };
      }),
    );
    const model = await fitSegmentModel(small, trips, options, quietContext);
    const dense = denseSolution(small, trips, options);
    for (let s = 0; s < small.segmentCount; s++)
      for (let band = 0; band < model.bandCount; band++)
        expect(model.pace(s, band)).toBeCloseTo(dense.pace[s][band], 5);
    dense.delayS.forEach((seconds, d) => {
      expect(model.delayS[d]).toBeCloseTo(seconds, 3);
    });
  });

  it('is hardly moved by drivers who stopped on the way', async () => {
    const trips = simulate(3000, { days: 14, noise: 0.1 });
    const stopped = { ...trips, totalS: trips.totalS.map((s, trip) => (trip % 12 === 0 ? s + 900 : s)) };
    const unseen = simulate(300, { days: 14, seed: 9 });
    const bias = async (robustDelta: number) => {
      const model = await fitSegmentModel(network, stopped, { robustDelta }, quietContext);
      const predicted = model.predictTrips(unseen);
      return predicted.reduce((sum, s, trip) => sum + s / unseen.totalS[trip] - 1, 0) / unseen.count;
    };
    const [robust, squares] = [await bias(0.2), await bias(0)];
    expect(squares).toBeGreaterThan(0.03);
    expect(robust).toBeLessThan(squares / 3);
  });

  it('gives a day type that training never had the hours of those it had', async () => {
    const model = await fitSegmentModel(network, simulate(3000, { days: 5 }), {}, quietContext);
    expect(DAY_TYPES.filter((_, type) => model.dayTypesSeen[type])).toEqual(['weekday']);
    for (const hour of [3, 8, 17]) {
      const weekdayFactor = model.factor(MONDAY_S + hour * 3600);
      for (const day of [5, 6])
        expectRelative(model.factor(MONDAY_S + day * DAY_S + hour * 3600), weekdayFactor, 0.06);
    }
  });

  it('keeps every pace positive, however odd the trips', async () => {
    const random = new Random(3);
    const odd = packTrips(
      Array.from({ length: 200 }, (_, i) => ({
        localDepartS: MONDAY_S + i * 997,
        segments: randomPath(network, random, 5),
        totalS: i % 2 === 0 ? 1 : 5000,
      })),
    );
    const model = await fitSegmentModel(network, odd, free, quietContext);
    for (let s = 0; s < network.segmentCount; s++)
      for (let b = 0; b < model.bandCount; b++) expect(model.pace(s, b)).toBeGreaterThan(0);
    for (const seconds of model.predictTrips(odd)) expect(seconds).toBeGreaterThan(0);
  });

  it('is the same every time', async () => {
    const trips = simulate(500, { days: 7, noise: 0.2 });
    const [a, b] = [
      await fitSegmentModel(network, trips, {}, quietContext),
      await fitSegmentModel(network, trips, {}, quietContext),
    ];
    expect(a.toRecord()).toEqual(b.toRecord());
  });

  it('survives being saved, and does not fit other roads', async () => {
    const trips = simulate(500, { days: 7, noise: 0.2 });
    const model = await fitSegmentModel(network, trips, {}, quietContext);
    const { arrays, json } = model.toRecord();
    const restored = segmentModelFrom(network, { arrays, json: JSON.parse(JSON.stringify(json)) });
    expect(restored.predictTrips(trips)).toEqual(model.predictTrips(trips));
    expect(restored.dayTypesSeen).toEqual(model.dayTypesSeen);
    expect(() => segmentModelFrom(gridNetwork(4, 4), { arrays, json })).toThrow(/these roads need/);
  });

  it('asks for trips where there are none, and stops when cancelled', async () => {
    await expect(fitSegmentModel(network, packTrips([]), {}, quietContext)).rejects.toThrow('no trip');
    const cancelled = { signal: AbortSignal.abort(), report() {} };
    const trips = simulate(50, { days: 2 });
    await expect(fitSegmentModel(network, trips, {}, cancelled)).rejects.toThrow(EtalonError);
  });
});

describe('fitting across days', () => {
  const trips = simulate(2000, { days: 12, noise: 0.2 });

  it('asks about each day a model that never saw it', async () => {
    const models = await crossFit(network, trips, {}, quietContext);
    expect(models.folds).toHaveLength(6);
    const day = localDay(trips.localDepartS[700]);
    const ofDay = [...trips.ids.keys()].filter((trip) => localDay(trips.localDepartS[trip]) === day);
    const totalS = trips.totalS.map((seconds, trip) => (ofDay.includes(trip) ? 3 * seconds : seconds));
    const changed = await crossFit(network, { ...trips, totalS }, {}, quietContext);
    const [before, after] = [models.predictTrips(trips), changed.predictTrips(trips)];
    for (const trip of ofDay) expect(after[trip]).toBe(before[trip]);
    expect(after[0]).not.toBe(before[0]);
    const later = MONDAY_S + 100 * DAY_S;
    expect(models.modelAt(later)).toBe(models.full);
    expect(models.modelAt(trips.localDepartS[0])).not.toBe(models.full);
  });

  it('cuts the days into blocks of consecutive days with about as many trips', async () => {
    const models = await crossFit(network, trips, { folds: 4 }, quietContext);
    const days = [...models.foldOfDay].sort(([a], [b]) => a - b).map(([, fold]) => fold);
    expect(days).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
  });

  it('takes a block a day where days are few, and none for a single day', async () => {
    const positions = (days: number) =>
      [...trips.ids.keys()].filter((trip) => trips.localDepartS[trip] < MONDAY_S + days * DAY_S);
    const three = await crossFit(network, selectTrips(trips, positions(3)), {}, quietContext);
    expect([...three.foldOfDay.values()]).toEqual([0, 1, 2]);
    const one = await crossFit(network, selectTrips(trips, positions(1)), {}, quietContext);
    expect(one.folds).toHaveLength(0);
    expect(one.modelAt(MONDAY_S)).toBe(one.full);
  });

  it('survives being saved', async () => {
    const models = await crossFit(network, trips, { folds: 2 }, quietContext);
    const { arrays, json } = models.toRecord();
    const restored = crossFitFrom(network, { arrays, json: JSON.parse(JSON.stringify(json)) });
    expect(restored).toBeInstanceOf(CrossFit);
    expect(restored.predictTrips(trips)).toEqual(models.predictTrips(trips));
  });
});

const hasPorto = existsSync(join(portoFolder, 'edges.csv'));
describe.skipIf(!hasPorto)(`Porto${hasPorto ? '' : ' (left out: ../shared/data/porto is missing)'}`, () => {
  it('is predicted as well as by the study that proposed the model', async () => {
    const porto = loadPortoNetwork();
    const trips = loadPortoTrips(porto);
    const positions = [...trips.ids.keys()];
    const before = positions.filter((trip) => trips.localDepartS[trip] < portoSplitS);
    const after = positions.filter((trip) => trips.localDepartS[trip] >= portoSplitS);
    expect(after).toHaveLength(11_210);
    const model = await fitSegmentModel(porto, selectTrips(trips, before), {}, quietContext);
    const test = selectTrips(trips, after);
    const { mape, maeS } = etaMetrics({ medianS: model.predictTrips(test) }, test.totalS);
    expect(mape).toBeLessThan(0.163);
    expect(maeS).toBeLessThan(102);
  });
});

/** The stated least squares written out row by row, not merged, and solved by elimination. */
function denseSolution(roads: RoadNetwork, trips: TripSet, options: SegmentModelOptions) {
  const S = roads.segmentCount;
  const { weekday, weekend } = options.bandHours;
  const B = weekday.length + weekend.length;
  const groups = [...new Set(Array.from({ length: S }, (_, s) => paceGroup(roads, s)))];
  const groupAt = (s: number) => groups.indexOf(paceGroup(roads, s));
  const deviationAt = (s: number) => groups.length + s;
  const bandAt = (s: number, b: number) => groups.length + S + s * B + b;
  const delayAt = groups.length + S + S * B;
  const n = delayAt + 4;
  const a = Array.from({ length: n }, () => new Float64Array(n + 1));
  const addRow = (row: Map<number, number>, y: number, weight: number) => {
    for (const [i, u] of row) {
      a[i][n] += weight * u * y;
      for (const [j, v] of row) a[i][j] += weight * u * v;
    }
  };
  let seconds = 0;
  let metres = 0;
  for (let k = 0; k < trips.segments.length; k++) metres += roads.lengthM[trips.segments[k]];
  for (const total of trips.totalS) seconds += total;
  const mean = seconds / metres;
  const meanTripS = seconds / trips.count;
  for (let trip = 0; trip < trips.count; trip++) {
    const hour = Math.floor((trips.localDepartS[trip] % DAY_S) / 3600);
    const atWeekend = dayType(trips.localDepartS[trip]) > 0;
    const started = (atWeekend ? weekend : weekday).filter((start) => start <= hour).length;
    const band = atWeekend ? weekday.length + (started || weekend.length) - 1 : started - 1;
    const rest = new Map<number, number>([[delayAt, 1]]);
    let restS = trips.totalS[trip];
    for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++) {
      const s = trips.segments[k];
      const known = trips.segmentS![k] >= 0;
      const row = known ? new Map<number, number>() : rest;
      const add = (i: number, value: number) => row.set(i, (row.get(i) ?? 0) + value);
      for (const i of [groupAt(s), deviationAt(s), bandAt(s, band)]) add(i, roads.lengthM[s]);
      if (roads.flags[s] & 16) add(delayAt + 1, 1);
      const next = k + 1 < trips.offsets[trip + 1] ? trips.segments[k + 1] : -1;
      const turn = turnDelayBetween(roads, s, next);
      if (turn >= 0) add(delayAt + turn, 1);
      const ofMean = mean * roads.lengthM[s];
      if (known) {
        addRow(row, trips.segmentS![k] - ofMean, 1 / (ofMean + 2) ** 2);
        restS -= trips.segmentS![k];
      } else restS -= ofMean;
    }
    addRow(rest, restS, meanTripS ** -0.5 * trips.totalS[trip] ** -1.5);
  }
  for (let i = 0; i < groups.length; i++) a[i][i] += options.groupPenalty;
  for (let s = 0; s < S; s++) a[deviationAt(s)][deviationAt(s)] += options.deviationPenalty;
  for (let i = groups.length + S; i < delayAt; i++) a[i][i] += options.bandPenalty;
  for (let i = delayAt; i < n; i++) a[i][i] += 1e-6;
  const pull = (i: number, j: number, penalty: number) =>
    addRow(
      new Map([
        [i, 1],
        [j, -1],
      ]),
      0,
      penalty,
    );
  for (let t = 0; t < roads.turnCount; t++) {
    const [from, to] = [roads.turnFrom[t], roads.turnTo[t]];
    pull(deviationAt(from), deviationAt(to), options.neighbourPenalty);
    for (let b = 0; b < B; b++) pull(bandAt(from, b), bandAt(to, b), options.bandNeighbourPenalty);
  }
  const x = eliminate(a);
  return {
    pace: Array.from({ length: S }, (_, s) =>
      Array.from({ length: B }, (__, b) => {
        const group = mean + x[groupAt(s)];
        return Math.max(0.25 * group, group + x[deviationAt(s)] + x[bandAt(s, b)]);
      }),
    ),
    delayS: x.slice(delayAt),
  };
}

/** Gauss–Jordan with pivoting on [n][n + 1]. */
function eliminate(a: Float64Array[]): number[] {
  const n = a.length;
  for (let i = 0; i < n; i++) {
    let best = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(a[r][i]) > Math.abs(a[best][i])) best = r;
    [a[i], a[best]] = [a[best], a[i]];
    for (let r = 0; r < n; r++) {
      if (r === i) continue;
      const share = a[r][i] / a[i][i];
      for (let c = i; c <= n; c++) a[r][c] -= share * a[i][c];
    }
  }
  return a.map((row, i) => row[n] / row[i]);
}
