import { EtalonError } from '../../base/index.ts';
import { distanceM } from '../geometry.ts';
import type { RoadNetwork } from '../network.ts';
import { type Area, inForce, type ScenarioEdit } from './edits.ts';
import { type NewRoad, withNewRoads } from './newLinks.ts';

/** What the edits in force do to one segment. */
export interface SegmentEffect {
  closed: boolean;
  /** New limit, or null where it stays. */
  kmh: number | null;
  /** New lanes, or null where they stay. */
  lanes: number | null;
  /** Capacity ÷ capacity in the base case. */
  capacityShare: number;
}

/** What the edits in force at a time do. The same edits have the same `key`. */
export interface Effects {
  readonly key: string;
  readonly segments: ReadonlyMap<number, SegmentEffect>;
  readonly demand: readonly { factor: number; from?: Area | undefined; to?: Area | undefined }[];
}

/** A junction further than this from where a new link should begin or end is not meant. */
const JUNCTION_M = 500;

/** A road network under edits: the same segments under the same indices, new links behind them. */
export class EditedNetwork {
  readonly base: RoadNetwork;
  /** With every new link; limits and lanes are the base case's. */
  readonly network: RoadNetwork;
  readonly edits: readonly ScenarioEdit[];
  /** [edits] segment indices that each edit names, or made. */
  readonly #segmentsOf: readonly (readonly number[])[];
  readonly #effects = new Map<string, Effects>();
  readonly #networks = new Map<string, RoadNetwork>();

  /** Throws `not-found` for a segment or junction that these roads do not have. */
  constructor(base: RoadNetwork, edits: readonly ScenarioEdit[]) {
    this.base = base;
    this.edits = edits;
    const named = indexOfRefs(base, edits);
    const roads: NewRoad[] = [];
    let next = base.segmentCount;
    this.#segmentsOf = edits.map((edit, i) => {
      if (edit.kind === 'demand') return [];
      if (edit.kind !== 'newLink') return edit.segments.map((ref) => named.get(ref)!);
      const road = newRoad(base, edit, i);
      roads.push(road);
      const made = road.oneway ? [next] : [next, next + 1];
      next += made.length;
      return made;
    });
    this.network = withNewRoads(base, roads);
  }

  /** Indices of the segments that an edit names or makes. */
  segmentsOf(edit: number): readonly number[] {
    return this.#segmentsOf[edit];
  }

  effectsAt(localS: number): Effects {
    const active = this.edits.map((edit) => inForce(edit.when, localS));
    const key = active.map(Number).join('');
    let effects = this.#effects.get(key);
    if (!effects) {
      effects = this.#combine(active, key);
      this.#effects.set(key, effects);
    }
    return effects;
  }

  /** The network with the limits and lanes in force: what a model is told of it. */
  networkUnder(effects: Effects): RoadNetwork {
    const known = this.#networks.get(effects.key);
    if (known) return known;
    const speedLimitKmh = this.network.speedLimitKmh.slice();
    const lanes = this.network.lanes.slice();
    for (const [segment, effect] of effects.segments) {
      if (effect.kmh !== null) speedLimitKmh[segment] = effect.kmh;
      if (effect.lanes !== null) lanes[segment] = effect.lanes;
    }
    const network = { ...this.network, speedLimitKmh, lanes };
    this.#networks.set(effects.key, network);
    return network;
  }

  #combine(active: readonly boolean[], key: string): Effects {
    const segments = new Map<number, SegmentEffect>();
    const demand: Effects['demand'][number][] = [];
    const on = (segment: number): SegmentEffect => {
      let effect = segments.get(segment);
      if (!effect) {
        effect = { closed: false, kmh: null, lanes: null, capacityShare: 1 };
        segments.set(segment, effect);
      }
      return effect;
    };
    this.edits.forEach((edit, i) => {
      // A link that is not there at this time is a closed one.
      if (edit.kind === 'newLink') {
        if (!active[i]) for (const segment of this.#segmentsOf[i]) on(segment).closed = true;
        return;
      }
      if (!active[i]) return;
      if (edit.kind === 'demand') {
        demand.push(edit);
        return;
      }
      for (const segment of this.#segmentsOf[i]) {
        const effect = on(segment);
        if (edit.kind === 'close') effect.closed = true;
        else if (edit.kind === 'speedLimit') effect.kmh = edit.kmh;
        else if (edit.kind === 'capacity') effect.capacityShare *= edit.share;
        else {
          effect.capacityShare *= edit.lanes / Math.max(1, effect.lanes ?? this.base.lanes[segment]);
          effect.lanes = edit.lanes;
        }
      }
    });
    return { key, segments, demand };
  }
}

function indexOfRefs(network: RoadNetwork, edits: readonly ScenarioEdit[]): Map<string, number> {
  const wanted = new Set(edits.flatMap((edit) => ('segments' in edit ? edit.segments : [])));
  const found = new Map<string, number>();
  network.refs.forEach((ref, segment) => {
    if (wanted.has(ref)) found.set(ref, segment);
  });
  const missing = [...wanted].find((ref) => !found.has(ref));
  if (missing !== undefined)
    throw new EtalonError('not-found', `The project's roads have no segment “${missing}”.`, {
      where: { field: 'segments' },
      remedy: 'Take the edit out, or choose a segment on the map.',
    });
  return found;
}

function newRoad(network: RoadNetwork, edit: ScenarioEdit & { kind: 'newLink' }, index: number): NewRoad {
  const fromJunction = nearestJunction(network, edit.from, 'begins');
  const toJunction = nearestJunction(network, edit.to, 'ends');
  if (fromJunction === toJunction)
    throw new EtalonError('input', 'The new link begins and ends at the same junction.', {
      remedy: 'Choose places nearer to two different junctions.',
    });
  const { roadClass, kmh: speedLimitKmh, lanes, oneway } = edit;
  return { fromJunction, toJunction, roadClass, speedLimitKmh, lanes, oneway, ref: `new-link-${index + 1}` };
}

function nearestJunction(
  { junctionCount, junctionCoordinates }: RoadNetwork,
  [lon, lat]: readonly [number, number],
  verb: 'begins' | 'ends',
): number {
  let best = -1;
  let nearestM = JUNCTION_M;
  for (let j = 0; j < junctionCount; j++) {
    const [x, y] = [junctionCoordinates[2 * j], junctionCoordinates[2 * j + 1]];
    // A degree of latitude is 111 km: most junctions are ruled out without trigonometry.
    if (Math.abs(y - lat) * 110_000 > nearestM) continue;
    const metres = distanceM(lon, lat, x, y);
    if (metres >= nearestM) continue;
    nearestM = metres;
    best = j;
  }
  if (best >= 0) return best;
  throw new EtalonError(
    'not-found',
    `There is no junction within ${JUNCTION_M} m of where the link ${verb}.`,
    {
      remedy: 'Choose a place nearer to a junction.',
    },
  );
}
