import type { ApiRecommender, StoredRanking } from '../api/types.ts';
import { fixed, signed } from '../format/format.ts';

/** Baselines of full rankings; a system names its own. */
const BASELINES: Readonly<Record<string, string>> = {
  popularity: 'Popularity',
  itemKnn: 'Item-kNN',
  bprMf: 'BPR-MF',
};

export const baselineName = ({ baselines }: Pick<ApiRecommender, 'baselines'>, id: string): string =>
  baselines[id] ?? BASELINES[id] ?? id;

const WORDS: Readonly<Record<string, string>> = {
  hit: 'Hit rate',
  recall: 'Recall',
  precision: 'Precision',
  accuracy: 'Accuracy',
  macroF1: 'Macro F1',
  logLoss: 'Log loss',
};
const INITIALS = new Set(['ndcg', 'mrr', 'map', 'auc', 'ap', 'mse', 'rmse', 'mae', 'nmi', 'ari']);

/** "NDCG@10", "Hit rate@20". */
export function figureName(figure: string): string {
  const [stem = figure, at] = figure.split('@');
  const name = INITIALS.has(stem.toLowerCase())
    ? stem.toUpperCase()
    : (WORDS[stem] ?? stem.charAt(0).toUpperCase() + stem.slice(1));
  return at === undefined ? name : `${name}@${at}`;
}

/** Errors and losses are better when they are low. */
export const lowerIsBetter = (figure: string): boolean =>
  /^(mse|rmse|mae|loss|error|perplexity|logLoss)/i.test(figure);

const SHOWN_DIGITS = 3;
const FINE_DIGITS = 4;

/** Small figures need one more digit. */
export const figureText = (value: number): string =>
  fixed(value, Math.abs(value) < 0.1 && value !== 0 ? FINE_DIGITS : SHOWN_DIGITS);
export const gainText = (value: number): string =>
  signed(value, Math.abs(value) < 0.1 ? FINE_DIGITS : SHOWN_DIGITS);

export type Standing = 'ahead' | 'behind' | 'unclear';

/** By how much the run is ahead of a baseline in a figure; ends are null where no interval is known. */
export interface Lead {
  baseline: string;
  value: number;
  low: number | null;
  high: number | null;
  standing: Standing;
}

export function leadOver(ranking: StoredRanking, baseline: string, figure: string): Lead | null {
  const gain = ranking.gains[baseline]?.[figure];
  if (gain) {
    const standing = gain.low > 0 ? 'ahead' : gain.high < 0 ? 'behind' : 'unclear';
    return { baseline, ...gain, standing };
  }
  const own = ranking.figures[figure]?.value;
  const its = ranking.baselines[baseline]?.figures[figure]?.value;
  if (own === undefined || its === undefined) return null;
  const value = lowerIsBetter(figure) ? its - own : own - its;
  return {
    baseline,
    value,
    low: null,
    high: null,
    standing: value > 0 ? 'ahead' : value < 0 ? 'behind' : 'unclear',
  };
}

/** The baseline that does best in a figure; null where none has it. */
export function strongest({ baselines }: StoredRanking, figure: string): string | null {
  const known = Object.entries(baselines).flatMap(([id, { figures }]) =>
    figures[figure] ? [[id, figures[figure].value] as const] : [],
  );
  known.sort(([, a], [, b]) => (lowerIsBetter(figure) ? a - b : b - a));
  return known[0]?.[0] ?? null;
}

/** Names of all figures, the one that counts most first. */
export function figureNames({ figures, judgedBy }: StoredRanking): string[] {
  const names = Object.keys(figures);
  return names.includes(judgedBy) ? [judgedBy, ...names.filter((name) => name !== judgedBy)] : names;
}

type Bucket = StoredRanking['byActivity'][number];

/** Groups that do much worse than all together. */
const WEAK = 0.75;

/** The figure that groups are shown by: the one that counts most, or the first that they have. */
export function groupFigure(buckets: readonly Bucket[], judgedBy: string): string | null {
  const names = Object.keys(buckets[0]?.figures ?? {});
  return names.includes(judgedBy) ? judgedBy : (names[0] ?? null);
}

export function isWeak(bucket: Bucket, figure: string, all: number | undefined): boolean {
  const value = bucket.figures[figure];
  if (value === undefined || all === undefined) return false;
  return lowerIsBetter(figure) ? value > all / WEAK : value < all * WEAK;
}

export const bucketLabel = ({ least, most }: Pick<Bucket, 'least' | 'most'>): string =>
  !Number.isFinite(most) || most >= Number.MAX_SAFE_INTEGER
    ? `${least}+`
    : least === most
      ? String(least)
      : `${least}–${most}`;

export interface Verdict {
  /** Against the strongest baseline. */
  lead: string;
  /** The other baselines, and what speaks against the run. */
  rest: string;
}

/** The evaluation in words, never without its losses. */
export function verdict(
  name: string,
  ranking: StoredRanking,
  info: Pick<ApiRecommender, 'baselines'>,
): Verdict {
  const { judgedBy } = ranking;
  const best = strongest(ranking, judgedBy);
  const lead = best === null ? null : leadOver(ranking, best, judgedBy);
  if (!lead) return { lead: `${name} was judged, but beside no baseline.`, rest: weakness(ranking) };
  const title = baselineName(info, lead.baseline);
  const figure = figureName(judgedBy);
  const others = Object.keys(ranking.baselines)
    .filter((id) => id !== best)
    .flatMap((id) => leadOver(ranking, id, judgedBy) ?? []);
  const named = (standing: Standing) =>
    listed(
      others
        .filter((other) => other.standing === standing)
        .map(({ baseline }) => baselineName(info, baseline)),
    );
  const further = figureNames(ranking).filter((other) => other !== judgedBy);
  const lost = further.filter((other) => leadOver(ranking, lead.baseline, other)?.standing === 'behind');
  const losses =
    lost.length > 2 && lost.length === further.length ? 'every other figure' : listed(lost.map(figureName));
  return {
    lead: sentence(name, lead, title, figure),
    rest: [
      named('ahead') && `It is ahead of ${named('ahead')}.`,
      named('unclear') && `It does not differ clearly from ${named('unclear')}.`,
      named('behind') && `It is behind ${named('behind')} too.`,
      lost.length > 0 && `Against ${title} it loses in ${losses}.`,
      lead.low === null && 'These are means without an interval: a small difference may be chance.',
      weakness(ranking),
    ]
      .filter(Boolean)
      .join(' '),
  };
}

function sentence(
  name: string,
  { value, low, high, standing }: Lead,
  baseline: string,
  figure: string,
): string {
  const interval = low === null || high === null ? '' : ` (95 %: ${gainText(low)} to ${gainText(high)})`;
  if (standing === 'unclear')
    return `${name} does not differ clearly from the best baseline, ${baseline}, in ${figure}${interval}.`;
  return `${name} is ${standing === 'ahead' ? 'ahead of' : 'behind'} the best baseline, ${baseline}, by ${figureText(Math.abs(value))} in ${figure}${interval}.`;
}

/** The weakest group of users, and that of items. */
function weakness({ byActivity, byPopularity, judgedBy, figures }: StoredRanking): string {
  const of = (buckets: readonly Bucket[], who: (group: string) => string): string => {
    const figure = groupFigure(buckets, judgedBy);
    const all = figure === null ? undefined : figures[figure]?.value;
    if (figure === null || all === undefined) return '';
    const [weak] = buckets
      .filter((bucket) => isWeak(bucket, figure, all))
      .sort((a, b) => (a.figures[figure]! - b.figures[figure]!) * (lowerIsBetter(figure) ? -1 : 1));
    if (!weak) return '';
    return `It is weak for ${who(bucketLabel(weak))}: ${figureName(figure)} ${figureText(weak.figures[figure]!)}, against ${figureText(all)} of all.`;
  };
  return [
    of(byActivity, (group) => `users with ${group} items known`),
    of(byPopularity, (group) => `items that ${group} users took`),
  ]
    .filter(Boolean)
    .join(' ');
}

export const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
