import { breathe, EtalonError, type Random, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import { DELAY, type ModelByTime, type RoadNetwork, type TripSet } from '@etalon/core/roads';
import type { EtaSettings } from './settings.ts';
import type { TrafficReader } from './traffic.ts';

/**
 * Paths as the network sees them: what was expected of each and how traffic ran, as known when it departed.
 * Columns are those of the trips they come from; `N` paths with `M` traversals.
 */
export interface PathSet {
  readonly trips: TripSet;
  /** [M] seconds that the segment model expects of each traversal. */
  readonly expectedS: Float32Array;
  /** [N] seconds that it expects of a trip besides its traversals. */
  readonly tripConstantS: Float32Array;
  /** [M · liveNames] residuals of each traversal's segment and surroundings at departure. */
  readonly live: Float32Array;
  readonly liveNames: readonly string[];
  /** [N · cityNames] residuals of the city at departure. */
  readonly city: Float32Array;
  readonly cityNames: readonly string[];
  /** Seconds after its departure at which each path is entered; 0 where absent. Local departures are then those of the entry. */
  readonly horizonS?: number;
}

export interface EntryOptions {
  /** How long after its departure each path is entered; local departures are then those of the entry. */
  horizonS?: number;
  /** The same paths, entered sooner: what was known of traffic is taken from there, where it does not depend on the arrival. */
  earlier?: PathSet;
}

export async function describePaths(
  trips: TripSet,
  models: ModelByTime,
  traffic: TrafficReader,
  context: TaskContext,
  { horizonS = 0, earlier }: EntryOptions = {},
): Promise<PathSet> {
  const { nodeNames: liveNames, cityNames } = traffic;
  const expectedS = new Float32Array(trips.segments.length);
  const tripConstantS = new Float32Array(trips.count);
  const known = traffic.looksAhead ? undefined : earlier;
  const liveValues = known?.live ?? new Float32Array(trips.segments.length * liveNames.length);
  const city = known?.city ?? new Float32Array(trips.count * cityNames.length);
  for (let trip = 0; trip < trips.count; trip++) {
    if (trip % 500 === 0) {
      context.report({
        stage: 'Reading traffic at each departure',
        done: trip,
        total: trips.count,
        unit: 'trips',
      });
      await breathe();
      throwIfCancelled(context.signal);
    }
    const begin = trips.offsets[trip];
    const model = models.modelAt(trips.localDepartS[trip]);
    const seconds = model.traversalsS(trips, trip);
    expectedS.set(seconds, begin);
    tripConstantS[trip] = model.delayS[DELAY.trip];
    if (known) continue;
    const segments = trips.segments.subarray(begin, trips.offsets[trip + 1]);
    const elapsedS = new Float64Array(segments.length).fill(horizonS, 0, 1);
    for (let k = 0; k + 1 < segments.length; k++) elapsedS[k + 1] = elapsedS[k] + seconds[k];
    traffic.nodes(trips.departS[trip], segments, elapsedS, liveValues, begin * liveNames.length);
    const localDepartS = trips.localDepartS[trip] - horizonS;
    traffic.city(trips.departS[trip], localDepartS, city, trip * cityNames.length);
  }
  return { trips, expectedS, tripConstantS, live: liveValues, liveNames, city, cityNames, horizonS };
}

/** A stretch of a path: traversals `start` to `end` (exclusive), counted in all traversals. */
export interface Stretch {
  path: number;
  start: number;
  end: number;
  /** Seconds from the departure to its start, where they are known better than as what was expected. */
  elapsedS?: number;
}

/** Paths cut into supersegments of `length` segments, in driving order; a last one under half of that joins the one before. */
export function cutPaths(paths: PathSet, positions: Iterable<number>, length: number): Stretch[][] {
  return wholePaths(paths, positions).map(({ path, start, end }) => {
    const count = Math.max(1, Math.round((end - start) / length));
    return Array.from({ length: count }, (_, i) => ({
      path,
      start: start + i * length,
      end: i === count - 1 ? end : start + (i + 1) * length,
    }));
  });
}

/**
 * What training asks about in every epoch: paths as a whole, or cut into supersegments where the seconds of their segments are known.
 * Throws `usage` where none is.
 */
export function trainingStretches(
  paths: PathSet,
  positions: readonly number[],
  { routeBy, horizons, supersegmentLength }: Pick<EtaSettings, 'routeBy' | 'horizons' | 'supersegmentLength'>,
): Stretch[] {
  if (routeBy === 'whole' && horizons === 'each')
    throw new EtalonError('usage', 'A path asked as a whole has one horizon: its departure.', {
      where: { field: 'horizons' },
      remedy: 'Set routeBy=supersegments too, or horizons=one.',
    });
  if (routeBy === 'whole') return wholePaths(paths, positions);
  const stretches = cutPaths(paths, positions, supersegmentLength)
    .flat()
    .filter(({ start, end }) => knownSeconds(paths, start, end));
  if (stretches.length === 0)
    throw new EtalonError(
      'usage',
      'No trip has seconds for its segments, so paths cannot be cut into supersegments.',
      { where: { field: 'routeBy' }, remedy: 'Set routeBy=whole.' },
    );
  return stretches;
}

/** Every path as a whole. */
export function wholePaths(paths: PathSet, positions: Iterable<number>): Stretch[] {
  const { offsets } = paths.trips;
  return Array.from(positions, (path) => ({ path, start: offsets[path], end: offsets[path + 1] }));
}

/**
 * Supersegments in proportion to traffic density: a traversal is drawn among all, evenly, and the next `length` segments that
 * its trip drove are the supersegment. Busy segments are drawn as often as they are driven, and the trip's own seconds are
 * the label. Traversals whose seconds are unknown are not used; without any there are no supersegments.
 */
export function sampleSupersegments(
  paths: PathSet,
  positions: readonly number[],
  { count, length }: { count: number; length: number },
  random: Random,
): Stretch[] {
  const { offsets, segmentS } = paths.trips;
  if (!segmentS || positions.length === 0) return [];
  const ends = new Float64Array(positions.length);
  let traversals = 0;
  positions.forEach((path, i) => {
    traversals += offsets[path + 1] - offsets[path];
    ends[i] = traversals;
  });
  const stretches: Stretch[] = [];
  for (let draw = 0; draw < count; draw++) {
    const drawn = random.int(traversals);
    const i = upperBound(ends, drawn);
    const path = positions[i];
    const start = offsets[path + 1] - (ends[i] - drawn);
    const end = Math.min(start + length, offsets[path + 1]);
    if (knownSeconds(paths, start, end)) stretches.push({ path, start, end });
  }
  return stretches;
}

/** Whether the seconds of each of the traversals are known. */
export function knownSeconds({ trips: { segmentS } }: PathSet, start: number, end: number): boolean {
  return segmentS?.subarray(start, end).every((seconds) => seconds > 0) ?? false;
}

/** First position whose value exceeds x. */
function upperBound(ascending: Float64Array, x: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A trip set of paths that nobody has driven yet: times are NaN. */
export function plannedTrips(
  paths: readonly { segments: ArrayLike<number>; departS: number; localDepartS: number }[],
): TripSet {
  const offsets = new Uint32Array(paths.length + 1);
  paths.forEach((path, i) => {
    offsets[i + 1] = offsets[i] + path.segments.length;
  });
  const segments = new Int32Array(offsets[paths.length]);
  paths.forEach((path, i) => {
    segments.set(path.segments, offsets[i]);
  });
  return {
    count: paths.length,
    ids: paths.map((_, i) => String(i)),
    departS: Float64Array.from(paths, (path) => path.departS),
    localDepartS: Float64Array.from(paths, (path) => path.localDepartS),
    totalS: new Float32Array(paths.length).fill(Number.NaN),
    offsets,
    segments,
  };
}

/**
 * Covers segments by paths that follow the busiest permitted turn, each segment in exactly one: how the network is asked
 * about every segment at once. A path ends at `length` segments, or where every onward segment is taken.
 */
export function coverByPaths(network: RoadNetwork, turnTraffic: Float32Array, length: number): Int32Array[] {
  const taken = new Uint8Array(network.segmentCount);
  const entered = new Float32Array(network.segmentCount);
  for (let turn = 0; turn < network.turnCount; turn++) entered[network.turnTo[turn]] += turnTraffic[turn];
  // Starting where least traffic enters lets paths run with the main flow instead of cutting it.
  const order = Int32Array.from(entered.keys()).sort((a, b) => entered[a] - entered[b] || a - b);
  const paths: Int32Array[] = [];
  for (const first of order) {
    if (taken[first]) continue;
    const path: number[] = [];
    for (let segment = first; segment >= 0 && path.length < length; segment = busiestFreeTurn(segment)) {
      taken[segment] = 1;
      path.push(segment);
    }
    paths.push(Int32Array.from(path));
  }
  return paths;

  function busiestFreeTurn(segment: number): number {
    let best = -1;
    let bestTraffic = -1;
    for (let turn = network.turnOffsets[segment]; turn < network.turnOffsets[segment + 1]; turn++) {
      const next = network.turnTo[turn];
      if (taken[next] || next === network.reverse[segment] || turnTraffic[turn] <= bestTraffic) continue;
      best = next;
      bestTraffic = turnTraffic[turn];
    }
    return best;
  }
}
