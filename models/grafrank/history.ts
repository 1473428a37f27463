import type { Feed } from '@etalon/core/device';
import { type Csr, groupBy, spectralPositions } from '@etalon/core/graph';
import { beside, bothWays, type EdgeTable, type InteractionData } from '@etalon/core/interactions';
import {
  type Activity,
  activitiesOf,
  type Columns,
  DAY_S,
  fitScaling,
  fitStatic,
  MODALITIES,
  type Modality,
  rowsOf,
  type Scaling,
  type StaticEncodings,
  scaled,
  staticColumns,
} from './features.ts';
import type { GrafrankSettings } from './settings.ts';

/** Snapshots of more days than fit are made anew in each epoch. */
const MOST_KEPT_BYTES = 5e8;

/** How positions are found: the same start for every network, so that those of two days can be compared. */
const POSITIONS = { rounds: 8, seed: 1 };

/** Plain JSON: what makes later features of users what they were in training. */
export interface Encodings {
  readonly statics: StaticEncodings;
  readonly friending: Scaling;
  readonly engagement: Scaling;
  readonly links: Scaling;
}

/** The network of friends as it was, with all that the model is told of it then. */
export interface Snapshot {
  readonly feed: Feed;
  /** Friends of each user. */
  friends(): Csr;
}

/** Users, their friendships in the order in which they came about, and what users did: a snapshot of any moment. */
export class SocialHistory {
  readonly users: number;
  /** Friendships both ways, by time: edge 2i + 1 is edge 2i the other way round. */
  readonly edges: EdgeTable;
  readonly isTimed: boolean;
  /** A moment after all that is known. */
  readonly nowS: number;
  readonly encodings: Encodings;
  /** Columns of the features by modality, side by side in this order; of a modality that is left out none. */
  readonly modalities: readonly { name: Modality; columns: readonly string[] }[];
  readonly linkColumns: readonly string[];
  /** Numbers of a user's position in the network, which go with friending; 0 without it. */
  readonly positionWidth: number;
  readonly #activities: readonly Activity[];
  readonly #statics: Readonly<Record<'profile' | 'interests', Columns>>;
  readonly #uses: (modality: Modality) => boolean;
  readonly #weighing: Pick<GrafrankSettings, 'closeness' | 'halfLifeDays'>;
  readonly #snapshots = new Map<number, Snapshot>();
  #keptBytes = 0;

  constructor(data: InteractionData, type: string, settings: GrafrankSettings, encodings?: Encodings) {
    this.edges = byTime(bothWays(data.edges(type)));
    const nodes = data.nodes(this.edges.from);
    this.users = nodes.count;
    this.#uses = (modality) => settings[modality] === 'yes';
    this.#weighing = settings;
    this.isTimed = this.edges.timesS !== null;
    this.nowS = this.edges.timesS?.reduce((most, timeS) => (timeS > most ? timeS : most), 0) ?? 0;
    this.nowS++;
    this.#activities = activitiesOf(data, this.edges);
    const statics = encodings?.statics ?? fitStatic(nodes.features);
    this.#statics = staticColumns(statics, nodes.features, this.users);
    this.positionWidth = settings.friending === 'yes' || settings.fusion === 'none' ? settings.positions : 0;
    const count = this.#countBefore(this.nowS);
    this.encodings = encodings ?? {
      statics,
      friending: fitScaling(this.#activity('friending', count, this.nowS)),
      engagement: fitScaling(this.#activity('engagement', count, this.nowS)),
      links: fitScaling(this.#links(count, this.nowS)),
    };
    this.modalities = this.#parts(count, this.nowS).map(({ name, part }) => ({ name, columns: part.names }));
    this.linkColumns = settings.links === 'yes' ? this.#links(2, this.nowS).names : [];
  }

  /** As it was at a moment: friendships and activities strictly before it. Kept for the next epoch while there is room. */
  at(timeS: number): Snapshot {
    const kept = this.#snapshots.get(timeS);
    if (kept) return kept;
    const count = this.#countBefore(timeS);
    const { fromRows, toRows } = this.edges;
    const structure = { senders: fromRows.subarray(0, count), receivers: toRows.subarray(0, count) };
    const snapshot = this.#snapshot(count, timeS, structure);
    this.#keptBytes += Object.values(snapshot.feed).reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (this.#keptBytes < MOST_KEPT_BYTES) this.#snapshots.set(timeS, snapshot);
    return snapshot;
  }

  now(): Snapshot {
    return this.at(this.nowS);
  }

  /** Now, but for some friendships, by the number of one of their edges. */
  without(edges: Int32Array): Snapshot {
    const isLeftOut = new Uint8Array(this.edges.count);
    for (const edge of edges) isLeftOut[edge] = isLeftOut[edge ^ 1] = 1;
    const kept = Int32Array.from(isLeftOut.keys()).filter((edge) => !isLeftOut[edge]);
    const structure = {
      senders: kept.map((edge) => this.edges.fromRows[edge]),
      receivers: kept.map((edge) => this.edges.toRows[edge]),
    };
    return this.#snapshot(this.edges.count, this.nowS, structure, kept);
  }

  #snapshot(
    count: number,
    timeS: number,
    structure: { senders: Int32Array; receivers: Int32Array },
    kept?: Int32Array,
  ): Snapshot {
    const degrees = structure.senders.length < count ? structure.senders : undefined;
    const features = beside(
      this.#parts(count, timeS, degrees).map(({ part }) => part),
      this.users,
    ).values;
    const links =
      this.linkColumns.length > 0 ? scaled(this.#links(count, timeS), this.encodings.links) : null;
    return {
      feed: {
        features,
        ...structure,
        ...(this.positionWidth > 0 && {
          positions: this.#positions(structure, this.#closeness(count, timeS, kept)),
        }),
        ...(links && { links: kept ? rowsOf(links.values, links.names.length, kept) : links.values }),
      },
      friends: () => {
        const { offsets, entries } = groupBy(structure.senders, this.users);
        return { offsets, entries: entries.map((edge) => structure.receivers[edge]) };
      },
    };
  }

  /** Weights of the edges: friends are the nearer, the more often something went on between them lately, and the newer their friendship. */
  #closeness(count: number, timeS: number, kept?: Int32Array): Float64Array {
    const { closeness, halfLifeDays } = this.#weighing;
    const near = new Float64Array(count).fill(1);
    for (const activity of this.#activities)
      if (activity.modality === 'engagement')
        activity.between(count, timeS).forEach((number, edge) => {
          near[edge] += closeness * Math.log1p(number);
        });
    const { timesS } = this.edges;
    if (timesS && halfLifeDays > 0)
      for (let edge = 0; edge < count; edge++) {
        const days = (timeS - timesS[edge]) / DAY_S;
        // One of unknown time is taken for one half-life old.
        near[edge] *= 0.5 ** (Number.isNaN(days) ? 1 : days / halfLifeDays);
      }
    return kept ? Float64Array.from(kept, (edge) => near[edge]) : near;
  }

  #positions(
    { senders, receivers }: { senders: Int32Array; receivers: Int32Array },
    closeness: Float64Array,
  ): Float32Array {
    const { offsets, entries } = groupBy(senders, this.users);
    const friends = { offsets, entries: entries.map((edge) => receivers[edge]) };
    const weights = Float64Array.from(entries, (edge) => closeness[edge]);
    const width = this.positionWidth;
    return damped(spectralPositions(friends, { width, ...POSITIONS }, weights), width);
  }

  #parts(count: number, timeS: number, senders?: Int32Array): { name: Modality; part: Columns }[] {
    const parts = MODALITIES.filter((name) => this.#uses(name)).map((name) => {
      const part =
        name === 'profile' || name === 'interests'
          ? this.#statics[name]
          : scaled(this.#activity(name, count, timeS, senders), this.encodings[name]);
      return { name, part };
    });
    return parts.filter(({ part }) => part.names.length > 0);
  }

  #activity(
    modality: 'friending' | 'engagement',
    count: number,
    timeS: number,
    senders = this.edges.fromRows.subarray(0, count),
  ): Columns {
    const parts = this.#activities
      .filter((activity) => activity.modality === modality)
      .flatMap((activity) => activity.ofUsers(this.users, timeS));
    if (modality === 'friending') {
      const friends = new Float32Array(this.users);
      for (const user of senders) friends[user]++;
      parts.push({ names: ['friends'], values: friends.map((number) => Math.log1p(number)) });
    }
    return beside(parts, this.users);
  }

  #links(count: number, timeS: number): Columns {
    const parts = this.#activities.map((activity) => activity.ofLinks(count, timeS));
    const { timesS } = this.edges;
    if (timesS) {
      const ages = Float32Array.from({ length: count }, (_, edge) =>
        Math.log1p((timeS - timesS[edge]) / DAY_S),
      );
      parts.push({ names: ['days of friendship'], values: ages });
    }
    return beside(parts, count);
  }

  #countBefore(timeS: number): number {
    const { timesS, count } = this.edges;
    if (!timesS) return count;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (timesS[middle] < timeS) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Pairs in the order in which they came about, the two edges of each beside each other; those of unknown time last. */
function byTime(edges: EdgeTable): EdgeTable {
  const pairs = edges.count / 2;
  const timeOf = (pair: number) => {
    const timeS = edges.timesS?.[pair] ?? 0;
    return Number.isNaN(timeS) ? Number.MAX_VALUE : timeS;
  };
  const order = Int32Array.from({ length: pairs }, (_, pair) => pair).sort(
    (a, b) => timeOf(a) - timeOf(b) || a - b,
  );
  return edges.take(Int32Array.from({ length: edges.count }, (_, i) => order[i >> 1] + (i & 1) * pairs));
}

/** Divides each row by the root of its length: products of two rows then lie between cosines and inner products. */
function damped(rows: Float32Array, width: number): Float32Array {
  for (let at = 0; at < rows.length; at += width) {
    const row = rows.subarray(at, at + width);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) for (let k = 0; k < width; k++) row[k] /= Math.sqrt(length);
  }
  return rows;
}
