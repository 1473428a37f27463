import type { Knowledge, OpenRecommender } from '@etalon/core/app/model';
import type { TaskContext } from '@etalon/core/base';
import type { ProjectStore } from '@etalon/core/project';
import { openLoaded } from '../recommend/open.ts';
import { FoodAnswers, usualQuestion } from './answer.ts';
import { loadFood } from './load.ts';
import { questionScorer } from './ranker.ts';
import { foodSystem } from './system.ts';

export async function openFood(
  store: ProjectStore,
  runId: number,
  knowledge: Knowledge,
  context: TaskContext,
): Promise<OpenRecommender> {
  const food = await loadFood(store, runId, knowledge, context);
  const { loaded, city, ranker, options } = food;
  const opened = await openLoaded(foodSystem, loaded, context);
  const answers = new FoodAnswers(store, runId, food, opened.explain);
  return {
    ...opened,
    offersKnown: true,
    scorer: (users) => {
      const questions = Array.from(users, (user) => usualQuestion(city, user));
      return questionScorer(city, ranker, questions, options)(Int32Array.from(users.keys()));
    },
    answer: (question, asking, travel) => answers.answer(question, asking, travel),
    dispose: async () => {
      await answers.dispose();
      await opened.dispose();
    },
  };
}
