import type { RankingFigures, ReportTable, StoredRanking } from '../../api/recommenders.ts';
import { compareScorers, type RankingEvaluation } from '../../interactions/index.ts';

export interface JudgedRun {
  runId: number;
  items: number;
  evaluation: RankingEvaluation;
  /** By name, of the same questions. */
  baselines: Readonly<Record<string, RankingEvaluation>>;
  judgedBy?: string;
  note?: string;
  reports?: ReportTable[];
}

/** A run's rankings beside those of its baselines, as they are kept. */
export function storedRanking(judged: JudgedRun): StoredRanking {
  const { runId, items, evaluation, baselines, judgedBy = 'ndcg@10', note = null, reports = [] } = judged;
  const ofEach = <T>(value: (baseline: RankingEvaluation) => T) =>
    Object.fromEntries(Object.entries(baselines).map(([name, baseline]) => [name, value(baseline)]));
  return {
    kind: 'ranking',
    runId,
    from: null,
    until: null,
    users: evaluation.users,
    items,
    judgedBy,
    note,
    reports,
    ...figuresOf(evaluation),
    baselines: ofEach(figuresOf),
    gains: ofEach((baseline) => compareScorers(evaluation, baseline)),
    byActivity: [...evaluation.byActivity],
    byPopularity: [...evaluation.byPopularity],
  };
}

function figuresOf({ figures, coverage, gini }: RankingEvaluation): RankingFigures {
  return { figures: { ...figures }, coverage: { ...coverage }, gini: { ...gini } };
}
