import type { ApiIsochrone, ApiTravelMatrix } from '../api/contract.ts';
import type { TaskContext } from '../base/index.ts';
import {
  isochroneBands,
  LONGEST_DRIVE_S,
  OneToAll,
  ROADSIDE_M,
  type RoadNetwork,
  RoadPlaces,
  Router,
  segmentPart,
  travelMatrix,
  wayLine,
} from '../roads/index.ts';
import type { TravelSource } from './model.ts';

type Point = [number, number];

/** Drives to one place; `departS` is wall-clock seconds. */
export interface DrivesQuestion {
  from: readonly (readonly [number, number])[];
  to: readonly [number, number];
  departS: number;
}

/** The quickest way between two points, by the same costs as `Travel.toOne`. */
export interface DrivenWay {
  /** Longitude, latitude. */
  line: Point[];
  seconds: number;
  lengthM: number;
}

/** Answers questions about travel times from points to everywhere, whatever they come from. */
export class Travel {
  readonly #network: RoadNetwork;
  readonly #places: RoadPlaces;
  readonly #toAll: OneToAll;
  /** Of ways alone: matrices and isochrones do without. */
  #router: Router | undefined;

  constructor(network: RoadNetwork) {
    this.#network = network;
    this.#places = new RoadPlaces(network);
    this.#toAll = new OneToAll(network);
  }

  /** Throws `input` for a point far from every road. */
  async isochrone(
    source: TravelSource,
    { from, departS, minutes, lines }: { from: Point; departS: number; minutes: number[]; lines: boolean },
  ): Promise<ApiIsochrone> {
    const { places, distanceM } = this.#places.near(from, 'start');
    const bandsS = [...new Set(minutes)].sort((a, b) => a - b).map((minute) => 60 * minute);
    const untilS = departS + bandsS[bandsS.length - 1];
    const costs = await source.costs(departS, untilS);
    const parts = this.#toAll.parts(places, departS, untilS, costs);
    return {
      depart: new Date(departS * 1000).toISOString().slice(0, 19),
      bands: isochroneBands(this.#network, parts, departS, bandsS).map(({ seconds, ...band }) => ({
        minutes: seconds / 60,
        ...band,
      })),
      roadsideM: ROADSIDE_M,
      lines: lines
        ? parts.map(({ segment, begin, end, beginS, endS }) => ({
            segment,
            coordinates: segmentPart(this.#network, segment, begin, end),
            beginS: beginS - departS,
            endS: endS - departS,
          }))
        : [],
      snapM: distanceM,
    };
  }

  /**
   * [from] seconds of the quickest ways to one destination: NaN from a point far from every road, and where there is no way. Null where
   * the destination is far from every road. Throws `cancelled`.
   */
  async toOne(
    source: TravelSource,
    { from, to, departS }: DrivesQuestion,
    context: TaskContext,
  ): Promise<Float64Array | null> {
    const destination = this.#places.find(to);
    if (!destination) return null;
    const starts = from.map((point) => this.#places.find(point)?.places ?? []);
    const costs = await source.costs(departS, departS + LONGEST_DRIVE_S);
    const request = { from: starts, to: [destination.places], departS };
    const { seconds } = await travelMatrix(this.#toAll, request, costs, context);
    return seconds.map((value) => (value === Infinity ? Number.NaN : value));
  }

  /** Null where a point is far from every road. Throws `not-found` where no way leads there. */
  async way(
    source: TravelSource,
    { from, to, departS }: { from: Point; to: Point; departS: number },
  ): Promise<DrivenWay | null> {
    const [start, destination] = [this.#places.find(from), this.#places.find(to)];
    if (!start || !destination) return null;
    const costs = await source.costs(departS, departS + LONGEST_DRIVE_S);
    const request = { from: start.places, to: destination.places, departS };
    this.#router ??= new Router(this.#network);
    const route = this.#router.quickest(request, costs);
    return { line: wayLine(this.#network, route), seconds: route.durationS, lengthM: route.lengthM };
  }

  /** Throws `input` for a point far from every road, `cancelled`. */
  async matrix(
    source: TravelSource,
    { from, to, departS }: { from: Point[]; to: Point[]; departS: number },
    context: TaskContext,
  ): Promise<ApiTravelMatrix> {
    const places = (points: Point[], what: string) =>
      points.map((point, i) => this.#places.near(point, `${what} ${i + 1}`).places);
    const request = { from: places(from, 'start'), to: places(to, 'destination'), departS };
    const costs = await source.costs(departS, departS + LONGEST_DRIVE_S);
    const { seconds, metres } = await travelMatrix(this.#toAll, request, costs, context);
    const rows = (values: Float64Array) =>
      from.map((_, i) =>
        Array.from(values.subarray(i * to.length, (i + 1) * to.length), (value) =>
          value === Infinity ? null : value,
        ),
      );
    return { seconds: rows(seconds), metres: rows(metres) };
  }
}
