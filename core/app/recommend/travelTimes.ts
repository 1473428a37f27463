import type { DeliveryWay } from '../../api/recommenders.ts';
import { quietContext, type TaskContext } from '../../base/index.ts';
import type { ProjectStore } from '../../project/index.ts';
import type { Models } from '../model.ts';
import { modelNamed } from '../models.ts';
import { localSeconds, type Predictor } from '../predictor.ts';

/** Driving times to a place, as the project knows them. */
export interface TravelTimes {
  /**
   * From each place, [longitude, latitude], to one, leaving at a local time, `YYYY-MM-DDTHH:MM`; null where the project has no roads there.
   * Throws `cancelled`.
   */
  minutesTo(
    from: readonly (readonly [number, number])[],
    to: readonly [number, number],
    at: string,
    context?: TaskContext,
  ): Promise<DrivenMinutes | null>;
  /**
   * The way that those minutes are of; null where the project has no roads there. Throws `not-found` where no way leads there.
   */
  way(question: WayQuestion, signal?: AbortSignal): Promise<DeliveryWay | null>;
}

/** Ends as [longitude, latitude], and when it is left, `YYYY-MM-DDTHH:MM`. */
export interface WayQuestion {
  from: [number, number];
  to: [number, number];
  at: string;
}

export interface DrivenMinutes {
  /** [from] NaN for a place that is on no road, or that no way leads from. */
  readonly minutes: Float64Array;
  /** What they come from, in words: "run eta-1". */
  readonly by: string;
}

/** Of a project without roads. */
export const NO_ROADS: TravelTimes = { minutesTo: async () => null, way: async () => null };

/** By the newest finished run that predicts travel times, else by the history of the trips, else at the limits. */
export class ProjectTravelTimes implements TravelTimes {
  readonly #store: ProjectStore;
  readonly #models: Models;
  readonly #predictor: Predictor;

  constructor(store: ProjectStore, models: Models, predictor: Predictor) {
    this.#store = store;
    this.#models = models;
    this.#predictor = predictor;
  }

  async minutesTo(
    from: readonly (readonly [number, number])[],
    to: readonly [number, number],
    at: string,
    context: TaskContext = quietContext,
  ): Promise<DrivenMinutes | null> {
    if (!this.#store.hasRoads()) return null;
    const run = this.#etaRun();
    const seconds = await this.#predictor.drivesTo(
      run?.id ?? null,
      { from, to, departS: localSeconds(at) },
      context,
    );
    if (!seconds) return null;
    return { minutes: seconds.map((value) => value / 60), by: this.#by(run) };
  }

  async way(
    { from, to, at }: WayQuestion,
    signal: AbortSignal = quietContext.signal,
  ): Promise<DeliveryWay | null> {
    if (!this.#store.hasRoads()) return null;
    const run = this.#etaRun();
    const way = await this.#predictor.drive(run?.id ?? null, { from, to, departS: localSeconds(at) }, signal);
    return way && { line: way.line, minutes: way.seconds / 60, km: way.lengthM / 1000, by: this.#by(run) };
  }

  #by(run: { name: string } | undefined): string {
    if (run) return `run ${run.name}`;
    return this.#store.info().trips > 0 ? 'history of the trips' : 'free flow';
  }

  #etaRun() {
    const isEta = (model: string) =>
      Object.hasOwn(this.#models, model) && modelNamed(this.#models, model).predicts === 'travelTimes';
    return this.#store
      .runs()
      .findLast(
        ({ id, model, status }) =>
          status === 'finished' && isEta(model) && this.#store.loadCheckpoint(id, 'best') !== null,
      );
  }
}
