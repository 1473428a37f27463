import { choleskySolve } from '../../base/cholesky.ts';
import type { RoadNetwork } from '../network.ts';
import { DELAY, endsAtSignal, turnDelayBetween } from '../profiles/delays.ts';
import { PACE_GROUPS, paceGroup } from '../profiles/segmentModel.ts';
import { HOURS, hourOfDay, TIME_CELLS, timeCell } from '../profiles/timeCells.ts';
import { type TripSet, weekday } from '../trips.ts';
import type { Baseline } from './baseline.ts';
import { heldOutInterval } from './heldOut.ts';

/** Where each family of columns begins, and how strongly its weights are pulled to 0. */
const FAMILIES = [
  { name: 'counts', size: 5, penalty: 1e-3 },
  { name: 'classKm', size: PACE_GROUPS, penalty: 1e-3 },
  { name: 'classKmByHour', size: PACE_GROUPS * HOURS, penalty: 3e-4 },
  { name: 'kmByCell', size: TIME_CELLS, penalty: 3e-4 },
  { name: 'kmByWeekday', size: 7, penalty: 3e-4 },
] as const;
/** Scale at which residuals count as relative errors, so that the penalties keep their meaning. */
const MEAN_TRIP_S = 600;
const STARTS = startsOf(FAMILIES.map(({ size }) => size));
const COLUMNS = STARTS[FAMILIES.length];

/**
 * Ridge regression of the seconds on kilometres by road class and hour, kilometres by day type and hour and by
 * weekday, and counts of segments, signals and turns; residuals weigh y^−1.5.
 */
export const ridge: Baseline = {
  id: 'ridge',
  async fit(network, train, context, options = { intervals: true }) {
    const fitPart = (part: TripSet) => {
      const weights = fitWeights(network, part);
      return (trips: TripSet) => predict(network, weights, trips);
    };
    const estimate = fitPart(train);
    const around = await heldOutInterval(train, fitPart, context, options);
    return { predict: (trips) => around(estimate(trips)) };
  },
};

/** [COLUMNS] seconds per kilometre or count. */
function fitWeights(network: RoadNetwork, trips: TripSet): Float64Array {
  const matrix = new Float64Array(COLUMNS * COLUMNS);
  const right = new Float64Array(COLUMNS);
  for (let trip = 0; trip < trips.count; trip++) {
    const y = trips.totalS[trip];
    if (!(y > 0)) continue;
    const columns = tripColumns(network, trips, trip);
    const weight = MEAN_TRIP_S ** -0.5 * y ** -1.5;
    for (let at = 0; at < columns.length; at++) {
      const [i, a] = columns[at];
      const scaled = weight * a;
      right[i] += scaled * y;
      // Columns ascend, and the solver reads the lower half alone.
      for (let before = 0; before <= at; before++)
        matrix[i * COLUMNS + columns[before][0]] += scaled * columns[before][1];
    }
  }
  FAMILIES.forEach(({ penalty }, family) => {
    for (let i = STARTS[family]; i < STARTS[family + 1]; i++) matrix[i * COLUMNS + i] += penalty;
  });
  return choleskySolve(matrix, right);
}

function predict(network: RoadNetwork, weights: Float64Array, trips: TripSet): Float32Array {
  return Float32Array.from({ length: trips.count }, (_, trip) => {
    let seconds = 0;
    for (const [column, value] of tripColumns(network, trips, trip)) seconds += weights[column] * value;
    return Math.max(1, seconds);
  });
}

/** The trip's columns that are not 0, as [column, value]. */
function tripColumns(network: RoadNetwork, trips: TripSet, trip: number): [number, number][] {
  const localS = trips.localDepartS[trip];
  const begin = trips.offsets[trip];
  const end = trips.offsets[trip + 1];
  const counts = [1, 0, 0, 0, end - begin];
  const classKm = new Float64Array(PACE_GROUPS);
  let km = 0;
  for (let k = begin; k < end; k++) {
    const segment = trips.segments[k];
    const segmentKm = network.lengthM[segment] / 1000;
    km += segmentKm;
    classKm[paceGroup(network, segment)] += segmentKm;
    if (endsAtSignal(network, segment)) counts[DELAY.signal]++;
    const turn = turnDelayBetween(network, segment, k + 1 < end ? trips.segments[k + 1] : -1);
    if (turn >= 0) counts[turn]++;
  }
  const [countsAt, classAt, classHourAt, cellAt, weekdayAt] = STARTS;
  const hour = hourOfDay(localS);
  const columns: [number, number][] = [];
  counts.forEach((count, i) => {
    if (count > 0) columns.push([countsAt + i, count]);
  });
  classKm.forEach((value, group) => {
    if (value > 0) columns.push([classAt + group, value]);
  });
  classKm.forEach((value, group) => {
    if (value > 0) columns.push([classHourAt + group * HOURS + hour, value]);
  });
  columns.push([cellAt + timeCell(localS), km], [weekdayAt + weekday(localS), km]);
  return columns;
}

function startsOf(sizes: readonly number[]): number[] {
  const starts = [0];
  for (const size of sizes) starts.push(starts[starts.length - 1] + size);
  return starts;
}
