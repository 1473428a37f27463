import type { RunComparison, SliceBy } from '../api/contract.ts';
import { blockBootstrap } from '../base/bootstrap.ts';
import { EtalonError, Random } from '../base/index.ts';
import type { EvaluationTrips, ProjectStore, RunRecord, StoredEvaluation } from '../project/index.ts';
import { resamplingBlocks, sliceTrips } from '../roads/index.ts';
import { distributionFigures } from '../train/metrics/distribution.ts';
import { isBadEta } from '../train/metrics/travelTime.ts';
import { changedSettings, chosenEvaluations } from './comparedRuns.ts';
import { compareSpeedRuns } from './compareSpeeds.ts';
import type { RunConfig } from './model.ts';
import { isSpeedRun, readEvaluation } from './runView.ts';

/** The intervals of two runs' comparison are the same whenever it is asked for. */
const SEED = 1;

/**
 * Two evaluated runs on the same trips, pair by pair. Takes the newest evaluations over one period, or, where there is none of
 * both, the newest of each and the trips that these share. Throws `conflict` where a run has no evaluation with trips, or no
 * trip is in both.
 */
export function compareRuns(store: ProjectStore, runA: number, runB: number): RunComparison {
  const runs = [store.run(runA), store.run(runB)] as const;
  if (runs.some(isSpeedRun)) return compareSpeedRuns(...runs);
  const [chosenA, chosenB] = chosenEvaluations(...runs);
  const sides = [tripsOf(store, runs[0], chosenA), tripsOf(store, runs[1], chosenB)] as const;
  const { positionsA, positionsB } = pairs(...sides);
  const n = positionsA.length;
  if (n === 0)
    throw new EtalonError('conflict', 'The two runs were not tested on any trip in common.', {
      remedy: 'Evaluate both on the same period.',
    });
  const a = selectRows(sides[0], positionsA);
  const b = selectRows(sides[1], positionsB);
  const sameTrips = n === sides[0].trip.length && n === sides[1].trip.length;
  const { blockOf, unit } = resamplingBlocks(a.localDepartS);
  return {
    a: { runId: runs[0].id, name: runs[0].name },
    b: { runId: runs[1].id, name: runs[1].name },
    sameTrips,
    warnings: [
      ...(sameTrips ? [] : [`Only the ${n} trips on which both runs were tested are compared.`]),
      ...runs.flatMap((run, i) => seenInTraining(run, [a, b][i])),
      ...(unit === 'hour'
        ? ['The test period has fewer than five days: intervals resample hours and are too narrow.']
        : []),
    ],
    settings: changedSettings(...runs),
    metrics: metricsOf(a, b, blockOf),
    slices: slicesOf(a, b, blockOf),
    calibration: calibrationOf(a, b),
    ...errorByHorizon(chosenA, chosenB),
  };
}

function tripsOf(store: ProjectStore, run: RunRecord, { id }: StoredEvaluation): EvaluationTrips {
  const trips = store.evaluationTrips(id);
  if (trips) return trips;
  throw new EtalonError('conflict', `The evaluation of run “${run.name}” kept no trips to compare by.`, {
    remedy: 'Evaluate the run again.',
  });
}

/** Rows of both sides that are the same trip: the same place, departure and time taken. */
function pairs(a: EvaluationTrips, b: EvaluationTrips): { positionsA: number[]; positionsB: number[] } {
  const positionsA: number[] = [];
  const positionsB: number[] = [];
  for (let i = 0, j = 0; i < a.trip.length && j < b.trip.length; ) {
    if (a.trip[i] < b.trip[j]) i++;
    else if (a.trip[i] > b.trip[j]) j++;
    else {
      if (a.localDepartS[i] === b.localDepartS[j] && a.observedS[i] === b.observedS[j]) {
        positionsA.push(i);
        positionsB.push(j);
      }
      i++;
      j++;
    }
  }
  return { positionsA, positionsB };
}

function selectRows(trips: EvaluationTrips, rows: readonly number[]): EvaluationTrips {
  const f32 = (column: Float32Array) => Float32Array.from(rows, (row) => column[row]);
  return {
    trip: Uint32Array.from(rows, (row) => trips.trip[row]),
    localDepartS: Float64Array.from(rows, (row) => trips.localDepartS[row]),
    lengthM: f32(trips.lengthM),
    freeFlowS: f32(trips.freeFlowS),
    roadClass: Uint8Array.from(rows, (row) => trips.roadClass[row]),
    observedS: f32(trips.observedS),
    medianS: f32(trips.medianS),
    low80S: f32(trips.low80S),
    high80S: f32(trips.high80S),
  };
}

function seenInTraining({ name, config }: RunRecord, { localDepartS }: EvaluationTrips): string[] {
  const { from, until } = config as RunConfig;
  const dayStartS = (date: string) => Date.parse(`${date}T00:00:00Z`) / 1000;
  const fromS = from ? dayStartS(from) : Number.NEGATIVE_INFINITY;
  const untilS = until ? dayStartS(until) : Number.POSITIVE_INFINITY;
  const seen = localDepartS.reduce((count, localS) => count + Number(localS >= fromS && localS < untilS), 0);
  return seen === 0 ? [] : [`${name} was trained on ${seen} of the trips that it is tested on.`];
}

function metricsOf(a: EvaluationTrips, b: EvaluationTrips, blockOf: Int32Array): RunComparison['metrics'] {
  const columns = [a, b].map(errorColumns);
  const width = columns[0].length;
  const rows = [
    { name: 'MAE', unit: 's', betterWhen: 'lower', of: (means: Float64Array) => means[0] },
    { name: 'RMSE', unit: 's', betterWhen: 'lower', of: (means: Float64Array) => Math.sqrt(means[1]) },
    { name: 'MAPE', unit: '%', betterWhen: 'lower', of: (means: Float64Array) => 100 * means[2] },
    { name: 'Bad ETAs', unit: '%', betterWhen: 'lower', of: (means: Float64Array) => 100 * means[3] },
    ...(hasIntervals(a) && hasIntervals(b)
      ? [
          {
            name: '80 % coverage',
            unit: '%',
            betterWhen: 'nominal',
            of: (means: Float64Array) => 100 * means[4],
          } as const,
        ]
      : []),
  ] as const;
  const own = (means: Float64Array, side: number) => means.subarray(side * width, (side + 1) * width);
  const figures = rows.flatMap(({ of }) => [
    (means: Float64Array) => of(own(means, 0)),
    (means: Float64Array) => of(own(means, 1)),
    (means: Float64Array) => of(own(means, 0)) - of(own(means, 1)),
  ]);
  const bounded = blockBootstrap(blockOf, columns.flat(), figures, new Random(SEED));
  return rows.map(({ name, unit, betterWhen }, i) => {
    const [valueA, valueB, difference] = bounded.slice(3 * i, 3 * i + 3);
    return {
      ...{ name, unit, betterWhen, a: valueA.value, b: valueB.value },
      ...{ difference: difference.value, low: difference.low, high: difference.high },
    };
  });
}

/** [N] each: absolute, squared and relative error, bad or not, inside the 80 % interval or not. */
function errorColumns({ medianS, observedS, low80S, high80S }: EvaluationTrips): Float64Array[] {
  const column = (of: (trip: number) => number) =>
    Float64Array.from({ length: medianS.length }, (_, trip) => of(trip));
  const absolute = column((trip) => Math.abs(medianS[trip] - observedS[trip]));
  return [
    absolute,
    absolute.map((error) => error * error),
    absolute.map((error, trip) => error / observedS[trip]),
    column((trip) => Number(isBadEta(medianS[trip], observedS[trip]))),
    column((trip) => Number(low80S[trip] <= observedS[trip] && observedS[trip] <= high80S[trip])),
  ];
}

function slicesOf(a: EvaluationTrips, b: EvaluationTrips, blockOf: Int32Array): RunComparison['slices'] {
  const [errorA] = errorColumns(a);
  const [errorB] = errorColumns(b);
  return sliceTrips(a, a.observedS).map(({ by, label, positions }) => {
    const pick = (values: ArrayLike<number>) => Float64Array.from(positions, (trip) => values[trip]);
    const [valueA, valueB, difference] = blockBootstrap(
      pick(blockOf),
      [pick(errorA), pick(errorB)],
      [(means) => means[0], (means) => means[1], (means) => means[0] - means[1]],
      new Random(SEED),
    );
    return {
      ...{ by: by satisfies SliceBy, label, n: positions.length, a: valueA.value, b: valueB.value },
      ...{ difference: difference.value, low: difference.low, high: difference.high },
    };
  });
}

function hasIntervals({ low80S }: EvaluationTrips): boolean {
  return !low80S.some(Number.isNaN);
}

function calibrationOf(a: EvaluationTrips, b: EvaluationTrips): RunComparison['calibration'] {
  if (!hasIntervals(a) || !hasIntervals(b)) return [];
  const [left, right] = [a, b].map((side) => distributionFigures(side, side.observedS).calibration);
  return left.map(({ nominal, covered }, i) => ({ nominal, a: covered, b: right[i].covered }));
}

function errorByHorizon(a: StoredEvaluation, b: StoredEvaluation): Pick<RunComparison, 'errorByHorizon'> {
  const ofB = new Map(readEvaluation(b).horizons.map((row) => [row.fromMin, row]));
  const errorByHorizon = readEvaluation(a).horizons.flatMap(({ fromMin, toMin, modelS, n }) => {
    const other = ofB.get(fromMin);
    return other ? [{ fromMin, toMin, n, a: modelS, b: other.modelS }] : [];
  });
  return errorByHorizon.length > 0 ? { errorByHorizon } : {};
}
