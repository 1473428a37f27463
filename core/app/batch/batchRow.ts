import { EtalonError } from '../../base/index.ts';
import {
  type DepartureReader,
  findTurn,
  type RoadNetwork,
  type RoadPlaces,
  type RoutePlace,
  type Way,
} from '../../roads/index.ts';
import { parseList } from '../../roads/tripImport/list.ts';

const FIELDS = ['id', 'departure', 'fromLat', 'fromLon', 'toLat', 'toLon', 'segments'] as const;
type Field = (typeof FIELDS)[number];

/** Names in use; compared without case, blanks and punctuation. */
const NAMES: Record<Field, readonly string[]> = {
  id: ['id', 'tripid', 'trip', 'orderid'],
  departure: ['departure', 'departuretime', 'depart', 'departat', 'starttime', 'pickupdatetime', 'time'],
  fromLat: ['fromlat', 'fromlatitude', 'startlat', 'startlatitude', 'originlat', 'pickuplatitude'],
  fromLon: [
    'fromlon',
    'fromlng',
    'fromlongitude',
    'startlon',
    'startlng',
    'startlongitude',
    'originlon',
    'originlng',
    'pickuplongitude',
  ],
  toLat: ['tolat', 'tolatitude', 'endlat', 'endlatitude', 'destinationlat', 'destlat', 'dropofflatitude'],
  toLon: [
    'tolon',
    'tolng',
    'tolongitude',
    'endlon',
    'endlng',
    'endlongitude',
    'destinationlon',
    'destinationlng',
    'destlon',
    'dropofflongitude',
  ],
  segments: ['segments', 'segmentids', 'segmentrefs', 'edges', 'edgefids', 'path', 'route'],
};
const POINTS: readonly Field[] = ['fromLat', 'fromLon', 'toLat', 'toLon'];

/** A trip to predict: between places, or along a way. */
export type BatchTrip = { localDepartS: number } & (
  | { from: RoutePlace[]; to: RoutePlace[] }
  | { way: Way; lengthM: number }
);

/** Reads rows of trips to predict: a departure, and either two points in degrees or a list of segments. */
export class BatchRowReader {
  readonly #network: RoadNetwork;
  readonly #places: RoadPlaces;
  readonly #clock: DepartureReader;
  readonly #columns: Partial<Record<Field, number>>;
  readonly #width: number;
  readonly #segmentOf: Map<string, number>;

  /** Throws `input` where the header lacks a column. */
  constructor(
    path: string,
    columns: readonly string[],
    parts: { network: RoadNetwork; places: RoadPlaces; clock: DepartureReader },
  ) {
    this.#network = parts.network;
    this.#places = parts.places;
    this.#clock = parts.clock;
    this.#width = columns.length;
    const plain = columns.map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''));
    this.#columns = {};
    for (const field of FIELDS) {
      const at = NAMES[field].map((name) => plain.indexOf(name)).find((index) => index >= 0);
      if (at !== undefined) this.#columns[field] = at;
    }
    const missing = (field: Field) => this.#columns[field] === undefined;
    if (missing('departure') || (missing('segments') && POINTS.some(missing)))
      throw new EtalonError('input', `The columns are ${columns.join(', ')}.`, {
        where: { file: path, line: 1 },
        remedy: 'Name a departure, and from_lat, from_lon, to_lat, to_lon or else segments.',
      });
    this.#segmentOf = missing('segments')
      ? new Map()
      : new Map(this.#network.refs.map((ref, segment) => [ref, segment]));
  }

  id(fields: readonly string[]): string {
    return this.#field(fields, 'id');
  }

  departure(fields: readonly string[]): string {
    return this.#field(fields, 'departure');
  }

  /** Throws `input` with what is wrong. */
  read(fields: readonly string[]): BatchTrip {
    if (fields.length !== this.#width)
      throw wrong(`the row has ${fields.length} fields, the header ${this.#width}`);
    const departure = this.#field(fields, 'departure');
    const moment = this.#clock.read(departure);
    if (!moment) throw wrong(`departure “${departure}” is no time such as 2024-06-03T08:30`);
    const { localDepartS } = moment;
    if (this.#field(fields, 'segments') !== '')
      return { localDepartS, ...this.#way(this.#field(fields, 'segments')) };
    const from = this.#places.near(this.#point(fields, 'fromLat', 'fromLon'), 'start');
    const to = this.#places.near(this.#point(fields, 'toLat', 'toLon'), 'destination');
    return { localDepartS, from: from.places, to: to.places };
  }

  #point(fields: readonly string[], lat: Field, lon: Field): [number, number] {
    const degrees = (field: Field, name: string, most: number) => {
      const text = this.#field(fields, field);
      const value = Number(text);
      if (text === '' || !(Math.abs(value) <= most))
        throw wrong(`${name} “${text}” is no number of degrees from −${most} to ${most}`);
      return value;
    };
    const end = lat === 'fromLat' ? 'start' : 'destination';
    return [degrees(lon, `the ${end}’s longitude`, 180), degrees(lat, `the ${end}’s latitude`, 90)];
  }

  #way(text: string): { way: Way; lengthM: number } {
    const refs = parseList(text);
    if (!refs || refs.length === 0) throw wrong('the segments are no list');
    const segments = refs.map((ref) => {
      const segment = this.#segmentOf.get(ref);
      if (segment === undefined) throw wrong(`there is no segment “${ref}”`);
      return segment;
    });
    const turns = segments.slice(1).map((next, i) => {
      const turn = findTurn(this.#network, segments[i], next);
      if (turn < 0) throw wrong(`no turn leads from segment “${refs[i]}” onto “${refs[i + 1]}”`);
      return turn;
    });
    return {
      way: { segments, turns, startFraction: 0, endFraction: 1 },
      lengthM: segments.reduce((sum, segment) => sum + this.#network.lengthM[segment], 0),
    };
  }

  #field(fields: readonly string[], field: Field): string {
    const at = this.#columns[field];
    return at === undefined ? '' : (fields[at] ?? '').trim();
  }
}

function wrong(message: string): EtalonError {
  return new EtalonError('input', message);
}
