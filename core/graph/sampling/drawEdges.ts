import type { Random } from '../../base/index.ts';
import type { Adjacency } from '../adjacency.ts';
import { chooserOf } from './choose.ts';

/**
 * Numbers of edges by which each row keeps `most` neighbours, drawn without putting back as the adjacency's weights have it; where there are no
 * more, all. Row after row.
 */
export function drawEdges(adjacency: Adjacency, most: number, random: Random): Int32Array {
  const { rows, offsets, edges } = adjacency;
  const choose = chooserOf(adjacency);
  const drawn = new Int32Array(edges.length);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const [begin, end] = [offsets[row], offsets[row + 1]];
    if (end - begin > most) choose(row, most, random, drawn, count);
    else for (let entry = begin; entry < end; entry++) drawn[count + entry - begin] = entry;
    count += Math.min(most, end - begin);
  }
  return drawn.subarray(0, count).map((entry) => edges[entry]);
}
