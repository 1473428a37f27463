import type { ExplanationQuestion, RouteContributions } from '@etalon/core/api/contract';
import { beginStep, breathe, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import type { Way } from '@etalon/core/roads';
import { drivenParts } from '../drivenParts.ts';
import type { TrafficOracle } from '../open.ts';
import type { RoutePlanner } from '../routePlanner.ts';
import { type EtaExplainer, STEPS } from './explainer.ts';

/** Minutes by which the departure is moved to see what it would change. */
const LEAVING_MINUTES = [-30, -15, 15, 30];

/** Explains the ways of one run's routes. */
export class RouteExplanations {
  readonly #traffic: TrafficOracle;
  readonly #planner: RoutePlanner;
  readonly #open: () => Promise<EtaExplainer>;
  #explainer: Promise<EtaExplainer> | undefined;

  /** `open` is called at the first question: most sessions ask none. */
  constructor(traffic: TrafficOracle, planner: RoutePlanner, open: () => Promise<EtaExplainer>) {
    this.#traffic = traffic;
    this.#planner = planner;
    this.#open = open;
  }

  /** Throws `input` where the segments are no way between the points, `cancelled`. */
  async explain(
    { segments, from, to }: Pick<ExplanationQuestion, 'segments' | 'from' | 'to'>,
    localDepartS: number,
    context: TaskContext,
  ): Promise<Omit<RouteContributions, 'depart'>> {
    const way = this.#planner.wayOf(segments, from, to);
    const explainer = await this.#opened(context);
    const explained = await explainer.explain(way, localDepartS, context);
    await beginStep(context, 'Asking for other departures and ways', STEPS, STEPS);
    const leaving: RouteContributions['leaving'] = [];
    for (const minutes of LEAVING_MINUTES)
      leaving.push({ minutes, ...(await this.#leaving(way, localDepartS, minutes)) });
    return { ...explained, leaving, otherWay: await this.#otherWay(way, from, to, localDepartS) };
  }

  async #opened(context: TaskContext): Promise<EtaExplainer> {
    if (!this.#explainer) {
      context.report({ stage: 'Preparing the model for explanations', done: 0 });
      await breathe();
      throwIfCancelled(context.signal);
      this.#explainer = this.#open();
    }
    return this.#explainer;
  }

  async dispose(): Promise<void> {
    await (await this.#explainer)?.dispose();
  }

  /** Who leaves earlier knows what was known then; who leaves later, what is known now. */
  async #leaving(way: Way, localDepartS: number, minutes: number) {
    const knownAtS = localDepartS + 60 * Math.min(0, minutes);
    const horizonS = 60 * Math.max(0, minutes);
    const { trips, traversalS } = await this.#traffic.paths([way.segments], knownAtS, { horizonS });
    const [{ seconds, lowS, highS }] = trips;
    const { share } = drivenParts(way, seconds, traversalS);
    return { etaS: seconds * share, lowS: lowS * share, highS: highS * share };
  }

  async #otherWay(
    way: Way,
    from: [number, number],
    to: [number, number],
    localDepartS: number,
  ): Promise<RouteContributions['otherWay']> {
    const found = await this.#planner.route(from, to, localDepartS);
    const isSame = found.segments.join() === way.segments.join();
    const other = isSame ? found.alternatives[0] : { ...found, via: found.stretches[0]?.name ?? '' };
    if (!other) return null;
    const { via, distanceM, etaS, lowS, highS } = other;
    return { via, distanceM, etaS, lowS, highS };
  }
}
