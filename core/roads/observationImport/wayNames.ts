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

  /** Segments in the direction in words; `unknown-way`, or `unknown-direction` for a word that says none, or roads that do not. */
  find(way: string, direction: string): readonly number[] | 'unknown-way' | 'unknown-direction' {
    if (way.trim() === '') return 'unknown-way';
    const id = Number(way.trim().replace(/^(way\/|w)/, ''));
    const [forward, backward] = [true, false].map(
      (along) => this.#segments.get(wayDirectionKey(id, along)) ?? [],
    );
    const both = [...forward, ...backward];
    if (both.length === 0) return 'unknown-way';
    const wanted = WORDS[direction.trim().toLowerCase()];
    if (wanted === undefined) return 'unknown-direction';
    if (wanted === 'both') return both;
    // Roads that do not tell directions apart (OSMnx without `reversed`) still have ways that are driven in one alone.
    if (!this.#told && both.some((segment) => this.#network.reverse[segment] >= 0))
      return 'unknown-direction';
    const chosen = wanted === 'forward' ? forward : backward;
    return chosen.length > 0 ? chosen : 'unknown-direction';
  }
}
