import { type RoadNetwork, SEGMENT_FLAGS } from '../network.ts';
import { type WayDirections, wayDirectionKey, wayDirections } from '../wayDirections.ts';

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

/** Finds the segments of an OSM way in one of its directions, as a file words them. */
export class WayNames {
  readonly #segments: WayDirections;
  readonly #network: RoadNetwork;
  readonly #told: boolean;

  constructor(network: RoadNetwork) {
    this.#network = network;
    this.#segments = wayDirections(network);
    this.#told = network.flags.some((flags) => (flags & SEGMENT_FLAGS.againstWay) !== 0);
  }

  /**
   * Segments in the direction in words. `no-way` for a text that is no id, `no-direction` for a word that says none;
   * `unknown-way`, `unknown-direction` where the roads have no such way, or do not tell directions apart.
   */
  find(
    way: string,
    direction: string,
  ): readonly number[] | 'no-way' | 'no-direction' | 'unknown-way' | 'unknown-direction' {
    const wanted = WORDS[direction.trim().toLowerCase()];
    if (wanted === undefined) return 'no-direction';
    const digits = way.trim().replace(/^(way\/|w)/, '');
    const id = digits === '' ? Number.NaN : Number(digits);
    if (!Number.isInteger(id)) return 'no-way';
    const [forward, backward] = [true, false].map(
      (along) => this.#segments.get(wayDirectionKey(id, along)) ?? [],
    );
    const both = [...forward, ...backward];
    if (both.length === 0) return 'unknown-way';
    if (wanted === 'both') return both;
    // Roads that do not tell directions apart (OSMnx without `reversed`) still have ways that are driven in one alone.
    if (!this.#told && both.some((segment) => this.#network.reverse[segment] >= 0))
      return 'unknown-direction';
    const chosen = wanted === 'forward' ? forward : backward;
    return chosen.length > 0 ? chosen : 'unknown-direction';
  }
}
