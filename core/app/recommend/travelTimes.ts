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
}

export interface DrivenMinutes {
  /** [from] NaN for a place that is on no road, or that no way leads from. */
  readonly minutes: Float64Array;
  /** What they come from, in words: "run eta-1". */
  readonly by: string;
}

/** Of a project without roads. */
export const NO_ROADS: TravelTimes = { minutesTo: async () => null };

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
    const usual = this.#store.info().trips > 0 ? 'history of the trips' : 'free flow';
    return { minutes: seconds.map((value) => value / 60), by: run ? `run ${run.name}` : usual };
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
