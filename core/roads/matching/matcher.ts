import { distanceM } from '../geometry.ts';
import type { RoadNetwork } from '../network.ts';
import { SegmentIndex } from '../snap.ts';
import { type MatchedPath, pathOf, strung } from './matchedPath.ts';
import { DEFAULT_MATCH_SETTINGS, type MatchSettings } from './settings.ts';
import { Trellis } from './trellis.ts';

/** Points of one vehicle in order of time, no two at the same. */
export interface GpsPoints {
  /** Seconds since 1970-01-01T00:00Z. */
  readonly timeS: Float64Array;
  /** Degrees. */
  readonly lon: Float64Array;
  readonly lat: Float64Array;
}

/** What became of a point. `thinned`: so near to the one before that it says nothing new but how long the vehicle stood. */
export const POINT_FATES = ['lone', 'matched', 'thinned', 'far', 'fast', 'unreachable'] as const;
export type PointFate = (typeof POINT_FATES)[number];

export interface TraceMatch {
  /** The ways that were driven, in order; more than one where the trace was split. */
  paths: MatchedPath[];
  /** Points by what became of them. */
  fates: Record<PointFate, number>;
  /** Where the trace was split, by the reason. */
  breaks: { time: number; space: number; stop: number; unreachable: number };
  /** Metres from each matched point to the road. */
  distancesM: number[];
  /** Sum of the straight lines between neighbouring matched points. */
  straightM: number;
  /** |driven − straight| metres between neighbouring matched points. */
  detoursM: number[];
}

/**
 * So many points in a row may be left out as outliers, and all of so many seconds; after more, the trace is split. One
 * point alone is outvoted by two that agree with each other.
 */
const MAX_SKIPPED = 3;
const MAX_SKIPPED_S = 20;

const [LONE, MATCHED, THINNED, FAR, FAST, UNREACHABLE] = POINT_FATES.keys();

/** Finds the roads that a vehicle drove along from its GPS points. One for each thread. */
export class MapMatcher {
  readonly settings: MatchSettings;
  readonly #network: RoadNetwork;
  readonly #trellis: Trellis;

  constructor(network: RoadNetwork, settings: Partial<MatchSettings> = {}, index?: SegmentIndex) {
    this.settings = { ...DEFAULT_MATCH_SETTINGS, ...settings };
    this.#network = network;
    this.#trellis = new Trellis(network, index ?? SegmentIndex.build(network), this.settings);
  }

  /**
   * Matches one trace by Newson & Krumm 2009. Points closer than 2σ to the one before are thinned. Where no way leads from
   * a point to the next, outliers are left out: the earlier one, the later one, or a few after it; after more than
   * that, and at gaps in time or space, the trace is split.
   */
  match(trace: GpsPoints): TraceMatch {
    const walk = new TraceWalk(this.#network, this.#trellis, this.settings, trace);
    return walk.finish();
  }
}

/** One trace on its way through the trellis. */
class TraceWalk {
  readonly #network: RoadNetwork;
  readonly #trellis: Trellis;
  readonly #settings: MatchSettings;
  readonly #trace: GpsPoints;
  readonly #fate: Uint8Array;
  /** [points] the last point that was thinned away after this one, or the point itself. */
  readonly #lastBeside: Int32Array;
  readonly #result: TraceMatch = {
    paths: [],
    fates: { lone: 0, matched: 0, thinned: 0, far: 0, fast: 0, unreachable: 0 },
    breaks: { time: 0, space: 0, stop: 0, unreachable: 0 },
    distancesM: [],
    straightM: 0,
    detoursM: [],
  };
  /** Columns of the trellis that are linked, newest last, with their points. */
  #columns: { column: number; point: number }[] = [];
  /** Points since the newest column that no way led to. */
  #skipped: number[] = [];

  constructor(network: RoadNetwork, trellis: Trellis, settings: MatchSettings, trace: GpsPoints) {
    this.#network = network;
    this.#trellis = trellis;
    this.#settings = settings;
    this.#trace = trace;
    this.#fate = new Uint8Array(trace.timeS.length);
    this.#lastBeside = Int32Array.from(trace.timeS.keys());
    trellis.clear();
  }

  finish(): TraceMatch {
    const count = this.#trace.timeS.length;
    for (let i = 0; i < count; ) i = this.#take(i);
    // What was skipped at the end may hold a stretch of its own.
    while (this.#skipped.length > 0)
      for (let i = this.#split('unreachable', count - 1); i < count; ) i = this.#take(i);
    this.#closeStretch();
    for (const fate of this.#fate) this.#result.fates[POINT_FATES[fate]]++;
    return this.#result;
  }

  /** Takes a point in and says which is next: mostly the one after it. */
  #take(i: number): number {
    const newest = this.#columns.at(-1);
    if (!newest) return this.#begin(i);
    const cut = this.#cutBefore(i, newest.point);
    // After a stop the vehicle sets off from where it stood.
    if (cut) return this.#split(cut, i, cut === 'stop' ? this.#lastBeside[newest.point] : i);
    const straightM = this.#straightM(newest.point, i);
    if (this.#skipped.length === 0 && straightM < 2 * this.#settings.sigmaM && i < this.#fate.length - 1) {
      this.#fate[i] = THINNED;
      this.#lastBeside[newest.point] = i;
      return i + 1;
    }
    const column = this.#trellis.add(i, this.#trace.lon[i], this.#trace.lat[i]);
    if (column < 0) {
      this.#fate[i] = FAR;
      return i + 1;
    }
    if (this.#trellis.connect(newest.column, straightM, this.#seconds(newest.point, i))) {
      this.#accept(column, i);
      return i + 1;
    }
    const before = this.#columns.at(-2);
    if (
      before &&
      this.#trellis.connect(before.column, this.#straightM(before.point, i), this.#seconds(before.point, i))
    ) {
      this.#fate[newest.point] = this.#fateOfOutlier(before.point, newest.point, i);
      this.#columns.pop();
      this.#accept(column, i);
      return i + 1;
    }
    this.#trellis.drop();
    this.#fate[i] = this.#fateOfOutlier(newest.point, i, i);
    const outvoted = this.#columns.length === 1 && this.#skipped.some((other) => !this.#isFast(other, i));
    this.#skipped.push(i);
    const tooMany = this.#skipped.length > MAX_SKIPPED && this.#seconds(newest.point, i) > MAX_SKIPPED_S;
    return outvoted || tooMany ? this.#split('unreachable', i) : i + 1;
  }

  #begin(i: number): number {
    const column = this.#trellis.add(i, this.#trace.lon[i], this.#trace.lat[i]);
    if (column < 0) this.#fate[i] = FAR;
    else this.#accept(column, i);
    return i + 1;
  }

  #accept(column: number, point: number): void {
    this.#columns.push({ column, point });
    this.#skipped = [];
  }

  /** Why the trace ends before point i, if it does. */
  #cutBefore(i: number, newest: number): 'time' | 'space' | 'stop' | undefined {
    const { maxGapS, maxGapM, maxStopS } = this.#settings;
    const { timeS } = this.#trace;
    const beside = this.#lastBeside[newest];
    if (timeS[beside] - timeS[newest] > maxStopS) return 'stop';
    if (timeS[i] - timeS[beside] > maxGapS) return 'time';
    return this.#straightM(newest, i) > maxGapM && this.#skipped.length === 0 ? 'space' : undefined;
  }

  /** Ends the stretch. The next begins at the first point that was skipped, else at `next`; points up to `seen` were looked at. */
  #split(reason: keyof TraceMatch['breaks'], seen: number, next = seen + 1): number {
    const begin = this.#skipped[0] ?? next;
    for (let point = begin; point <= seen; point++) {
      this.#fate[point] = LONE;
      this.#lastBeside[point] = point;
    }
    if (this.#columns.length > 1) this.#result.breaks[reason]++;
    this.#closeStretch();
    return begin;
  }

  #closeStretch(): void {
    const chain = this.#columns.length > 1 ? this.#trellis.likeliest() : undefined;
    this.#columns = [];
    this.#skipped = [];
    this.#trellis.clear();
    if (!chain) return;
    for (const point of chain.points) this.#fate[point] = MATCHED;
    const standing = chain.points.map((point) => this.#lastBeside[point]);
    const way = strung(this.#network, this.#trellis.reach, chain, 2 * this.#settings.sigmaM);
    this.#result.paths.push(pathOf(this.#network, way, chain, this.#trace, standing));
    for (const metres of chain.distancesM) this.#result.distancesM.push(metres);
    for (let k = 1; k < chain.points.length; k++) {
      const straightM = this.#straightM(chain.points[k - 1], chain.points[k]);
      this.#result.straightM += straightM;
      this.#result.detoursM.push(Math.abs(way.positionsM[k] - way.positionsM[k - 1] - straightM));
    }
  }

  #fateOfOutlier(before: number, outlier: number, after: number): number {
    return this.#isFast(before, outlier) || (after !== outlier && this.#isFast(outlier, after))
      ? FAST
      : UNREACHABLE;
  }

  /** Whether no vehicle gets from one point to the other in time. */
  #isFast(a: number, b: number): boolean {
    return this.#straightM(a, b) > (this.#settings.maxSpeedKmh / 3.6) * this.#seconds(a, b);
  }

  #straightM(a: number, b: number): number {
    const { lon, lat } = this.#trace;
    return distanceM(lon[a], lat[a], lon[b], lat[b]);
  }

  #seconds(a: number, b: number): number {
    return this.#trace.timeS[b] - this.#trace.timeS[a];
  }
}
