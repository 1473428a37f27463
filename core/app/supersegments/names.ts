import { type IncomingTurns, incomingTurns } from '../../roads/incomingTurns.ts';
import { ROAD_CLASSES, type RoadNetwork } from '../../roads/index.ts';
import { geometryOf, nameOf } from '../segments.ts';

/** Roads of a name, at most: the first, the longest between, the last. */
const MOST_ROADS = 3;

/** Says in words which roads a path follows: "Rua A → Rua B". */
export class PathNames {
  readonly #network: RoadNetwork;
  readonly #entering: IncomingTurns;

  constructor(network: RoadNetwork) {
    this.#network = network;
    this.#entering = incomingTurns(network);
  }

  of(path: ArrayLike<number>): string {
    const roads: { name: string; lengthM: number }[] = [];
    for (let k = 0; k < path.length; k++) {
      const name = this.#road(path[k]);
      const last = roads.at(-1);
      if (last?.name === name) last.lengthM += this.#network.lengthM[path[k]];
      else roads.push({ name, lengthM: this.#network.lengthM[path[k]] });
    }
    if (roads.length <= MOST_ROADS) return roads.map(({ name }) => name).join(' → ');
    const longest = roads.slice(1, -1).reduce((a, b) => (b.lengthM > a.lengthM ? b : a));
    const chosen = [roads[0], longest, roads[roads.length - 1]].map(({ name }) => name);
    return chosen.filter((name, i) => name !== chosen[i - 1]).join(' → ');
  }

  /** Its name; without one its class and the road with a name that it meets, or where it lies. */
  #road(segment: number): string {
    const name = nameOf(this.#network, segment);
    if (name) return name;
    const kind = CLASS_WORDS[ROAD_CLASSES[this.#network.roadClass[segment]]];
    const met = this.#namedNeighbour(segment);
    if (met) return `${kind} by ${met}`;
    const [lon, lat] = geometryOf(this.#network, segment)[0];
    return `${kind} at ${lat.toFixed(3)}, ${lon.toFixed(3)}`;
  }

  #namedNeighbour(segment: number): string {
    const { turnOffsets, turnFrom, turnTo } = this.#network;
    const { offsets, turns } = this.#entering;
    for (let turn = turnOffsets[segment]; turn < turnOffsets[segment + 1]; turn++)
      if (nameOf(this.#network, turnTo[turn])) return nameOf(this.#network, turnTo[turn]);
    for (let i = offsets[segment]; i < offsets[segment + 1]; i++) {
      const name = nameOf(this.#network, turnFrom[turns[i]]);
      if (name) return name;
    }
    return '';
  }
}

const CLASS_WORDS: Readonly<Record<(typeof ROAD_CLASSES)[number], string>> = {
  motorway: 'motorway',
  trunk: 'trunk road',
  primary: 'primary road',
  secondary: 'secondary road',
  tertiary: 'tertiary road',
  unclassified: 'minor road',
  residential: 'residential street',
  living_street: 'living street',
  service: 'service road',
};
