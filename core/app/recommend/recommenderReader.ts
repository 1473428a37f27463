import type {
  DeliveryWay,
  EmbeddingMap,
  RecommendationReasons,
  RecommendQuestion,
  UserRecommendations,
} from '../../api/recommenders.ts';
import { EtalonError, type TaskContext } from '../../base/index.ts';
import type { ProjectStore } from '../../project/index.ts';
import { KeptOpen } from '../keptOpen.ts';
import type { Models } from '../model.ts';
import { runRecommender } from '../models.ts';
import { Predictor } from '../predictor.ts';
import type { OpenRecommender } from './definition.ts';
import { embeddingMap } from './embeddingMap.ts';
import { assertTakes } from './question.ts';
import { recommendFor, titleOf } from './recommend.ts';
import { ProjectTravelTimes, type TravelTimes, type WayQuestion } from './travelTimes.ts';

/** Answers questions to trained recommenders from all that the project knows. */
export class RecommenderReader {
  readonly #store: ProjectStore;
  readonly #models: Models;
  readonly #travel: TravelTimes;
  readonly #runs: KeptOpen<OpenRecommender>;
  /** Of the question that was explained last, where a system explains whole answers. */
  #explained: { key: string; reasons: ReadonlyMap<string, RecommendationReasons | null> } | null = null;

  /** @param predictor knows the roads; left out: one of its own. */
  constructor(store: ProjectStore, models: Models, predictor = new Predictor(store, models)) {
    this.#travel = new ProjectTravelTimes(store, models, predictor);
    this.#store = store;
    this.#models = models;
    this.#runs = new KeptOpen((runId, context) =>
      runRecommender(models, store, runId).open(store, runId, 'everything', context),
    );
  }

  /** Throws `usage` for a field that the system does not take, `not-found` for a user that the data do not have. */
  async ask(
    runId: number,
    question: RecommendQuestion,
    context: TaskContext,
  ): Promise<UserRecommendations[]> {
    assertTakes(runRecommender(this.#models, this.#store, runId), question);
    return this.#runs.use(runId, context, (opened) => recommendFor(opened, question, context, this.#travel));
  }

  /** Why the item has its score for the first user of the question. Throws `not-found` for an item that is not in the answer. */
  async explain(
    runId: number,
    question: RecommendQuestion,
    item: string,
    context: TaskContext,
  ): Promise<RecommendationReasons> {
    assertTakes(runRecommender(this.#models, this.#store, runId), question);
    return this.#runs.use(runId, context, async (opened) => {
      context.report({ stage: 'Looking for reasons', done: 0 });
      if (opened.answer) return this.#ofAnswer(opened, runId, question, item, context);
      const { from, to } = opened.data.edges(opened.edges);
      const [user, row] = [opened.data.nodes(from).row(question.users[0]), opened.data.nodes(to).row(item)];
      return withTitles(opened, await opened.explain(user, row, context));
    });
  }

  /** See {@link TravelTimes.way}. */
  way(question: WayQuestion, signal: AbortSignal): Promise<DeliveryWay | null> {
    return this.#travel.way(question, signal);
  }

  embeddingMap(runId: number, context: TaskContext): Promise<EmbeddingMap> {
    return this.#runs.use(runId, context, (opened) => embeddingMap(opened, context));
  }

  /** What a system answers in its own way only that answer explains. */
  async #ofAnswer(
    opened: OpenRecommender,
    runId: number,
    question: RecommendQuestion,
    item: string,
    context: TaskContext,
  ): Promise<RecommendationReasons> {
    const key = JSON.stringify([runId, question]);
    if (this.#explained?.key !== key) {
      const [answer] = await recommendFor(opened, { ...question, withReasons: true }, context, this.#travel);
      const reasons = new Map(answer.items.map((listed) => [listed.item, listed.reasons]));
      this.#explained = { key, reasons };
    }
    const reasons = this.#explained.reasons.get(item);
    if (reasons) return withTitles(opened, reasons);
    throw new EtalonError('not-found', `There are no reasons for “${item}”.`, {
      remedy: 'Choose an item of the list that was asked for.',
    });
  }
}

/** Names the nodes that the reasons speak of. */
function withTitles({ data, edges }: OpenRecommender, reasons: RecommendationReasons): RecommendationReasons {
  const { from, to } = data.edges(edges);
  const titled = (type: string, id: string) => {
    const nodes = data.nodes(type);
    const row = nodes.rowOf(id);
    return { title: row === undefined ? null : titleOf(nodes, row) };
  };
  return {
    ...reasons,
    interactions: reasons.interactions.map((reason) => ({ ...reason, ...titled(to, reason.item) })),
    neighbours: reasons.neighbours.map((reason) => ({ ...reason, ...titled(from, reason.user) })),
  };
}
