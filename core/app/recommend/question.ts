import type { RecommendQuestion } from '../../api/recommenders.ts';
import { EtalonError } from '../../base/index.ts';
import type { QuestionField, RecommenderDefinition } from './definition.ts';

/** What each field beyond who asks is called. */
const FIELDS: Readonly<Record<QuestionField, string>> = {
  text: 'words',
  at: 'a time',
  place: 'a place',
  withinMinutes: 'a longest way',
  tasteOfTenMinutes: 'a weight of minutes',
};

/** Throws `usage` for a field that the system would leave unread. */
export function assertTakes({ id, asks = [] }: RecommenderDefinition, question: RecommendQuestion): void {
  for (const field of Object.keys(FIELDS) as QuestionField[])
    if (question[field] !== undefined && !asks.includes(field))
      throw new EtalonError('usage', `${id} is not asked with ${FIELDS[field]}.`, {
        where: { field },
        remedy:
          asks.length > 0 ? `It takes: ${asks.map((known) => FIELDS[known]).join(', ')}.` : 'Leave it out.',
      });
}
