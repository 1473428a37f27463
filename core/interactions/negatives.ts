import type { Random } from '../base/index.ts';
import { KnownPairs, NegativeSampler, popularityWeights } from '../graph/index.ts';
import type { InteractionData } from './data.ts';

/**
 * Draws negatives for one type of edges: nodes that a row is not known to go with. The data given are what is known: give the
 * training edges alone. Every draw comes from the seeded generator that is passed in.
 */
export class InteractionNegatives {
  readonly known: KnownPairs;
  readonly #sampler: NegativeSampler;

  /** @param alpha 0: every node alike; above: by its number of edges to the power of alpha. */
  constructor(data: InteractionData, type: string, alpha = 0) {
    const { from, to, fromRows, toRows } = data.edges(type);
    this.known = new KnownPairs(data.nodes(from).count, fromRows, toRows);
    const count = data.nodes(to).count;
    this.#sampler = new NegativeSampler(
      alpha === 0 ? count : popularityWeights(data.degrees(type, 'in'), alpha),
    );
  }

  /** [rows · perRow] row after row, none of them known to go with its row. Throws `input` for a row that goes with every node. */
  drawFor(rows: Int32Array, perRow: number, random: Random): Int32Array {
    return this.#sampler.drawFor(rows, perRow, this.known, random);
  }

  /** [count] for a whole batch to share; some may go with rows of it: see `accidentalHits` in core/graph. */
  drawShared(count: number, random: Random): Int32Array {
    return this.#sampler.draw(count, random);
  }

  /** log q of each node, for the correction of a sampled softmax. */
  logProbabilities(nodes: Int32Array): Float32Array {
    return this.#sampler.logProbabilities(nodes);
  }
}
