import type { RecommendationReasons } from '../api/types.ts';
import { listed } from './figures.ts';

/** One share of a score. */
export interface Share {
  kind: 'alone' | 'taken' | 'others' | 'user' | 'item' | 'pair' | 'context' | 'rest';
  label: string;
  share: number;
}

export const KIND_NAMES: Readonly<Record<Share['kind'], string>> = {
  alone: 'before all else',
  taken: 'was taken',
  others: 'took it too',
  user: 'of the user',
  item: 'of the item',
  pair: 'of both',
  context: 'of the moment',
  rest: 'rest of the graph',
};

/** Every share, largest first between what is left of the two alone and what the rest of the graph adds; they add up to the score. */
export function sharesOf(reasons: RecommendationReasons): Share[] {
  const told: Share[] = [
    ...reasons.interactions.map(
      ({ item, title, share }): Share => ({ kind: 'taken', label: title ?? item, share }),
    ),
    ...reasons.neighbours.map(
      ({ user, title, share }): Share => ({ kind: 'others', label: title ?? user, share }),
    ),
    ...reasons.features.map(({ of, name, share }): Share => ({ kind: of, label: name, share })),
  ].sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
  return [
    { kind: 'alone', label: 'The two alone', share: reasons.alone },
    ...told,
    { kind: 'rest', label: 'Rest of the graph', share: reasons.rest },
  ];
}

/** A bar of the chart: from one running sum to the next. */
export interface ScoreStep {
  label: string;
  kind: 'change' | 'sum';
  from: number;
  until: number;
}

/** What the score is made of, one bar each; the smallest shares are drawn together. They end at the score. */
export function scoreSteps(reasons: RecommendationReasons, most: number): ScoreStep[] {
  const shares = sharesOf(reasons);
  const [alone, rest] = [shares[0]!, shares.at(-1)!];
  const told = shares.slice(1, -1);
  const small = told.slice(most);
  const steps: ScoreStep[] = [];
  let sum = 0;
  const add = (label: string, share: number) => {
    steps.push({ label, kind: 'change', from: sum, until: sum + share });
    sum += share;
  };
  for (const { label, share } of [alone, ...told.slice(0, most)]) add(label, share);
  if (small.length > 0)
    add(
      `${small.length} more`,
      small.reduce((total, { share }) => total + share, 0),
    );
  add(rest.label, rest.share);
  steps.push({ label: 'Score', kind: 'sum', from: 0, until: reasons.score });
  return steps;
}

const NAMED = 2;

/** What speaks most for the item, and most against it. */
export function reasonSentence(reasons: RecommendationReasons, rank: number, count: number): string {
  const told = sharesOf(reasons).slice(1, -1);
  const named = (shares: readonly Share[]) => listed(shares.slice(0, NAMED).map(words));
  const positive = told.filter(({ share }) => share > 0);
  const negative = told.filter(({ share }) => share < 0);
  return [
    `Place ${rank} of ${count}.`,
    positive.length > 0
      ? `Most for it speaks ${named(positive)}.`
      : 'No single interaction or feature speaks for it.',
    negative.length > 0 && `Most against it: ${named(negative)}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

function words({ kind, label }: Share): string {
  if (kind === 'taken') return `that ${label} was taken`;
  if (kind === 'others') return `that ${label} took it too`;
  return `${label} (${KIND_NAMES[kind]})`;
}
