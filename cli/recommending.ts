import type { RankingFigures, StoredRanking, UserRecommendations } from '@etalon/core/api/contract';
import { count, percent, table } from './format.ts';

export const RECOMMENDER_BASELINES: Record<string, string> = {
  popularity: 'Popularity',
  itemKnn: 'Item-kNN',
  bprMf: 'BPR-MF',
};

const SHOWN = ['ndcg@10', 'recall@10', 'recall@20', 'hit@10', 'mrr', 'map', 'auc'];
const REASONS = 3;

/** Means by name, and the coverage of lists beside them. */
export function figureValues({ figures, coverage }: RankingFigures): Record<string, number> {
  return {
    ...Object.fromEntries(Object.entries(figures).map(([name, { value }]) => [name, value])),
    ...Object.fromEntries(Object.entries(coverage).map(([at, value]) => [`coverage${at}`, value])),
  };
}

export function describeRanking(name: string, evaluation: StoredRanking): string {
  const row = (label: string, { figures, coverage }: RankingFigures) => [
    label,
    ...SHOWN.map((figure) => figures[figure].value.toFixed(4)),
    percent(coverage['@10']),
  ];
  const { low, high } = evaluation.figures['ndcg@10'];
  return [
    `\n${count(evaluation.users)} users asked, ${count(evaluation.items)} items ranked`,
    table(
      ['', ...SHOWN, 'coverage@10'],
      [
        row(name, evaluation),
        ...Object.entries(evaluation.baselines).map(([id, figures]) =>
          row(RECOMMENDER_BASELINES[id] ?? id, figures),
        ),
      ],
    ),
    `ndcg@10 of ${name}: 95 % between ${low.toFixed(4)} and ${high.toFixed(4)}.`,
  ].join('\n');
}

export function describeRecommendations(lists: readonly UserRecommendations[]): string {
  return lists
    .map(({ user, items }) => {
      const rows = items.map(({ item, score, reasons }, place) => [
        String(place + 1),
        item,
        score.toFixed(3),
        (reasons?.interactions ?? [])
          .slice(0, REASONS)
          .map(({ item: taken, share }) => `${taken} (${share.toFixed(3)})`)
          .join(', '),
        (reasons?.features ?? [])
          .slice(0, REASONS)
          .map(({ name, share }) => `${name} (${share.toFixed(3)})`)
          .join(', '),
      ]);
      return `\n${user}\n${table(['', 'item', 'score', 'because of', 'features'], rows)}`;
    })
    .join('\n');
}
