import { isOneSlipAway, wordsOf } from '@etalon/core/interactions';

/** How a query is related to the name of what was clicked; read off both, since nobody says what they meant. */
export const FORMS = ['exact', 'part', 'slip', 'other words'] as const;
export type Form = (typeof FORMS)[number];

/**
 * `exact`: the words of the name; `part`: some of them; `slip`: each word is one slip of the pen away from one of the name at most; `other
 * words`: nicknames, synonyms, spellings that differ by more.
 */
export function formOf(query: string, name: string): Form {
  const [asked, named] = [query, name].map((text) => new Set(wordsOf(text)));
  const isKnown = (word: string) => named.has(word);
  const isNearly = (word: string) => [...named].some((own) => isOneSlipAway(word, own));
  if ([...asked].every(isKnown)) return asked.size === named.size ? 'exact' : 'part';
  return [...asked].every(isNearly) ? 'slip' : 'other words';
}
