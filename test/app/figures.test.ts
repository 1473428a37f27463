import { describe, expect, test } from 'vitest';
import {
  busiestSegments,
  classKm,
  drivenFreeFlowS,
  meanRatio,
  observedRatios,
} from '../../core/app/ratios.ts';
import { describeSegment, RoadNames } from '../../core/app/segments.ts';
import { summarizeTrips, traversalCounts } from '../../core/app/tripFigures.ts';
import { NO_OBSERVATIONS, type RoadNetwork, type TripSet } from '../../core/roads/index.ts';
import { sketchNetwork } from '../support/network.ts';

/** Three segments in a row, of 1, 2 and 3 km, all at 36 km/h: 100, 200 and 300 s of free flow. */
const network: RoadNetwork = {
  ...sketchNetwork(
    [
      [8, 49],
      [8.01, 49],
      [8.03, 49],
      [8.06, 49],
    ],
    [1, 2, 3].map((km, i) => ({ from: i, to: i + 1, lengthM: km * 1000, speedLimitKmh: 36 })),
  ),
  names: ['', 'Rua de São João', 'Avenida João', 'Sandweg'],
  nameIndex: Int32Array.of(1, 2, 3),
};

const at = (text: string) => Date.parse(`${text}Z`) / 1000;

function trips(rows: { depart: string; totalS: number; segments: number[] }[]): TripSet {
  const offsets = [0];
  for (const { segments } of rows) offsets.push(offsets.at(-1)! + segments.length);
  return {
    count: rows.length,
    ids: rows.map((_, i) => String(i)),
    departS: Float64Array.from(rows, ({ depart }) => at(depart)),
    localDepartS: Float64Array.from(rows, ({ depart }) => at(depart)),
    totalS: Float32Array.from(rows, ({ totalS }) => totalS),
    offsets: Uint32Array.from(offsets),
    segments: Int32Array.from(rows.flatMap(({ segments }) => segments)),
  };
}

const driven = trips([
  { depart: '2024-01-08T08:00', totalS: 200, segments: [0] },
  { depart: '2024-01-08T08:29', totalS: 400, segments: [0, 1] },
  { depart: '2024-01-10T23:59', totalS: 250, segments: [1] },
]);

describe('speed ratios', () => {
  test('kilometres of each class, with its lower end in it; no prediction in none', () => {
    expect(classKm(network, Float32Array.of(0.9, 0.2, Number.NaN))).toEqual([1, 0, 0, 0, 0, 2]);
    expect(classKm(network, Float32Array.of(0.89, 0.5, 0.3))).toEqual([0, 1, 0, 2, 3, 0]);
  });

  test('the mean of a prediction equals what is observed when the prediction is right', () => {
    // 2 traversals of 100 s at ratio 0.5 and 2 of 200 s at 0.8: 600 s of free flow take 400 + 500 s.
    const weights = drivenFreeFlowS(network, traversalCounts(network, driven));
    expect([...weights]).toEqual([200, 400, 0]);
    expect(meanRatio(Float32Array.of(0.5, 0.8, Number.NaN), weights)).toBeCloseTo(600 / 900, 6);
    expect(meanRatio(new Float32Array(3).fill(Number.NaN), weights)).toBeNaN();
  });

  test('without trips every segment counts once', () => {
    expect([...drivenFreeFlowS(network, new Uint32Array(3))]).toEqual([100, 200, 300]);
  });

  test('the busiest segments hold most free-flow seconds, not most traversals', () => {
    expect([...busiestSegments(Float64Array.of(200, 400, 0, 300), 2)].sort()).toEqual([1, 3]);
    expect(busiestSegments(Float64Array.of(1, 2), 5).size).toBe(2);
  });

  test('observed: the trips of a step together, null without any', () => {
    const observed = observedRatios(network, driven, NO_OBSERVATIONS, {
      fromS: at('2024-01-08T07:30'),
      stepS: 1800,
      steps: 3,
    });
    expect(observed).toEqual([null, 400 / 600, null]);
  });

  test('observed by sensors: intervals that begin in the step, at their mean speed', () => {
    const column = (...values: number[]) => Float64Array.from(values, (value) => value);
    const starts = ['07:40', '08:10', '08:15', '09:00'].map((time) => at(`2024-01-08T${time}`));
    const observations = {
      count: 4,
      segment: Int32Array.of(0, 0, 1, 2),
      startS: column(...starts),
      localStartS: column(...starts),
      durationS: Float32Array.of(300, 300, 300, 300),
      speedKmh: Float32Array.of(36, 18, 36, 9),
      vehicles: Float32Array.of(1, 1, 1, 1),
    };
    const none = trips([]);
    const period = { fromS: at('2024-01-08T07:30'), stepS: 1800, steps: 3 };
    // 100 s at free flow; 100 + 200 s in 200 + 200 s; nothing before 09:00.
    expect(observedRatios(network, none, observations, period)).toEqual([1, 300 / 400, null]);
  });
});

test('trips are counted by day, empty days included, and by hour', () => {
  const { byDay, byHour, medianS, medianKm } = summarizeTrips(network, driven);
  expect(byDay).toEqual([
    { day: '2024-01-08', trips: 2 },
    { day: '2024-01-09', trips: 0 },
    { day: '2024-01-10', trips: 1 },
  ]);
  expect([byHour[8], byHour[23], byHour.reduce((a, b) => a + b)]).toEqual([2, 1, 3]);
  expect([medianS, medianKm]).toEqual([250, 2]);
  expect(summarizeTrips(network, trips([]))).toMatchObject({ byDay: [], medianS: 0, medianKm: 0 });
});

describe('roads', () => {
  test('are found without accents, those that begin with the text first', () => {
    const names = new RoadNames(network);
    expect(names.search('joao', 10).map(({ name }) => name)).toEqual(['Avenida João', 'Rua de São João']);
    expect(names.search('SA', 10).map(({ name }) => name)).toEqual(['Sandweg', 'Rua de São João']);
    expect(names.search('s', 1)).toHaveLength(1);
    expect(names.search('  ', 10)).toEqual([]);
    const [sandweg] = names.search('sandweg', 1);
    expect(sandweg.lengthM).toBe(3000);
    expect(sandweg.point[0]).toBeCloseTo(8.045, 6);
  });

  test('are described with their turns and traversals', () => {
    const described = describeSegment(network, traversalCounts(network, driven), 1);
    expect(described).toMatchObject({
      name: 'Avenida João',
      lengthM: 2000,
      traversals: 2,
      speedLimitKmh: 36,
    });
    expect(described.turns.map(({ toName }) => toName)).toEqual(['Sandweg']);
    expect(() => describeSegment(network, new Uint32Array(3), 3)).toThrow('no segment 3');
  });
});
