import type { InteractionData } from '../data.ts';
import type { EdgeTable } from '../edges.ts';
import { pairsOf } from '../pairs.ts';
import type { PairQuestions } from './pairQuestions.ts';
import { knownPopularity } from './task.ts';

/**
 * Asks for every edge by itself, as of orders that come one after the other: figures are means over edges. Nothing is left out of the ranking:
 * what somebody has had before may be had again. Scorers of questions get their numbers, which are those of the edges.
 * @param known what is known when the edges are asked about; of the same nodes.
 */
export function edgeQuestions(known: InteractionData, asked: EdgeTable): PairQuestions {
  const items = known.nodes(asked.to).count;
  const questions = Int32Array.from({ length: asked.count }, (_, edge) => edge);
  return {
    task: {
      items,
      users: questions,
      relevant: {
        offsets: Uint32Array.from({ length: asked.count + 1 }, (_, edge) => edge),
        entries: asked.toRows,
      },
      known: { offsets: new Uint32Array(asked.count + 1), entries: new Int32Array() },
      popularity: knownPopularity(pairsOf(known.edges(asked.name), known.nodes(asked.from).count), items),
    },
    users: asked.fromRows,
    scorer: (ofUsers) => (numbers) => ofUsers(numbers.map((edge) => asked.fromRows[edge])),
  };
}
