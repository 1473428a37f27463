import type { TaskContext } from '../../base/index.ts';
import type { ProjectStore } from '../../project/index.ts';
import type { JobRequest, JobResults } from '../jobTypes.ts';
import type { Models } from '../model.ts';
import { runRecommender } from '../models.ts';
import { Predictor } from '../predictor.ts';
import { evaluateRecommender } from './evaluateRanking.ts';
import { exportEmbeddings, recommendAll, recommendFor } from './recommend.ts';
import { ProjectTravelTimes } from './travelTimes.ts';

type RecommenderJob = JobRequest & {
  kind: 'evaluate-ranking' | 'recommend' | 'recommend-all' | 'export-embeddings';
};

/** What is done with a trained recommender. */
export async function recommenderJob(
  models: Models,
  store: ProjectStore,
  job: RecommenderJob,
  context: TaskContext,
): Promise<JobResults[RecommenderJob['kind']]> {
  const { runId } = job;
  const model = runRecommender(models, store, runId);
  if (job.kind === 'evaluate-ranking') {
    const result = await evaluateRecommender(model, store, runId, context);
    store.addEvaluation(runId, { from: null, until: null, createdAt: new Date().toISOString(), result });
    return result;
  }
  const opened = await model.open(store, runId, 'everything', context);
  try {
    switch (job.kind) {
      case 'recommend':
        return await recommendFor(
          opened,
          job.question,
          context,
          new ProjectTravelTimes(store, models, new Predictor(store, models)),
        );
      case 'recommend-all':
        return await recommendAll(opened, job, context);
      case 'export-embeddings':
        return await exportEmbeddings(opened, job.path, context);
      default:
        throw new Error(`internal: unknown job ${JSON.stringify(job satisfies never)}`);
    }
  } finally {
    await opened.dispose();
  }
}
