export type { Bucket } from './buckets.ts';
export * from './candidates.ts';
export { edgeQuestions } from './edgeQuestions.ts';
export {
  type BucketFigures,
  compareScorers,
  type EvaluationOptions,
  evaluateRanking,
  type RankingEvaluation,
} from './evaluate.ts';
export { type PairQuestions, pairQuestions } from './pairQuestions.ts';
export { amongCandidates, type RankingTask, rankingTask, type Scorer } from './task.ts';
