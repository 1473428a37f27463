import type { Random } from '../../base/index.ts';
import { type Adjacency, largestDegree } from '../adjacency.ts';
import { AliasTables } from './alias.ts';
import { drawByWeight } from './drawByWeight.ts';
import { Stamps } from './stamps.ts';

/** Draws of entries that were taken before, after which the next one is drawn from those that are left. */
const VAIN_DRAWS = 16;

/**
 * Writes `count` different entries of a row, which has more than that, to `into` from `at` on. Every set of entries is drawn as
 * likely as by drawing one after another without putting any back.
 */
export type Choose = (row: number, count: number, random: Random, into: Int32Array, at: number) => void;

/** Without putting back: uniform, or in proportion to the weights where there are any. */
export function chooserOf(adjacency: Adjacency): Choose {
  return adjacency.weights ? weightedChooser(adjacency, adjacency.weights) : uniformChooser(adjacency);
}

/** Floyd's algorithm (Bentley & Floyd 1987): O(count), whatever the degree. */
function uniformChooser(adjacency: Adjacency): Choose {
  const { offsets } = adjacency;
  const taken = new Stamps(largestDegree(adjacency));
  return (row, count, random, into, at) => {
    const begin = offsets[row];
    const degree = offsets[row + 1] - begin;
    taken.clear();
    for (let last = degree - count; last < degree; last++) {
      const drawn = random.int(last + 1);
      const place = taken.add(drawn) ? drawn : last;
      if (place === last) taken.add(last);
      into[at++] = begin + place;
    }
  };
}

/**
 * Draws from the row's alias table and draws again what is already taken: O(count) as long as no few entries hold nearly all of
 * the weight. Where they do, the next entry is drawn from the rest of the row alone, which changes no probability.
 */
function weightedChooser(adjacency: Adjacency, weights: Float32Array): Choose {
  const { offsets } = adjacency;
  const tables = new AliasTables(offsets, weights);
  const taken = new Stamps(largestDegree(adjacency));

  return (row, count, random, into, at) => {
    const begin = offsets[row];
    const degree = offsets[row + 1] - begin;
    taken.clear();
    for (let chosen = 0; chosen < count; chosen++) {
      let place = tables.draw(begin, degree, random);
      for (let vain = 1; taken.has(place) && vain < VAIN_DRAWS; vain++)
        place = tables.draw(begin, degree, random);
      if (taken.has(place)) place = drawFromRest(begin, degree, random);
      taken.add(place);
      into[at++] = begin + place;
    }
  };

  function drawFromRest(begin: number, degree: number, random: Random): number {
    const rest = Int32Array.from({ length: degree }, (_, place) => place).filter(
      (place) => !taken.has(place),
    );
    return drawByWeight(rest, (place) => weights[begin + place], random);
  }
}
