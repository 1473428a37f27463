import { type RoadNetwork, SEGMENT_FLAGS } from '../network.ts';

type Direction = 'forward' | 'backward' | 'both';

const WORDS: Readonly<Record<string, Direction>> = {
  forward: 'forward',
  forwards: 'forward',
  fwd: 'forward',
  f: 'forward',
  '1': 'forward',
  '+1': 'forward',
  '+': 'forward',
  true: 'forward',
  backward: 'backward',
  backwards: 'backward',
  bwd: 'backward',
  b: 'backward',
  '-1': 'backward',
  '-': 'backward',
  reverse: 'backward',
  false: 'backward',
  both: 'both',
  '0': 'both',
  '': 'both',
};

/** Finds the segments of an OSM way in one of its directions. */
export class WayDirections {
  readonly #segmentsOf = new Map<number, number[]>();
  readonly #network: RoadNetwork;
  readonly #told: boolean;

  constructor(network: RoadNetwork) {
    this.#network = network;
    this.#told = network.flags.some((flags) => (flags & SEGMENT_FLAGS.backward) !== 0);
    network.wayIds.forEach((way, segment) => {
      if (way === 0) return;
      const segments = this.#segmentsOf.get(way);
      if (segments) segments.push(segment);
      else this.#segmentsOf.set(way, [segment]);
    });
  }

  /** Segments in the direction in words; `unknown-way`, or `unknown-direction` for a word that says none, or roads that do not. */
  find(way: string, direction: string): readonly number[] | 'unknown-way' | 'unknown-direction' {
    const segments = this.#segmentsOf.get(Number(way.trim().replace(/^(way\/|w)/, '')));
    if (!segments || way.trim() === '') return 'unknown-way';
    const wanted = WORDS[direction.trim().toLowerCase()];
    if (wanted === undefined) return 'unknown-direction';
    if (wanted === 'both') return segments;
    const { reverse, flags } = this.#network;
    // Roads that do not tell directions apart (OSMnx without `reversed`) still have ways that are driven in one alone.
    if (!this.#told && segments.some((segment) => reverse[segment] >= 0)) return 'unknown-direction';
    const chosen = segments.filter(
      (segment) => ((flags[segment] & SEGMENT_FLAGS.backward) !== 0) === (wanted === 'backward'),
    );
    return chosen.length > 0 ? chosen : 'unknown-direction';
  }
}
