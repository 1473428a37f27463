import { EtalonError } from '@etalon/core/base';
import { type Adjacency, adjacencyOf, type Csr } from '@etalon/core/graph';
import {
  beside,
  type CategoricalColumn,
  type FeatureEncoding,
  type Features,
  featureMatrix,
  fitFeatures,
  friendsOf,
  type InteractionData,
  lastActiveS,
} from '@etalon/core/interactions';
import { activeRows, GridRegions } from '@etalon/core/retrieval';
import { activityMatrix } from '../social/activity.ts';
import type { FriendsSettings } from './settings.ts';

const DAY_S = 86_400;
const REGION_NAMES = ['region', 'country', 'market', 'continent'];

/** Plain JSON that outlasts training: how features become numbers, and which columns there were. */
export interface KeptFriends {
  readonly encoding: FeatureEncoding;
  /** Columns of activity, in the order of the network's inputs. */
  readonly activity: readonly string[];
}

/** Users and their friendships at the moment that the data end at. */
export interface FriendGraph {
  readonly data: InteractionData;
  /** Type of the friendships, and of the nodes that they join. */
  readonly type: string;
  readonly users: string;
  readonly count: number;
  readonly friends: Csr;
  /** Friendships each way, the latest last; the second half is the first turned round. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Whose messages each user takes. */
  readonly adjacency: Adjacency;
  readonly columns: readonly string[];
  /** [users, columns] */
  readonly x: Float32Array;
  /** Where each column's feature begins in the row of a profile: what belongs to one feature. */
  readonly profile: readonly { name: string; begin: number; end: number }[];
  /** [users] which part of the index each is in and asks; grid: what the parts are, null for regions that have names. */
  readonly regions: Int32Array;
  readonly grid: GridRegions | null;
  /** [users] NaN for those of whom nothing is known. */
  readonly lastActiveS: Float64Array;
  /** The last moment that is known; NaN where none is. */
  readonly endS: number;
  /** Rows of users worth finding. */
  readonly active: Int32Array;
  readonly kept: KeptFriends;
}

/** @param data with friendships each way @param kept of the run's training, where it is over. Throws `input` without features and friends. */
export function friendGraph(
  data: InteractionData,
  type: string,
  settings: Pick<FriendsSettings, 'categories' | 'regions' | 'cellDegrees' | 'activeDays'>,
  kept?: KeptFriends,
): FriendGraph {
  const table = data.edges(type);
  const users = data.nodes(table.from);
  if (table.count === 0)
    throw new EtalonError('input', `There are no edges "${type}" to learn from.`, {
      remedy: 'Import friendships, or hold fewer of them out.',
    });
  const encoding = kept?.encoding ?? fitFeatures(users.features, { mostCategories: settings.categories });
  const profile = featureMatrix(encoding, users.features, users.count);
  const activity = activityMatrix(data, users.name, type, kept?.activity);
  const features = beside([profile, activity], users.count);
  const last = lastActiveS(data, users.name);
  const endS = last.reduce((latest, timeS) => (latest >= timeS ? latest : timeS), Number.NaN);
  const { from, to } = byTime(table.fromRows, table.toRows, table.timesS);
  const { regions, grid } = regionsOf(users.features, users.count, settings);
  return {
    data,
    type,
    users: users.name,
    count: users.count,
    friends: friendsOf(data, type),
    from,
    to,
    adjacency: adjacencyOf({ rows: users.count, columns: users.count, from: to, to: from }),
    columns: features.names,
    x: features.values,
    profile: partsOf(encoding, profile.names),
    regions,
    grid,
    lastActiveS: last,
    endS,
    active:
      settings.activeDays === 0 || Number.isNaN(endS)
        ? Int32Array.from({ length: users.count }, (_, row) => row)
        : activeRows(last, endS - settings.activeDays * DAY_S),
    kept: { encoding, activity: activity.names },
  };
}

/** The first half of friendships each way, the earliest first, unknown times before all; then the same turned round. */
function byTime(
  fromRows: Int32Array,
  toRows: Int32Array,
  timesS: Float64Array | null,
): { from: Int32Array; to: Int32Array } {
  const time = (edge: number) => (Number.isNaN(timesS![edge]) ? Number.NEGATIVE_INFINITY : timesS![edge]);
  const once = Int32Array.from(fromRows.keys()).filter((edge) => fromRows[edge] < toRows[edge]);
  if (timesS) once.sort((a, b) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : a - b));
  const ends = (first: Int32Array, second: Int32Array) =>
    Int32Array.from([...once.map((edge) => first[edge]), ...once.map((edge) => second[edge])]);
  return { from: ends(fromRows, toRows), to: ends(toRows, fromRows) };
}

function partsOf({ columns }: FeatureEncoding, names: readonly string[]): FriendGraph['profile'] {
  let begin = 0;
  return columns.map((column) => {
    const widths = { numeric: 1, coordinates: 2, categories: 0 };
    const own = column.kind === 'categories' ? column.categories.length : widths[column.kind];
    const part = { name: column.name, begin, end: Math.min(names.length, begin + own) };
    begin += own;
    return part;
  });
}

/** A user without a region or a place is in one part with all others who have none. */
function regionsOf(
  features: Features,
  count: number,
  { regions, cellDegrees }: Pick<FriendsSettings, 'regions' | 'cellDegrees'>,
): { regions: Int32Array; grid: GridRegions | null } {
  const none = { regions: new Int32Array(count), grid: null };
  if (regions === 'none') return none;
  const named = Object.entries(features).find(
    (entry): entry is [string, CategoricalColumn] =>
      REGION_NAMES.includes(entry[0].toLowerCase()) && entry[1].kind === 'categorical',
  );
  if (named) return { regions: named[1].codes.slice(), grid: null };
  const place = Object.values(features).find((column) => column.kind === 'coordinates');
  if (!place) return none;
  const grid = new GridRegions(cellDegrees);
  const cell = (row: number) =>
    Number.isNaN(place.latitude[row]) ? -1 : grid.of(place.latitude[row], place.longitude[row]);
  return { regions: Int32Array.from({ length: count }, (_, row) => cell(row)), grid };
}
