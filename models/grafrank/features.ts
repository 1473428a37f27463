import { gatherRows } from '@etalon/core/graph';
import {
  beside,
  EdgeSums,
  type EdgeTable,
  type FeatureColumn,
  type FeatureEncoding,
  type FeatureMatrix,
  type Features,
  featureMatrix,
  fitFeatures,
  fitKnots,
  type InteractionData,
  type Knots,
  pairsOf,
  placeFeatures,
  quantileFeatures,
  sameEnds,
  type TimeWindow,
} from '@etalon/core/interactions';

/** The four kinds of user features (Sankar et al. 2021, § 3). */
export const MODALITIES = ['profile', 'interests', 'friending', 'engagement'] as const;
export type Modality = (typeof MODALITIES)[number];

export const DAY_S = 86_400;
/** Activity is told as a rate over so many days, of all time and of the last such period. */
const PERIOD_S = 28 * DAY_S;
/** A numeric feature that is a count for at least this share of users 0 is an interest: topics of posts, not ages. */
const ZEROS = 0.2;
/** Types of edges with fewer different pairs than this share of their edges happen again and again: talk, not requests. */
const DIFFERENT = 0.8;

/** Columns of numbers, row-major. */
export type Columns = FeatureMatrix;

/** Categories of a column that have a place of their own: interests may be thousands. */
const MOST_CATEGORIES = 256;

/** Distances at which places are told apart. */
const PLACES = { scalesKm: [20, 100], perScale: 16, seed: 11 };
/** Parts of the scale of a number. */
const KNOTS = 8;

/** What people are, which does not change; plain JSON. */
export interface StaticEncodings {
  readonly profile: FeatureEncoding;
  /** Of the numbers of the profile, by name. */
  readonly knots: Readonly<Record<string, Knots>>;
  readonly interests: FeatureEncoding;
}

export function fitStatic(features: Features): StaticEncodings {
  const { profile, interests } = statically(features);
  const encode = (part: Features) => fitFeatures(part, { mostCategories: MOST_CATEGORIES });
  const knots = Object.entries(profile).flatMap(([name, column]) => {
    const own = column.kind === 'numeric' ? fitKnots(column.values, KNOTS) : [];
    return own.length > 0 ? [[name, own] as const] : [];
  });
  return { profile: encode(profile), knots: Object.fromEntries(knots), interests: encode(interests) };
}

/**
 * Profile: besides the features themselves numbers by the part of the scale that they lie in, and places by random Fourier features, so that inner products tell how
 * like they are. Interests: counts as log(1 + count).
 */
export function staticColumns(
  { profile, knots, interests }: StaticEncodings,
  features: Features,
  users: number,
): Record<'profile' | 'interests', Columns> {
  const own = statically(features);
  const alike = Object.entries(features).flatMap(([name, column]) => {
    if (column.kind === 'numeric' && knots[name]) return [quantileFeatures(name, column.values, knots[name])];
    return column.kind === 'coordinates' ? [placeFeatures(column, PLACES)] : [];
  });
  return {
    profile: beside([featureMatrix(profile, own.profile, users), ...alike], users),
    interests: featureMatrix(interests, own.interests, users),
  };
}

function statically(features: Features): Record<'profile' | 'interests', Features> {
  const entries = Object.entries(features);
  const counted = entries.filter(([, column]) => isInterest(column));
  return {
    profile: Object.fromEntries(entries.filter(([, column]) => !isInterest(column))),
    interests: Object.fromEntries(counted.map(([name, column]) => [name, damped(column)])),
  };
}

function damped(column: FeatureColumn): FeatureColumn {
  return column.kind === 'numeric' ? { ...column, values: column.values.map(Math.log1p) } : column;
}

function isInterest(column: FeatureColumn): boolean {
  if (column.kind === 'multi') return true;
  if (column.kind !== 'numeric') return false;
  const { values } = column;
  const zeros = values.filter((value) => value === 0).length;
  return zeros >= ZEROS * values.length && values.every((value) => value >= 0 && Number.isInteger(value));
}

/** Edges of one type between users, beside friendships: requests, contacts. */
export class Activity {
  readonly modality: 'friending' | 'engagement';
  readonly #table: EdgeTable;
  readonly #sums: EdgeSums;
  readonly #firstS: number;
  readonly #friendship: Int32Array;

  /** @param edgeOf number of the friendship that leads from one user to another, −1 for none */
  constructor(table: EdgeTable, users: number, edgeOf: (from: number, to: number) => number) {
    this.modality =
      pairsOf(table, users).entries.length < DIFFERENT * table.count ? 'engagement' : 'friending';
    this.#table = table;
    this.#sums = new EdgeSums(table);
    this.#firstS =
      table.timesS?.reduce((least, timeS) => (timeS < least ? timeS : least), Number.POSITIVE_INFINITY) ??
      Number.NaN;
    this.#friendship = table.fromRows.map((from, edge) => edgeOf(from, table.toRows[edge]));
  }

  /** log(1 + edges in 28 days), of all time before a moment and of the last 28 days, from each user and to them. */
  ofUsers(users: number, timeS: number): Columns[] {
    return this.#windows(timeS).flatMap(({ window, name, scale }) =>
      (['fromRows', 'toRows'] as const).map((end) => ({
        names: this.#sums.names.map((column) => `${column} ${end === 'fromRows' ? 'made' : 'met'}${name}`),
        values: this.#sums.sums(this.#table[end], users, window).map((sum) => Math.log1p(sum * scale)),
      })),
    );
  }

  /**
   * The same between the ends of each friendship: edges sent the way of its messages, and the other way; what they were like, both ways
   * together. Requests of all time, what happens again and again of the last 28 days.
   */
  ofLinks(edges: number, timeS: number): Columns {
    const { sums, scale } = this.#ofFriendships(edges, timeS);
    const [count, ...kinds] = this.#sums.names;
    const width = kinds.length + 1;
    const values = new Float32Array(edges * (width + 1));
    for (let edge = 0; edge < edges; edge++) {
      const [there, back, to] = [edge * width, (edge ^ 1) * width, edge * (width + 1)];
      values[to] = Math.log1p(sums[there] * scale);
      values[to + 1] = Math.log1p(sums[back] * scale);
      for (let k = 1; k < width; k++) {
        const sum = sums[there + k] + sums[back + k];
        if (sum > 0) values[to + 1 + k] = Math.log1p(sum * scale);
      }
    }
    return { names: [`${count} sent`, `${count} received`, ...kinds], values };
  }

  /** How many there are between the ends of each friendship, both ways together. */
  between(edges: number, timeS: number): Float64Array {
    const { sums, scale } = this.#ofFriendships(edges, timeS);
    const width = this.#sums.names.length;
    return Float64Array.from(
      { length: edges },
      (_, edge) => (sums[edge * width] + sums[(edge ^ 1) * width]) * scale,
    );
  }

  /** Sums [edges · names] the way of each edge, and what makes them those of 28 days, where they are not of all time. */
  #ofFriendships(edges: number, timeS: number): { sums: Float32Array; scale: number } {
    const windows = this.#windows(timeS);
    const { window, scale } = this.modality === 'friending' ? { ...windows[0], scale: 1 } : windows.at(-1)!;
    const rowOf = this.#friendship.map((edge) => (edge < edges ? edge : -1));
    return { sums: this.#sums.sums(rowOf, edges, window), scale };
  }

  #windows(timeS: number): { window: TimeWindow; name: string; scale: number }[] {
    const ever = { fromS: Number.NEGATIVE_INFINITY, untilS: timeS };
    if (Number.isNaN(this.#firstS))
      return [{ window: { ...ever, untilS: Number.POSITIVE_INFINITY }, name: '', scale: 1 }];
    const seenS = Math.max(DAY_S, timeS - this.#firstS);
    return [
      { window: ever, name: '', scale: PERIOD_S / seenS },
      {
        window: { ...ever, fromS: timeS - PERIOD_S },
        name: ' lately',
        scale: PERIOD_S / Math.min(PERIOD_S, seenS),
      },
    ];
  }
}

export function activitiesOf(data: InteractionData, friends: EdgeTable): Activity[] {
  const users = data.nodes(friends.from).count;
  const edges = new Map<number, number>();
  friends.fromRows.forEach((from, edge) => {
    edges.set(from * users + friends.toRows[edge], edge);
  });
  return sameEnds(data, friends)
    .filter(({ count }) => count > 0)
    .map((table) => new Activity(table, users, (from, to) => edges.get(from * users + to) ?? -1));
}

/** Mean and deviation of each column, so that features of all kinds weigh alike. */
export interface Scaling {
  readonly means: readonly number[];
  readonly deviations: readonly number[];
}

export function fitScaling({ names, values }: Columns): Scaling {
  const width = names.length;
  const rows = values.length / width;
  const means = names.map((_, k) => {
    let sum = 0;
    for (let at = k; at < values.length; at += width) sum += values[at];
    return sum / rows;
  });
  const deviations = names.map((_, k) => {
    let sum = 0;
    for (let at = k; at < values.length; at += width) sum += (values[at] - means[k]) ** 2;
    return Math.sqrt(sum / rows) || 1;
  });
  return { means, deviations };
}

export function scaled({ names, values }: Columns, { means, deviations }: Scaling): Columns {
  const result = new Float32Array(values.length);
  for (let i = 0, k = 0; i < values.length; i++, k = k + 1 === names.length ? 0 : k + 1)
    result[i] = (values[i] - means[k]) / deviations[k];
  return { names, values: result };
}

/** Rows of a table, in the order in which they are asked for. */
export function rowsOf(values: Float32Array, width: number, rows: Int32Array): Float32Array {
  const taken = new Float32Array(rows.length * width);
  gatherRows(values, width, rows, taken);
  return taken;
}
