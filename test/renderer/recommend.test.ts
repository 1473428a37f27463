import { describe, expect, it } from 'vitest';
import type { RecommendationReasons, StoredRanking } from '../../renderer/api/types.ts';
import { legibleWords } from '../../renderer/recommend/embeddingPlane.ts';
import { figureName, isWeak, leadOver, strongest, verdict } from '../../renderer/recommend/figures.ts';
import { learnsOf } from '../../renderer/recommend/learns.ts';
import { reasonSentence, scoreSteps, sharesOf } from '../../renderer/recommend/reasons.ts';
import { type Asking, questionOf } from '../../renderer/stores/recommend.ts';

const bounded = (value: number, half = 0.01) => ({ value, low: value - half, high: value + half });
const figures = (values: Record<string, number>) => ({
  figures: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, bounded(value)])),
  coverage: { '@10': 0.4 },
  gini: {},
});
const info = { baselines: { own: 'Friends of friends' } };

const ranking = (change: Partial<StoredRanking> = {}): StoredRanking => ({
  kind: 'ranking',
  runId: 1,
  from: null,
  until: null,
  users: 10,
  items: 20,
  judgedBy: 'ndcg@10',
  note: null,
  reports: [],
  ...figures({ 'recall@20': 0.3, 'ndcg@10': 0.2 }),
  baselines: {
    popularity: figures({ 'ndcg@10': 0.1, 'recall@20': 0.2 }),
    itemKnn: figures({ 'ndcg@10': 0.25, 'recall@20': 0.35 }),
    own: figures({ 'ndcg@10': 0.201, 'recall@20': 0.1 }),
  },
  gains: {
    popularity: { 'ndcg@10': bounded(0.1), 'recall@20': bounded(0.1) },
    itemKnn: { 'ndcg@10': bounded(-0.05), 'recall@20': bounded(-0.05) },
    own: { 'ndcg@10': bounded(-0.001), 'recall@20': bounded(0.2) },
  },
  byActivity: [
    { least: 1, most: 3, count: 4, figures: { 'ndcg@10': 0.1 } },
    { least: 4, most: 4, count: 6, figures: { 'ndcg@10': 0.19 } },
  ],
  byPopularity: [{ least: 0, most: 2, count: 5, figures: { 'recall@20': 0.01 } }],
  ...change,
});

describe('the verdict of an evaluation', () => {
  it('is about the best baseline, and names every loss', () => {
    const { lead, rest } = verdict('run', ranking(), info);
    expect(lead).toBe(
      'run is behind the best baseline, Item-kNN, by 0.0500 in NDCG@10 (95 %: −0.0600 to −0.0400).',
    );
    expect(rest).toBe(
      'It is ahead of Popularity. It does not differ clearly from Friends of friends. Against Item-kNN it loses in Recall@20. ' +
        'It is weak for users with 1–3 items known: NDCG@10 0.100, against 0.200 of all. ' +
        'It is weak for items that 0–2 users took: Recall@20 0.0100, against 0.300 of all.',
    );
  });

  it('says every figure where all others are lost', () => {
    const lost = {
      'ndcg@10': bounded(-0.05),
      'recall@20': bounded(-0.05),
      mrr: bounded(-0.05),
      map: bounded(-0.05),
    };
    const own = figures({ 'ndcg@10': 0.2, 'recall@20': 0.3, mrr: 0.3, map: 0.3 });
    const baselines = { itemKnn: figures({ 'ndcg@10': 0.25 }) };
    const { rest } = verdict('run', ranking({ ...own, baselines, gains: { itemKnn: lost } }), info);
    expect(rest).toContain('Against Item-kNN it loses in every other figure.');
  });

  it('says ahead where the interval is above zero, and unclear where it holds it', () => {
    const only = (gain: number) => {
      const baselines = { itemKnn: figures({ 'ndcg@10': 0.2 - gain }) };
      const gains = { itemKnn: { 'ndcg@10': bounded(gain) } };
      return verdict('run', ranking({ baselines, gains, byActivity: [] }), info).lead;
    };
    expect(only(0.02)).toMatch(/^run is ahead of the best baseline, Item-kNN, by 0\.0200/);
    expect(only(0.005)).toMatch(/^run does not differ clearly from the best baseline/);
  });

  it('knows that errors are better when they are low, and owns up to missing intervals', () => {
    const errors = ranking({
      judgedBy: 'mse',
      ...figures({ mse: 0.5 }),
      baselines: { trees: figures({ mse: 0.75 }), mean: figures({ mse: 0.9 }) },
      gains: {},
      byActivity: [],
      byPopularity: [],
    });
    expect(strongest(errors, 'mse')).toBe('trees');
    expect(leadOver(errors, 'trees', 'mse')).toMatchObject({ standing: 'ahead', low: null });
    const { lead, rest } = verdict('run', errors, info);
    expect(lead).toBe('run is ahead of the best baseline, trees, by 0.250 in MSE.');
    expect(rest).toBe(
      'It is ahead of mean. These are means without an interval: a small difference may be chance.',
    );
    const bucket = { least: 1, most: 1, count: 1, figures: { mse: 0.7, 'ndcg@10': 0.7 } };
    expect(isWeak(bucket, 'mse', 0.5)).toBe(true);
    expect(isWeak(bucket, 'ndcg@10', 0.5)).toBe(false);
  });

  it('says so where there is no baseline', () => {
    const { lead } = verdict('run', ranking({ baselines: {}, gains: {} }), info);
    expect(lead).toMatch(/beside no baseline/);
  });

  it.each([
    ['ndcg@10', 'NDCG@10'],
    ['hit@20', 'Hit rate@20'],
    ['mrr', 'MRR'],
    ['links', 'Links'],
  ])('calls %s %s', (figure, name) => expect(figureName(figure)).toBe(name));
});

describe('reasons', () => {
  const reasons: RecommendationReasons = {
    score: 1,
    alone: 0.1,
    rest: 0.05,
    interactions: [
      { item: 'a', title: 'Lamp', share: 0.3 },
      { item: 'b', title: null, share: 0.2 },
    ],
    neighbours: [{ user: 'cy', share: 0.45 }],
    features: [{ of: 'item', name: 'price', share: -0.1 }],
  };

  it('are bars that end at the score, however many are drawn together', () => {
    for (const most of [1, 2, 10]) {
      const steps = scoreSteps(reasons, most);
      expect(steps.at(-1)).toEqual({ label: 'Score', kind: 'sum', from: 0, until: 1 });
      expect(steps.at(-2)!.until).toBeCloseTo(1);
      for (const [i, step] of steps.slice(1, -1).entries()) expect(step.from).toBe(steps[i]!.until);
    }
    expect(scoreSteps(reasons, 1).map(({ label }) => label)).toEqual([
      'The two alone',
      'cy',
      '3 more',
      'Rest of the graph',
      'Score',
    ]);
  });

  it('come with all shares, and in words with what speaks for and against', () => {
    expect(sharesOf(reasons).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(reasons.score);
    expect(reasonSentence(reasons, 2, 10)).toBe(
      'Place 2 of 10. Most for it speaks that cy took it too and that Lamp was taken. Most against it: price (of the item).',
    );
  });
});

it('draws no word of a map on an earlier one', () => {
  const words = [
    { x: 100, y: 50, text: 'user4135' },
    { x: 104, y: 52, text: '1' },
    { x: 170, y: 50, text: '2' },
    { x: 104, y: 70, text: '3' },
    { x: 90, y: 71, text: 'long name' },
  ];
  expect(legibleWords(words)).toEqual([true, false, true, true, false]);
  // Apart from each other all have room.
  expect(legibleWords(words.map((word, i) => ({ ...word, y: 20 * i })))).toEqual(words.map(() => true));
});

describe('what is learned from', () => {
  const edges = (name: string, firstS: number | null) => ({
    name,
    from: 'user',
    to: 'item',
    count: 9,
    firstS,
    lastS: firstS,
  });
  const project = {
    interactions: [
      { sourceId: 1, name: 'shop', nodes: [], edges: [edges('viewed', 0), edges('bought', 0)] },
      { sourceId: 2, name: 'old', nodes: [], edges: [edges('took', null)] },
    ],
  } as unknown as Parameters<typeof learnsOf>[0];
  const plain = { prefers: null };
  const buys = { prefers: { edges: 'bought', split: 'time' as const } };

  it('is what the system prefers where nothing is chosen, else the first', () => {
    expect(learnsOf(project, plain, {})).toEqual({
      data: 'shop',
      edges: 'viewed',
      split: 'userTime',
      test: 0.2,
    });
    expect(learnsOf(project, buys, {})).toMatchObject({ edges: 'bought', split: 'time' });
    expect(learnsOf(project, buys, { edges: 'viewed' })).toMatchObject({ split: 'userTime' });
  });

  it('is held out at random where no time is known, whatever was chosen', () => {
    expect(learnsOf(project, plain, { data: 'old', split: 'time' })).toMatchObject({
      edges: 'took',
      split: 'random',
    });
  });

  it('is nothing without interactions', () => {
    expect(learnsOf(null, plain, {})).toBeNull();
  });
});

describe('a question', () => {
  const asking: Asking = {
    user: { id: 'ann', title: 'Ann' },
    count: 5,
    text: ' ',
    at: '',
    place: null,
    withinMinutes: null,
    tasteOfTenMinutes: null,
  };

  it('holds what was said and nothing else', () => {
    expect(questionOf(asking)).toEqual({ users: ['ann'], count: 5, withReasons: false });
    const place = { point: [11, 48] as [number, number], label: 'here' };
    expect(questionOf({ ...asking, text: ' lamp ', place, tasteOfTenMinutes: 0 })).toEqual({
      users: ['ann'],
      count: 5,
      withReasons: false,
      text: 'lamp',
      place: [11, 48],
      tasteOfTenMinutes: 0,
    });
  });

  it('needs somebody', () => expect(questionOf({ ...asking, user: null })).toBeNull());
});
