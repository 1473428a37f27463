import { wordsOf } from '@etalon/core/interactions';
import type { Query } from '@etalon/core/retrieval';
import type { Corpus } from './corpus.ts';

/** Whether a document has every word of a query among its texts: whether terms alone would find it. */
export function foundByWords({ queries, texts }: Corpus): (query: number, document: number) => boolean {
  const words = wordsOfDocuments(texts);
  return (query, document) => {
    const asked = wordsOf(queries[query] ?? '');
    return asked.length > 0 && asked.every((word) => words[document].has(word));
  };
}

/** [documents] the different words of all texts of each. */
export function wordsOfDocuments(texts: Corpus['texts']): Set<string>[] {
  return Array.from(texts[0].values, (_, document) => {
    const words = texts.flatMap(({ values }) => wordsOf(values[document] ?? ''));
    return new Set(words);
  });
}

/** Documents with all words of a text; none for a text without words. */
export function termsQuery(text: string): Query {
  const words = [...new Set(wordsOf(text))];
  return words.length === 0 ? { or: [] } : { and: words.map((term) => ({ term })) };
}
