import { EtalonError } from '@etalon/core/base';
import type { CoordinateColumn, EdgeTable, InteractionData, TextColumn } from '@etalon/core/interactions';

/** Names that a document goes by, the first that there is. */
const TITLES = ['title', 'name', 'label'];

/** What the system reads off interactions: documents, queries, who asked, and who is tied to whom. */
export interface Corpus {
  readonly queryType: string;
  readonly documentType: string;
  readonly queries: readonly (string | null)[];
  /** Texts of the documents, what they are called first. */
  readonly texts: readonly { readonly name: string; readonly values: readonly (string | null)[] }[];
  /** [queries] the document that is the searcher, −1 where it is not known who asked. */
  readonly searchers: Int32Array;
  readonly places: CoordinateColumn | null;
  /** Types of edges among documents: friendships, memberships. */
  readonly ties: readonly string[];
}

/**
 * Edges of `type` lead from queries, which have a text, to the documents clicked. Searchers are documents too, the people that are
 * searched for: edges from documents to queries say who asked. Throws `input` where there is no text on either side.
 */
export function corpusOf(data: InteractionData, type: string): Corpus {
  const { from, to } = data.edges(type);
  const [queries, documents] = [data.nodes(from), data.nodes(to)];
  const textsOf = (features: typeof queries.features) =>
    Object.entries(features).filter((entry): entry is [string, TextColumn] => entry[1].kind === 'text');
  const [[, queryText] = [null, null]] = textsOf(queries.features);
  const texts = textsOf(documents.features).sort(
    ([a], [b]) => Number(!TITLES.includes(a)) - Number(!TITLES.includes(b)),
  );
  if (!queryText || texts.length === 0)
    throw new EtalonError('input', `Edges of "${type}" do not lead from texts to texts.`, {
      where: { field: queryText ? to : from },
      remedy:
        'A search learns from clicks: edges from queries with a text to documents with a name; choose them with --edges.',
    });
  const asked = askedEdges(data, type);
  const searchers = new Int32Array(queries.count).fill(-1);
  asked?.toRows.forEach((query, edge) => {
    searchers[query] = asked.fromRows[edge];
  });
  const places = Object.values(documents.features).find((column) => column.kind === 'coordinates');
  return {
    queryType: from,
    documentType: to,
    queries: queryText.values,
    texts: texts.map(([name, { values }]) => ({ name, values })),
    searchers,
    places: places ?? null,
    ties: data.edgeTypes.filter((name) => data.edges(name).from === to && data.edges(name).to === to),
  };
}

/** Edges from documents to queries: who asked, which is known as soon as a query is. */
export function askedEdges(data: InteractionData, type: string): EdgeTable | undefined {
  const { from, to } = data.edges(type);
  return data.edgeTypes
    .map((name) => data.edges(name))
    .find((edges) => edges.from === to && edges.to === from);
}
