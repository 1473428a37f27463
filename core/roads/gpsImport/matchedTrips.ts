import type { DepartureReader } from '../../tables/departure.ts';
import type { ReportBuilder } from '../../tables/importReport.ts';
import type { MatchedPath } from '../matching/index.ts';
import type { RoadNetwork } from '../network.ts';
import { KnownTrips } from '../tripImport/knownTrips.ts';
import { TripColumns } from '../tripImport/tripColumns.ts';
import type { TripSet } from '../trips.ts';

const LEAST_M = 100;
const LEAST_KMH = 1;
/** A match of less confidence is noted. */
const DOUBTFUL = 0.5;

/** The path of a matched drive as a trip over whole segments: an end of which less than half was driven is left out. */
export function tripOf(network: RoadNetwork, path: MatchedPath): { segments: number[]; segmentS: number[] } {
  const { segments, segmentS, startM, endM } = path;
  let [first, last] = [0, segments.length - 1];
  const half = (segment: number) => network.lengthM[segment] / 2;
  if (first < last && startM > half(segments[first])) first++;
  if (first < last && endM < half(segments[last])) last--;
  return { segments: segments.slice(first, last + 1), segmentS: segmentS.slice(first, last + 1) };
}

/** Collects the trips of an import in columns, and says in its report what was left out. */
export class MatchedTrips {
  readonly #network: RoadNetwork;
  readonly #clock: DepartureReader;
  readonly #report: ReportBuilder;
  /** Without their paths, which may change with the settings of the match. */
  readonly #known = new KnownTrips();
  readonly #trips = new TripColumns();
  readonly #hand: (trips: TripSet) => void;
  /** Traces with a trip, by name alone. */
  readonly #traces = new KnownTrips();
  /** How many trips there are of traces with more than one. */
  readonly #ofTrace = new Map<string, number>();
  count = 0;
  traversals = 0;
  /** Trips with the seconds of any segment. */
  timed = 0;
  duplicates = 0;

  constructor(
    network: RoadNetwork,
    clock: DepartureReader,
    report: ReportBuilder,
    { existing = [], add }: { existing?: Iterable<TripSet>; add(trips: TripSet): void },
  ) {
    this.#hand = add;
    this.#network = network;
    this.#clock = clock;
    this.#report = report;
    for (const { count, ids, departS } of existing)
      for (let i = 0; i < count; i++) this.#known.add(ids[i], departS[i], []);
  }

  /** The trips of a trace's stretches, named by it: `id`, `id#2`, `id#3` … */
  add(trace: string, paths: readonly MatchedPath[], place: string): void {
    for (const path of paths) this.#add(trace, path, place);
    if (this.#trips.isFull) this.handOn();
  }

  /** Hands on the trips that were collected. */
  handOn(): void {
    if (this.#trips.count > 0) this.#hand(this.#trips.take());
  }

  #add(trace: string, path: MatchedPath, place: string): void {
    const totalS = path.arriveS - path.departS;
    const kmh = (path.lengthM / totalS) * 3.6;
    if (path.lengthM < LEAST_M || !(kmh >= LEAST_KMH)) {
      this.#report.drop(
        'too-short',
        `Stretches of under ${LEAST_M} m, or slower than ${LEAST_KMH} km/h`,
        `${place}: ${Math.round(path.lengthM)} m in ${Math.round(totalS)} s`,
      );
      return;
    }
    const { segments, segmentS } = tripOf(this.#network, path);
    const number = this.#traces.add(trace, 0, []) ? 1 : (this.#ofTrace.get(trace) ?? 1) + 1;
    if (number > 1) this.#ofTrace.set(trace, number);
    const id = number === 1 ? trace : `${trace}#${number}`;
    if (!this.#known.add(id, path.departS, [])) {
      this.duplicates++;
      this.#report.drop(
        'duplicate',
        'The same trip (identifier and departure) is there already',
        `${place} (trip ${id})`,
      );
      return;
    }
    const timed = segmentS.some((seconds) => seconds >= 0);
    if (timed) this.timed++;
    this.count++;
    this.traversals += segments.length;
    this.#trips.push(id, {
      departS: path.departS,
      localDepartS: this.#clock.fromUtc(path.departS).localDepartS,
      totalS,
      segments,
      segmentS: timed ? segmentS : null,
    });
    if (this.#turnsBack(segments))
      this.#report.note(
        'Trips with a U-turn at a junction, which the road network does not list',
        `${place} (trip ${id})`,
      );
    if (path.confidence < DOUBTFUL)
      this.#report.note(
        `Trips whose roads are in doubt (a confidence under ${DOUBTFUL})`,
        `${place} (trip ${id})`,
      );
  }

  /** Whether the way turns back where other ways would have led on. */
  #turnsBack(segments: readonly number[]): boolean {
    const { reverse, turnOffsets, turnTo } = this.#network;
    return segments.some((segment, i) => {
      const back = reverse[segment];
      if (back < 0 || segments[i + 1] !== back) return false;
      return !turnTo.subarray(turnOffsets[segment], turnOffsets[segment + 1]).includes(back);
    });
  }
}
