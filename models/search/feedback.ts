import { EtalonError } from '@etalon/core/base';
import type { InteractionData } from '@etalon/core/interactions';
import type { Corpus } from './corpus.ts';

/** Edges from queries to documents that a person called relevant or not, in their feature of that name. */
export const JUDGED = 'judged';
const RELEVANT = 'relevant';

export interface Judgement {
  readonly query: number;
  readonly document: number;
  readonly relevant: boolean;
}

/** What people said of results. Throws `input` where the edges do not say how they were judged. */
export function judgementsOf(data: InteractionData, { queryType, documentType }: Corpus): Judgement[] {
  if (!data.edgeTypes.includes(JUDGED)) return [];
  const { from, to, fromRows, toRows, features } = data.edges(JUDGED);
  const said = features[RELEVANT];
  if (from !== queryType || to !== documentType || said?.kind !== 'numeric')
    throw new EtalonError('input', `Edges "${JUDGED}" do not say which results are relevant.`, {
      where: { field: RELEVANT },
      remedy: `They lead from ${queryType} to ${documentType}, with a numeric column "${RELEVANT}" of 1 and 0.`,
    });
  return Array.from(fromRows, (query, edge) => ({
    query,
    document: toRows[edge],
    relevant: said.values[edge] >= 0.5,
  }));
}
