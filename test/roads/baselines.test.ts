import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../core/base/index.ts';
import { ResidualInterval } from '../../core/roads/baselines/residualInterval.ts';
import { baselines, DAY_S, type TripSet, tripLengthsM, turnDelayBetween } from '../../core/roads/index.ts';
import { etaMetrics } from '../../core/train/metrics/index.ts';
import {
  gridNetwork,
  LOCAL_OFFSET_S,
  type PlainTrip,
  packTrips,
  randomPath,
} from '../support/gridNetwork.ts';

const network = gridNetwork(5, 5);
const MONDAY_S = 4 * DAY_S;

/** Trips over `days` days whose traversals take `secondsOf(segment, local time)`. */
function simulate(
  count: number,
  options: {
    days: number;
    seed: number;
    segmentTimes?: boolean;
    noise?: number;
    secondsOf: (segment: number, localS: number) => number;
  },
): TripSet {
  const random = new Random(options.seed);
  const trips: PlainTrip[] = Array.from({ length: count }, (_, i) => {
    const localDepartS = MONDAY_S + Math.floor((i / count) * options.days * DAY_S);
    const segments = randomPath(network, random, 3 + random.int(10));
    const segmentS = segments.map(
      (s) => options.secondsOf(s, localDepartS) * Math.exp((options.noise ?? 0) * random.normal()),
    );
    const totalS = segmentS.reduce((a, b) => a + b, 0);
    return { localDepartS, segments, totalS, ...(options.segmentTimes && { segmentS }) };
  });
  return packTrips(trips);
}

async function trainBaseline(id: string, train: TripSet) {
  return baselines.find((baseline) => baseline.id === id)!.fit(network, train, quietContext);
}

/** One trip over one segment. */
function single(segment: number, localDepartS: number): TripSet {
  return packTrips([{ localDepartS, segments: [segment], totalS: Number.NaN }]);
}

const hourOf = (localS: number) => Math.floor((localS % DAY_S) / 3600);

describe('baselines', () => {
  it('free flow is length ÷ limit, without an interval', async () => {
    const trips = packTrips([{ localDepartS: 0, segments: [0, 2], totalS: 1 }]);
    const { medianS, low80S } = (await trainBaseline('freeFlow', trips)).predict(trips, trips);
    expect(medianS[0]).toBeCloseTo(150 / (50 / 3.6) + 224 / (30 / 3.6), 3);
    expect(low80S).toBeUndefined();
  });

  it('history of whole trips is the city’s speed of the hour of the week', async () => {
    // Speed depends on the hour and, at 8, on the weekday: Mondays are slower.
    const pace = (localS: number) => {
      const monday = Math.floor(localS / DAY_S) % 7 === 4;
      return 0.1 + 0.005 * hourOf(localS) + (monday && hourOf(localS) === 8 ? 0.1 : 0);
    };
    const train = simulate(40_000, {
      days: 28,
      seed: 1,
      secondsOf: (s, t) => network.lengthM[s] * pace(t),
    });
    const fitted = await trainBaseline('historical', train);
    for (const localS of [MONDAY_S + 8 * 3600, MONDAY_S + DAY_S + 8 * 3600, MONDAY_S + 6 * DAY_S]) {
      const predicted = fitted.predict(single(3, localS), train).medianS[0];
      expect(Math.abs(predicted / (network.lengthM[3] * pace(localS)) - 1)).toBeLessThan(0.1);
    }
  });

  it('history of segments is each one’s mean by hour of the week, and its class’s where it was never driven', async () => {
    const secondsOf = (s: number, localS: number) =>
      network.lengthM[s] * 0.1 * (1 + 0.5 * Math.sin(s)) * (hourOf(localS) === 8 ? 2 : 1);
    const everywhere = simulate(40_000, { days: 28, seed: 2, segmentTimes: true, secondsOf });
    const hidden = 11;
    const segmentS = everywhere.segmentS!.map((seconds, k) =>
      everywhere.segments[k] === hidden ? Number.NaN : seconds,
    );
    const train = { ...everywhere, segmentS };
    const fitted = await trainBaseline('historical', train);
    for (const localS of [MONDAY_S + 8 * 3600, MONDAY_S + 3 * DAY_S + 15 * 3600]) {
      for (const s of [0, 5, 30])
        expect(
          Math.abs(fitted.predict(single(s, localS), train).medianS[0] / secondsOf(s, localS) - 1),
        ).toBeLessThan(0.1);
      const classPace = fitted.predict(single(hidden, localS), train).medianS[0] / network.lengthM[hidden];
      expect(classPace).toBeGreaterThan(0.07 * (hourOf(localS) === 8 ? 2 : 1));
      expect(classPace).toBeLessThan(0.13 * (hourOf(localS) === 8 ? 2 : 1));
    }
  });

  it.each([false, true])(
    'current speed follows the last half hour (segment times: %s)',
    async (segmentTimes) => {
      const secondsOf = (s: number) => network.lengthM[s] * 0.1;
      const train = simulate(5000, { days: 14, seed: 3, segmentTimes, secondsOf });
      const fitted = await trainBaseline('live', train);
      const nowS = MONDAY_S + 20 * DAY_S + 10 * 3600;
      const jam: PlainTrip[] = Array.from({ length: 60 }, (_, i) => {
        const segments = [4];
        const totalS = 3 * secondsOf(4);
        return {
          localDepartS: nowS - 1500 + i * 20,
          segments,
          totalS,
          ...(segmentTimes && { segmentS: [totalS] }),
        };
      });
      const during = fitted.predict(single(4, nowS), packTrips(jam)).medianS[0];
      expect(during / secondsOf(4)).toBeGreaterThan(2.5);
      expect(during / secondsOf(4)).toBeLessThan(3);
      const hourLater = fitted.predict(single(4, nowS + 3600), packTrips(jam)).medianS[0];
      expect(Math.abs(hourLater / secondsOf(4) - 1)).toBeLessThan(0.02);
      const yetToEnd = packTrips(jam.map((trip) => ({ ...trip, localDepartS: trip.localDepartS + 1500 })));
      expect(fitted.predict(single(4, nowS), yetToEnd).medianS[0]).toBeCloseTo(
        fitted.predict(single(4, nowS), packTrips([])).medianS[0],
        6,
      );
    },
  );

  it('the blend follows current traffic as far as training days say that it lasts', async () => {
    const mood = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 24 * 24 }, () => Math.exp(0.4 * random.normal()));
    };
    /** What the hour brings holds all along a trip, or there is only noise, which current speeds take for news. */
    const traffic = (changing: boolean, noise: number, seed: number, days: number) => {
      const factors = mood(seed);
      return simulate(days * 300, {
        days,
        seed: seed + 100,
        segmentTimes: true,
        noise,
        secondsOf: (s, localS) =>
          network.lengthM[s] * 0.5 * (changing ? factors[Math.floor((localS - MONDAY_S) / 3600)] : 1),
      });
    };
    for (const [changing, noise] of [
      [true, 0.05],
      [false, 0.6],
    ] as const) {
      const [train, test] = [traffic(changing, noise, 1, 20), traffic(changing, noise, 2, 10)];
      const mae: Record<string, number> = {};
      for (const id of ['historical', 'live', 'blend'])
        mae[id] = etaMetrics((await trainBaseline(id, train)).predict(test, test), test.totalS).maeS;
      const [better, worse] = changing ? [mae.live, mae.historical] : [mae.historical, mae.live];
      expect(mae.blend).toBeLessThan(1.01 * better);
      expect(better).toBeLessThan(0.985 * worse);
    }
  });

  it('ridge finds what is linear in its columns', async () => {
    const secondsOf = (s: number, localS: number) =>
      network.lengthM[s] * (network.roadClass[s] === 3 ? 0.08 : 0.13) * (hourOf(localS) < 12 ? 1.3 : 1) +
      (network.flags[s] & 16 ? 7 : 0);
    const train = simulate(12_000, { days: 14, seed: 4, secondsOf });
    const test = simulate(500, { days: 7, seed: 5, secondsOf });
    const { mape } = etaMetrics((await trainBaseline('ridge', train)).predict(test, train), test.totalS);
    expect(mape).toBeLessThan(0.02);
  });

  it('each beats the plainer ones where its assumptions hold', async () => {
    const random = new Random(6);
    const own = Array.from({ length: network.segmentCount }, () => Math.exp(0.4 * random.normal()));
    const secondsOf = (s: number, localS: number) =>
      network.lengthM[s] *
      (network.roadClass[s] === 3 ? 0.09 : 0.15) *
      own[s] *
      (hourOf(localS) === 8 ? 1.5 : 1);
    const options = { noise: 0.2, secondsOf };
    const train = simulate(6000, { days: 14, seed: 7, ...options });
    const test = simulate(1000, { days: 7, seed: 8, ...options });
    const mape: Record<string, number> = {};
    for (const baseline of baselines) {
      const fitted = await baseline.fit(network, train, quietContext);
      const metrics = etaMetrics(fitted.predict(test, train), test.totalS);
      mape[baseline.id] = metrics.mape;
      if (baseline.id === 'freeFlow') continue;
      expect(metrics.coverage80).toBeGreaterThan(0.74);
      expect(metrics.coverage80).toBeLessThan(0.86);
    }
    expect(mape.segmentModel).toBeLessThan(0.6 * mape.ridge);
    expect(mape.ridge).toBeLessThan(mape.historical);
    expect(mape.historical).toBeLessThan(mape.freeFlow);
  });

  it('do not look at the times of the trips they predict', async () => {
    const secondsOf = (s: number) => network.lengthM[s] * 0.1;
    const train = simulate(800, { days: 7, seed: 9, segmentTimes: true, noise: 0.3, secondsOf });
    const test = simulate(100, { days: 2, seed: 10, segmentTimes: true, secondsOf });
    const blind = {
      ...test,
      totalS: test.totalS.map(() => Number.NaN),
      segmentS: test.segmentS!.map(() => Number.NaN),
    };
    for (const baseline of baselines) {
      const fitted = await baseline.fit(network, train, quietContext);
      expect(fitted.predict(blind, train)).toEqual(fitted.predict(test, train));
    }
  });

  it('refuse to learn from nothing', async () => {
    for (const id of ['historical', 'live', 'segmentModel'])
      await expect(trainBaseline(id, packTrips([]))).rejects.toThrow('no trip with a travel time');
  });
});

describe('what baselines are made of', () => {
  it('lengths are sums over segments', () => {
    const trips = packTrips([
      { localDepartS: 0, segments: [0, 2, 4], totalS: 1 },
      { localDepartS: 0, segments: [1], totalS: 1 },
    ]);
    expect([...tripLengthsM(network, trips)]).toEqual([
      network.lengthM[0] + network.lengthM[2] + network.lengthM[4],
      network.lengthM[1],
    ]);
  });

  it('turns cost by their class; a U-turn, which no junction permits, as a left one', () => {
    const turn = network.turnClass.indexOf(5);
    expect(turnDelayBetween(network, network.turnFrom[turn], network.turnTo[turn])).toBe(3);
    expect(turnDelayBetween(network, 0, 1)).toBe(2);
    expect(turnDelayBetween(network, 0, -1)).toBe(-1);
  });

  it('the interval holds 80 % of the training trips of every duration', () => {
    const random = new Random(12);
    const estimatedS = Float32Array.from({ length: 20_000 }, () => 100 + 1000 * random.uniform());
    // Short trips scatter more.
    const observedS = estimatedS.map((s) => s * Math.exp((60 / Math.sqrt(s)) * 0.1 * random.normal()));
    const { low80S, high80S } = new ResidualInterval(estimatedS, observedS).around(estimatedS);
    for (const [from, until] of [
      [100, 250],
      [600, 1100],
    ]) {
      const inRange = [...estimatedS.keys()].filter((i) => estimatedS[i] >= from && estimatedS[i] < until);
      const inside = inRange.filter((i) => low80S![i] <= observedS[i] && observedS[i] <= high80S![i]);
      expect(inside.length / inRange.length).toBeGreaterThan(0.78);
      expect(inside.length / inRange.length).toBeLessThan(0.82);
    }
    const short = estimatedS.findIndex((s) => s < 150);
    const long = estimatedS.findIndex((s) => s > 1000);
    expect(high80S![short] / estimatedS[short]).toBeGreaterThan(high80S![long] / estimatedS[long]);
  });

  it('local time and UTC are told apart', () => {
    expect(single(0, MONDAY_S).departS[0]).toBe(MONDAY_S - LOCAL_OFFSET_S);
  });
});
