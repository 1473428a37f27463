import { Bm25Index, type InteractionData, tally, wordsOf } from '@etalon/core/interactions';
import { distanceM } from '@etalon/core/roads';
import type { Corpus } from './corpus.ts';
import { wordsOfDocuments } from './terms.ts';

/** A query as it is asked: words, who asks (−1: not known) and from where. */
export interface Asked {
  readonly text: string;
  readonly searcher: number;
  /** [longitude, latitude] in degrees; null: not known. */
  readonly place: readonly [number, number] | null;
}

/** What is asked by a query of the data. */
export function askedOf({ queries, searchers, places }: Corpus, query: number): Asked {
  const searcher = searchers[query];
  const place = searcher < 0 || !places ? null : placeOf(places, searcher);
  return { text: queries[query] ?? '', searcher, place };
}

export function placeOf(
  { longitude, latitude }: NonNullable<Corpus['places']>,
  row: number,
): [number, number] | null {
  return Number.isNaN(longitude[row]) || Number.isNaN(latitude[row]) ? null : [longitude[row], latitude[row]];
}

type Column = (asked: Asked) => (document: number) => number;

/**
 * What speaks for a document beside its embedding, as columns of a ranker: how words match, what the document is, how near it is to the
 * searcher in space and among friends. A value that is not known is NaN.
 */
export class Evidence {
  readonly names: readonly string[];
  readonly #columns: readonly Column[];

  constructor(data: InteractionData, corpus: Corpus) {
    const named: [string, Column][] = [
      ...matches(corpus),
      ...features(data, corpus),
      ...nearness(data, corpus),
    ];
    this.names = named.map(([name]) => name);
    this.#columns = named.map(([, column]) => column);
  }

  /** [columns][documents] */
  of(asked: Asked, documents: Int32Array): Float64Array[] {
    return this.#columns.map((column) => {
      const values = column(asked);
      return Float64Array.from(documents, values);
    });
  }
}

function matches({ texts }: Corpus): [string, Column][] {
  const title = wordsOfDocuments(texts.slice(0, 1));
  const share: Column = ({ text }) => {
    const words = wordsOf(text);
    return (document) => words.filter((word) => title[document].has(word)).length / Math.max(1, words.length);
  };
  const covered: Column = ({ text }) => {
    const words = new Set(wordsOf(text));
    return (document) => [...title[document]].filter((word) => words.has(word)).length / title[document].size;
  };
  return [
    ...texts.map(({ name, values }): [string, Column] => {
      const index = new Bm25Index(values.map((text) => text ?? ''));
      return [
        `BM25 of ${name}`,
        ({ text }) => {
          const scores = new Float32Array(index.documents);
          index.addScores(tally(wordsOf(text)), scores);
          return (document) => scores[document];
        },
      ];
    }),
    [`words of the query in ${texts[0].name}`, share],
    [`words of ${texts[0].name} in the query`, covered],
  ];
}

/** Numbers and kinds of the document, and whether it is of the searcher's kind. */
function features(data: InteractionData, { documentType }: Corpus): [string, Column][] {
  return Object.entries(data.nodes(documentType).features).flatMap(([name, column]): [string, Column][] => {
    if (column.kind === 'numeric') return [[name, () => (document) => column.values[document]]];
    if (column.kind !== 'categorical') return [];
    const { codes } = column;
    return [
      [name, () => (document) => codes[document]],
      [
        `same ${name}`,
        ({ searcher }) =>
          (document) =>
            searcher < 0 ? Number.NaN : Number(codes[document] >= 0 && codes[document] === codes[searcher]),
      ],
    ];
  });
}

function nearness(data: InteractionData, { places, ties, documentType }: Corpus): [string, Column][] {
  const named: [string, Column][] = [];
  if (places)
    named.push([
      'km away',
      ({ place }) =>
        (document) => {
          const there = placeOf(places, document);
          return place && there ? distanceM(place[0], place[1], there[0], there[1]) / 1000 : Number.NaN;
        },
    ]);
  if (ties.length === 0) return named;
  const neighbours = neighbourSets(data, ties, data.nodes(documentType).count);
  const known = ({ searcher }: Asked, value: (own: ReadonlySet<number>, document: number) => number) => {
    const own = neighbours[searcher];
    return (document: number) => (own ? value(own, document) : Number.NaN);
  };
  named.push(
    [TIED, (asked) => known(asked, (own, document) => Number(own.has(document)))],
    [
      SHARED,
      (asked) =>
        known(asked, (own, document) => {
          let count = 0;
          for (const node of neighbours[document]) if (own.has(node)) count++;
          return count;
        }),
    ],
  );
  return named;
}

export const TIED = 'tied to the searcher';
export const SHARED = 'friends in common';

/** [documents] everyone and everything that each is tied to, either way. */
function neighbourSets(data: InteractionData, ties: readonly string[], count: number): Set<number>[] {
  const sets = Array.from({ length: count }, () => new Set<number>());
  for (const tie of ties) {
    const { fromRows, toRows } = data.edges(tie);
    fromRows.forEach((from, edge) => {
      sets[from].add(toRows[edge]);
      sets[toRows[edge]].add(from);
    });
  }
  return sets;
}
