import { randomStream } from '../../base/index.ts';
import { type Adjacency, RandomWalks, type WalkOptions } from '../../graph/index.ts';
import type { Scorer } from '../evaluation/index.ts';

/**
 * score(u, i): the share of its visits that random walks from node u pay to node i, without any learning (Pixie: Eksombatchai et al. 2018,
 * algorithm 1, walks of fixed length). Users and items are both nodes of the kind that the path leads back to. The same for the same seed.
 */
export function walkVisits(
  path: readonly Adjacency[],
  { seed, ...options }: WalkOptions & { seed: number },
): Scorer {
  const walks = new RandomWalks(path, options);
  const { rows } = path[0];
  return (starts) => {
    const scores = new Float32Array(starts.length * rows);
    starts.forEach((start, i) => {
      const { nodes, shares } = walks.importance(start, rows, randomStream(seed, start));
      nodes.forEach((node, k) => {
        scores[i * rows + node] = shares[k];
      });
    });
    return scores;
  };
}
