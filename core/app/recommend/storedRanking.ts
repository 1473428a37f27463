import type { RankingFigures, StoredRanking } from '../../api/recommenders.ts';
import { compareScorers, type RankingEvaluation, type RankingTask } from '../../interactions/index.ts';

/** A run and its baselines, judged on one task. */
export interface JudgedRanking extends Partial<Pick<StoredRanking, 'judgedBy' | 'note' | 'reports'>> {
  readonly runId: number;
  readonly task: RankingTask;
  readonly evaluation: RankingEvaluation;
  readonly baselines: Readonly<Record<string, RankingEvaluation>>;
}

/** How it is kept in a project and told to clients. */
export function storedRanking({
  runId,
  task,
  evaluation,
  baselines,
  judgedBy = 'ndcg@10',
  note = null,
  reports = [],
}: JudgedRanking): StoredRanking {
  const ofBaselines = <T>(make: (judged: RankingEvaluation) => T) =>
    Object.fromEntries(Object.entries(baselines).map(([name, judged]) => [name, make(judged)]));
  return {
    kind: 'ranking',
    runId,
    from: null,
    until: null,
    users: evaluation.users,
    items: task.items,
    judgedBy,
    note,
    reports,
    ...figuresOf(evaluation),
    baselines: ofBaselines(figuresOf),
    gains: ofBaselines((judged) => compareScorers(evaluation, judged)),
    byActivity: [...evaluation.byActivity],
    byPopularity: [...evaluation.byPopularity],
  };
}

function figuresOf({ figures, coverage, gini }: RankingEvaluation): RankingFigures {
  return { figures: { ...figures }, coverage: { ...coverage }, gini: { ...gini } };
}
