import type { ApiSegmentInfo } from '../api/contract.ts';
import { EtalonError } from '../base/index.ts';
import { ROAD_CLASSES, type RoadNetwork, SEGMENT_FLAGS, SURFACES, TURN_CLASSES } from '../roads/index.ts';

/** Everything about one segment, in words. Throws `not-found`. */
export function describeSegment(
  network: RoadNetwork,
  traversals: Uint32Array,
  segment: number,
): ApiSegmentInfo {
  if (segment < 0 || segment >= network.segmentCount)
    throw new EtalonError('not-found', `There is no segment ${segment}.`);
  const has = (flag: keyof typeof SEGMENT_FLAGS) => (network.flags[segment] & SEGMENT_FLAGS[flag]) !== 0;
  return {
    segment,
    ref: network.refs[segment],
    reverseRef: network.refs[network.reverse[segment]] ?? null,
    name: nameOf(network, segment),
    roadClass: ROAD_CLASSES[network.roadClass[segment]],
    lengthM: network.lengthM[segment],
    speedLimitKmh: network.speedLimitKmh[segment],
    speedTagged: has('speedTagged'),
    lanes: network.lanes[segment],
    surface: SURFACES[network.surface[segment]],
    bridge: has('bridge'),
    tunnel: has('tunnel'),
    toll: has('toll'),
    signal: has('signal'),
    oneway: has('oneway'),
    traversals: traversals[segment],
    coordinates: geometryOf(network, segment),
    turns: turnsOf(network, segment),
  };
}

export function nameOf(network: RoadNetwork, segment: number): string {
  return network.names[network.nameIndex[segment]];
}

/** Longitude, latitude of each point, in driving order. */
export function geometryOf(network: RoadNetwork, segment: number): [number, number][] {
  const points: [number, number][] = [];
  for (let i = network.geometryOffsets[segment]; i < network.geometryOffsets[segment + 1]; i++)
    points.push([network.coordinates[2 * i], network.coordinates[2 * i + 1]]);
  return points;
}

function turnsOf(network: RoadNetwork, segment: number): ApiSegmentInfo['turns'] {
  const turns: ApiSegmentInfo['turns'] = [];
  for (let turn = network.turnOffsets[segment]; turn < network.turnOffsets[segment + 1]; turn++) {
    const to = network.turnTo[turn];
    turns.push({
      toRef: network.refs[to],
      toName: nameOf(network, to),
      turnClass: TURN_CLASSES[network.turnClass[turn]],
      angleDeg: network.turnAngleDeg[turn],
    });
  }
  return turns;
}

export interface RoadPlace {
  name: string;
  /** Middle of the road's longest segment. */
  point: [number, number];
  /** Of the whole road, both directions counted once. */
  lengthM: number;
}

/** Finds roads by a part of their name; letter case and accents do not matter. */
export class RoadNames {
  readonly #network: RoadNetwork;
  readonly #folded: string[];
  readonly #lengthM: Float64Array;
  readonly #longest: Int32Array;

  constructor(network: RoadNetwork) {
    const names = network.names.length;
    this.#network = network;
    this.#folded = network.names.map(fold);
    this.#lengthM = new Float64Array(names);
    this.#longest = new Int32Array(names).fill(-1);
    for (let s = 0; s < network.segmentCount; s++) {
      const name = network.nameIndex[s];
      const longest = this.#longest[name];
      if (longest < 0 || network.lengthM[s] > network.lengthM[longest]) this.#longest[name] = s;
      if (network.reverse[s] < s) this.#lengthM[name] += network.lengthM[s];
    }
  }

  /** Names that begin with the text come first, then those with a word that does, then the longest roads. */
  search(text: string, limit: number): RoadPlace[] {
    const wanted = fold(text.trim());
    if (!wanted) return [];
    const found: { name: number; rank: number }[] = [];
    for (let name = 1; name < this.#folded.length; name++) {
      const at = this.#folded[name].indexOf(wanted);
      if (at < 0 || this.#longest[name] < 0) continue;
      found.push({ name, rank: at === 0 ? 0 : this.#folded[name].includes(` ${wanted}`) ? 1 : 2 });
    }
    found.sort((a, b) => a.rank - b.rank || this.#lengthM[b.name] - this.#lengthM[a.name]);
    return found.slice(0, limit).map(({ name }) => ({
      name: this.#network.names[name],
      point: middle(geometryOf(this.#network, this.#longest[name])),
      lengthM: this.#lengthM[name],
    }));
  }
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The point in the middle of a short line; degrees are as good as metres for that. */
function middle(line: readonly [number, number][]): [number, number] {
  const steps = line.slice(1).map(([x, y], i) => Math.hypot(x - line[i][0], y - line[i][1]));
  let rest = steps.reduce((sum, step) => sum + step, 0) / 2;
  for (const [i, step] of steps.entries()) {
    if (rest <= step && step > 0) {
      const share = rest / step;
      const [[ax, ay], [bx, by]] = [line[i], line[i + 1]];
      return [ax + share * (bx - ax), ay + share * (by - ay)];
    }
    rest -= step;
  }
  return line[0];
}
