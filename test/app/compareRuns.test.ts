import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runComparison } from '../../core/api/contract.ts';
import { compareRuns } from '../../core/app/compareRuns.ts';
import { Random } from '../../core/base/index.ts';
import { createProject, type EvaluationTrips, type Project } from '../../core/project/index.ts';

const COUNT = 200;
const START_S = Date.UTC(2024, 0, 8) / 1000;

let folder: string;
let project: Project;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-compare-'));
  project = createProject(join(folder, 'a.etalon'));
});
afterEach(() => {
  project.close();
  rmSync(folder, { recursive: true });
});

/** Ten days of trips of 300 s and more, each predicted `late(trip)` seconds too long. */
function judged(late: (trip: number) => number, halfWidthS = 100): EvaluationTrips {
  const column = (of: (trip: number) => number) => Float32Array.from({ length: COUNT }, (_, i) => of(i));
  const observedS = column((trip) => 300 + trip);
  const medianS = column((trip) => observedS[trip] + late(trip));
  return {
    trip: Uint32Array.from({ length: COUNT }, (_, trip) => 1000 + trip),
    localDepartS: Float64Array.from({ length: COUNT }, (_, trip) => START_S + trip * 4320),
    lengthM: column(() => 3000),
    freeFlowS: column(() => 200),
    roadClass: new Uint8Array(COUNT),
    observedS,
    medianS,
    low80S: medianS.map((s) => s - halfWidthS),
    high80S: medianS.map((s) => s + halfWidthS),
  };
}

const metrics = {
  ...{ maeS: 1, rmseS: 1, mape: 1, biasS: 1, badShare: 1, coverage80: null, width80S: null, n: 1 },
};

function addRun(
  name: string,
  trips: EvaluationTrips | undefined,
  {
    config = { seed: 1, until: '2024-01-08', settings: { hidden: 32, epochs: 4 } } as unknown,
    from = '2024-01-08' as string | null,
    horizons = [] as object[],
  } = {},
): number {
  const { id } = project.createRun({ model: 'eta', name, config });
  const result = { runId: id, from, until: null, metrics, baselines: {}, horizons };
  project.addEvaluation(id, { from, until: null, createdAt: '2024-02-01T00:00:00Z', result }, trips);
  return id;
}

describe('two runs, trip by trip', () => {
  test('differ by what their errors say', () => {
    const random = new Random(1);
    const a = addRun(
      'a',
      judged(() => 90),
    );
    const b = addRun(
      'b',
      judged((trip) => (trip % 2 === 0 ? 50 : -30) + random.normal()),
      { config: { seed: 2, until: '2024-01-08', settings: { hidden: 64, epochs: 4 } } },
    );
    const comparison = compareRuns(project, a, b);
    expect(runComparison.parse(comparison)).toEqual(comparison);
    expect(comparison).toMatchObject({ a: { runId: a, name: 'a' }, b: { runId: b, name: 'b' } });
    expect([comparison.sameTrips, comparison.warnings]).toEqual([true, []]);
    expect(comparison.settings).toEqual([
      { key: 'seed', a: '1', b: '2' },
      { key: 'hidden', a: '32', b: '64' },
    ]);
    const [mae, rmse, mape, bad, coverage] = comparison.metrics;
    expect([mae.a, rmse.a]).toEqual([90, 90]);
    expect(Math.abs(mae.b - 40)).toBeLessThan(0.3);
    expect(Math.abs(rmse.b - Math.sqrt((2500 + 900) / 2))).toBeLessThan(0.3);
    expect(mae.difference).toBeCloseTo(mae.a - mae.b, 9);
    expect(mae.low).toBeLessThanOrEqual(mae.difference);
    expect(mae.high).toBeGreaterThanOrEqual(mae.difference);
    expect(mae.low).toBeGreaterThan(48);
    expect(mape.a).toBeCloseTo(
      (100 * Array.from({ length: COUNT }, (_, i) => 90 / (300 + i)).reduce((x, y) => x + y)) / COUNT,
      6,
    );
    // 90 s are over 20 % of what took less than 450 s; 50 s are never bad.
    expect([bad.a, bad.b]).toEqual([(100 * 150) / COUNT, 0]);
    expect([coverage.name, coverage.a, coverage.b, coverage.betterWhen]).toEqual([
      '80 % coverage',
      100,
      100,
      'nominal',
    ]);
    for (const by of ['hour', 'weekday', 'length', 'class', 'congestion'])
      expect(comparison.slices.filter((s) => s.by === by).reduce((n, s) => n + s.n, 0)).toBe(COUNT);
    for (const slice of comparison.slices) expect(slice.a).toBeCloseTo(90, 5);
    expect(comparison.calibration).toHaveLength(9);
    expect(comparison.errorByHorizon).toBeUndefined();
    // A comparison the other way round has the opposite sign, and the same intervals.
    const back = compareRuns(project, b, a).metrics[0];
    expect(back.low).toBeCloseTo(-mae.high!, 1);
  });

  test('what the runs share is no uncertainty', () => {
    const random = new Random(2);
    const noise = Array.from({ length: COUNT }, () => 100 + 40 * random.uniform());
    const a = addRun(
      'a',
      judged((trip) => noise[trip]),
    );
    const b = addRun(
      'b',
      judged((trip) => noise[trip] - 5),
    );
    const [mae] = compareRuns(project, a, b).metrics;
    expect(mae.difference).toBeCloseTo(5, 4);
    expect(mae.high! - mae.low!).toBeLessThan(1e-4);
  });

  test('only trips of both count, and that is said', () => {
    const whole = judged(() => 10);
    const cut = (trips: EvaluationTrips, from: number, until: number) =>
      Object.fromEntries(
        Object.entries(trips).map(([name, column]) => [name, column.slice(from, until)]),
      ) as unknown as EvaluationTrips;
    const other = judged(() => 20);
    const observedS = other.observedS.slice();
    observedS[150] += 1;
    const a = addRun('a', cut(whole, 0, 180), { from: null });
    const b = addRun('b', cut({ ...other, observedS }, 100, 200));
    const comparison = compareRuns(project, a, b);
    expect(comparison.sameTrips).toBe(false);
    // 100 … 179 without trip 150, which was imported anew.
    expect(comparison.warnings[0]).toBe('Only the 79 trips on which both runs were tested are compared.');
    expect(comparison.metrics[0]).toMatchObject({ a: 10, b: 20 });
  });

  test('a run that was trained on its test trips is told of', () => {
    const a = addRun(
      'a',
      judged(() => 10),
      { config: { seed: 1, until: '2024-01-09', settings: {} } },
    );
    const b = addRun(
      'b',
      judged(() => 10),
    );
    expect(compareRuns(project, a, b).warnings).toEqual([
      'a was trained on 20 of the trips that it is tested on.',
    ]);
  });

  test('take the newest evaluations over one period, and the errors by horizon that both have', () => {
    const horizon = (fromMin: number, modelS: number) => ({ fromMin, toMin: null, modelS, anchorS: 9, n: 5 });
    const a = addRun(
      'a',
      judged(() => 10),
      { horizons: [horizon(0, 3), horizon(60, 4)] },
    );
    const b = addRun(
      'b',
      judged(() => 20),
      { horizons: [horizon(0, 2)] },
    );
    const later = { from: '2024-01-10', until: null, createdAt: '2024-03-01T00:00:00Z' };
    project.addEvaluation(
      a,
      { ...later, result: { runId: a, ...later, metrics, baselines: {} } },
      judged(() => 77),
    );
    const comparison = compareRuns(project, a, b);
    expect(comparison.metrics[0]).toMatchObject({ a: 10, b: 20 });
    expect(comparison.errorByHorizon).toEqual([{ fromMin: 0, toMin: null, n: 5, a: 3, b: 2 }]);
  });

  test('without an evaluation, or its trips, there is nothing to compare', () => {
    const a = addRun(
      'a',
      judged(() => 10),
    );
    const none = project.createRun({ model: 'eta', name: 'none', config: { seed: 1, settings: {} } });
    expect(() => compareRuns(project, a, none.id)).toThrow('“none” was not evaluated');
    const old = addRun('old', undefined);
    expect(() => compareRuns(project, a, old)).toThrow('“old” kept no trips');
    const elsewhere = judged(() => 10);
    const apart = addRun('apart', { ...elsewhere, trip: elsewhere.trip.map((trip) => trip + 5000) });
    expect(() => compareRuns(project, a, apart)).toThrow('not tested on any trip in common');
  });
});
