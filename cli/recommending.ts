import type {
  RankingFigures,
  ReportTable,
  StoredRanking,
  UserRecommendations,
} from '@etalon/core/api/contract';
import { count, percent, table } from './format.ts';

export const RECOMMENDER_BASELINES: Record<string, string> = {
  popularity: 'Popularity',
  itemKnn: 'Item-kNN',
  bprMf: 'BPR-MF',
};

const SHOWN = ['ndcg@10', 'recall@10', 'recall@20', 'recall@100', 'hit@10', 'mrr', 'map', 'auc', 'ap'];
const REASONS = 3;

/** Means by name, and the coverage of lists beside them. */
export function figureValues({ figures, coverage }: RankingFigures): Record<string, number> {
  return {
    ...Object.fromEntries(Object.entries(figures).map(([name, { value }]) => [name, value])),
    ...Object.fromEntries(Object.entries(coverage).map(([at, value]) => [`coverage${at}`, value])),
  };
}

/** @param own names of the system's own baselines, by id */
export function describeRanking(
  name: string,
  evaluation: StoredRanking,
  own: Readonly<Record<string, string>> = {},
): string {
  const names: Readonly<Record<string, string>> = { ...RECOMMENDER_BASELINES, ...own };
  const { judgedBy, note } = evaluation;
  const ranked = SHOWN.filter((figure) => evaluation.figures[figure]);
  const shown = ranked.includes(judgedBy) ? ranked : Object.keys(evaluation.figures);
  const lists = '@10' in evaluation.coverage ? ['coverage@10'] : [];
  const row = (label: string, { figures, coverage }: RankingFigures) => [
    label,
    ...shown.map((figure) => figures[figure]?.value.toFixed(4) ?? ''),
    ...lists.map(() => percent(coverage['@10'])),
  ];
  const { low, high } = evaluation.figures[judgedBy];
  return [
    `\n${count(evaluation.users)} users asked, ${count(evaluation.items)} items ranked${note ? `. ${note}` : ''}`,
    table(
      ['', ...shown, ...lists],
      [
        row(name, evaluation),
        ...Object.entries(evaluation.baselines).map(([id, figures]) => row(names[id] ?? id, figures)),
      ],
    ),
    `${judgedBy} of ${name}: 95 % between ${low.toFixed(4)} and ${high.toFixed(4)}.`,
    ...evaluation.reports.map(describeReport),
  ].join('\n');
}

function describeReport({ title, note, columns, rows }: ReportTable): string {
  return `\n${title}. ${note}\n${table(
    columns,
    rows.map((row) => row.map(cell)),
  )}`;
}

function cell(value: string | number | null): string {
  return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(4) : String(value ?? '');
}

function describeAsked({ at, place }: NonNullable<UserRecommendations['asked']>): string {
  const from = place && `from ${place[1].toFixed(5)}, ${place[0].toFixed(5)}`;
  const told = [at?.replace('T', ' '), from].filter(Boolean);
  return told.length > 0 ? `, asked ${told.join(' ')}` : '';
}

export function describeRecommendations(lists: readonly UserRecommendations[]): string {
  return lists
    .map(({ user, items, asked }) => {
      const told = [...new Set(items.flatMap(({ details }) => Object.keys(details)))];
      const rows = items.map(({ item, title, score, reasons, details }, place) => [
        String(place + 1),
        title && title !== item ? `${item} (${title})` : item,
        score.toFixed(3),
        ...told.map((label) => cell(details[label] ?? null)),
        (reasons?.interactions ?? [])
          .slice(0, REASONS)
          .map(({ item: taken, share }) => `${taken} (${share.toFixed(3)})`)
          .join(', '),
        (reasons?.features ?? [])
          .slice(0, REASONS)
          .map(({ name, share }) => `${name} (${share.toFixed(3)})`)
          .join(', '),
      ]);
      return `\n${user}${asked ? describeAsked(asked) : ''}\n${table(['', 'item', 'score', ...told, 'because of', 'features'], rows)}`;
    })
    .join('\n');
}
