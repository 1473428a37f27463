import { EtalonError } from '@etalon/core/base';
import { featureText, type InteractionData } from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import type { Corpus } from './corpus.ts';
import { type Asked, placeOf } from './evidence.ts';

/** What somebody said of the results of one search. */
export interface JudgedSearch {
  readonly asked: Asked;
  /** By document. */
  readonly relevant: ReadonlyMap<number, boolean>;
}

/** Data set of judged results: edges from the words of a search to documents, with who searched and whether it is what they want. */
export const judgedName = (data: string) => `${data} judged`;
const [SEARCHER, RELEVANT] = ['searcher', 'relevant'];

/**
 * What people said of results, as the project keeps it: see {@link judgedName}. Searchers and documents that the data do not have are passed
 * over. Throws `input` where the edges do not say what is relevant.
 */
export function judgedSearches(
  store: ProjectStore,
  name: string,
  data: InteractionData,
  corpus: Corpus,
): JudgedSearch[] {
  const set = judgedName(name);
  if (!store.info().interactions.some((known) => known.name === set)) return [];
  return judgedIn(store.readInteractions(set), data, corpus);
}

export function judgedIn(judged: InteractionData, data: InteractionData, corpus: Corpus): JudgedSearch[] {
  const { from, to, fromRows, toRows, features, name } = judged.edges(judged.edgeTypes[0]);
  const said = features[RELEVANT];
  if (said?.kind !== 'numeric')
    throw new EtalonError('input', `Edges "${name}" do not say which results are relevant.`, {
      where: { field: RELEVANT },
      remedy: `Import them with a numeric column "${RELEVANT}" of 1 and 0, and "${SEARCHER}" for who searched.`,
    });
  const documents = data.nodes(corpus.documentType);
  const [texts, results] = [judged.nodes(from), judged.nodes(to)];
  const bySearch = new Map<string, { asked: Asked; relevant: Map<number, boolean> }>();
  fromRows.forEach((text, edge) => {
    const document = documents.rowOf(results.ids[toRows[edge]]);
    const who = features[SEARCHER] ? featureText(features[SEARCHER], edge) : '';
    const searcher = documents.rowOf(who) ?? -1;
    if (document === undefined || (who !== '' && searcher < 0)) return;
    const key = searchKey({ text: texts.ids[text], searcher });
    const place = searcher >= 0 && corpus.places ? placeOf(corpus.places, searcher) : null;
    const search = bySearch.get(key) ?? {
      asked: { text: texts.ids[text], searcher, place },
      relevant: new Map(),
    };
    search.relevant.set(document, said.values[edge] >= 0.5);
    bySearch.set(key, search);
  });
  return [...bySearch.values()];
}

/** The same for the same words of the same searcher. */
export function searchKey({ text, searcher }: Pick<Asked, 'text' | 'searcher'>): string {
  return `${searcher} ${text.toLowerCase()}`;
}
