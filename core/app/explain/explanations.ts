import type { ApiExplanation, ExplanationQuestion } from '../../api/contract.ts';
import { EtalonError, type TaskContext } from '../../base/index.ts';
import type { ProjectStore } from '../../project/index.ts';
import type { TripSet } from '../../roads/index.ts';
import { localSeconds, type Predictor } from '../predictor.ts';
import { nameOf } from '../segments.ts';
import { explanationOf } from './explanationWords.ts';
import { similarTrips } from './similarTrips.ts';
import { stretchesOf } from './stretches.ts';

/** Explains a run's ETAs: what the model says of them, beside the project's own trips, in figures and words. */
export class Explanations {
  readonly #store: ProjectStore;
  readonly #predictor: Predictor;
  #trips: TripSet | undefined;

  constructor(store: ProjectStore, predictor: Predictor) {
    this.#store = store;
    this.#predictor = predictor;
  }

  /** Throws `conflict` for a run that cannot say, `input` for segments that are no way between the points, `cancelled`. */
  async explain(question: ExplanationQuestion, context: TaskContext): Promise<ApiExplanation> {
    const { runId, depart } = question;
    const network = this.#store.readRoads();
    const localDepartS = localSeconds(depart);
    const contributions = await this.#predictor.withTravelModel(runId, context, (model) => {
      if (!model.explain)
        throw new EtalonError('conflict', 'A run of this model cannot say what its ETAs come from.', {
          remedy: 'Choose a run of another model.',
        });
      return model.explain(question, localDepartS, context);
    });
    this.#trips ??= this.#store.readTrips();
    const trips = this.#trips;
    return explanationOf({
      ...contributions,
      depart,
      stretches: stretchesOf(contributions.segments, (segment) => nameOf(network, segment)),
      similar: similarTrips(network, trips, question.segments, localDepartS),
      lastTripMinutes: minutesSinceTrip(trips, localDepartS),
    });
  }
}

/** Minutes between the end of the last trip that had ended by a time and that time; null where none had. */
function minutesSinceTrip({ count, localDepartS, totalS }: TripSet, timeS: number): number | null {
  let latestS = -Infinity;
  for (let trip = 0; trip < count; trip++) {
    const endS = localDepartS[trip] + totalS[trip];
    if (endS <= timeS && endS > latestS) latestS = endS;
  }
  return latestS === -Infinity ? null : (timeS - latestS) / 60;
}
