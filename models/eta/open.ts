import type { OpenEtaModel, RunConfig, SegmentForecast } from '@etalon/core/app/model';
import { beginStep, quietContext, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import type { ProjectStore } from '@etalon/core/project';
import {
  countTraffic,
  DepartureReader,
  freeFlowS,
  historicalProfile,
  type RoadNetwork,
} from '@etalon/core/roads';
import { readTrained, type TrainedEta } from './checkpoint.ts';
import { EtaExplainer } from './explain/explainer.ts';
import { RouteExplanations } from './explain/routeExplanations.ts';
import { coverByPaths, describePaths, type PathSet, plannedTrips } from './paths.ts';
import { EtaPredictor, type PathPredictions } from './predictor.ts';
import { RememberedTraffic } from './rememberedTraffic.ts';
import { RoutePlanner } from './routePlanner.ts';
import { openScenario } from './scenarioModel.ts';
import type { InputChange } from './scenarioTraffic.ts';
import { parseEtaSettings } from './settings.ts';
import { Traffic, type TrafficReader } from './traffic.ts';

/** Paths of the cover that are described and asked together. */
const FORECAST_PATHS = 256;
/** Of opening a run, as they are reported. */
const STEPS = 5;

/** Loads a trained run for questions about any segment and any route. */
export async function openRun(
  store: ProjectStore,
  runId: number,
  context: TaskContext,
): Promise<OpenEtaModel> {
  await beginStep(context, 'Reading the run and its trips', 1, STEPS);
  const network = store.readRoads();
  const config = store.run(runId).config as RunConfig;
  const settings = parseEtaSettings(config.settings);
  const trained = readTrained(store, runId);
  const trips = store.readTrips();
  await beginStep(context, 'Gathering what is known of traffic', 2, STEPS);
  const known = new Traffic(network, trips, trained.models, settings, store.readObservations());
  const clock = new DepartureReader(store.info().timeZone ?? 'UTC');
  await beginStep(context, 'Opening the model', 3, STEPS);
  const traffic = new TrafficOracle({
    network,
    trained,
    predictor: await EtaPredictor.open(network, trained, settings),
    known: new RememberedTraffic(known, network.segmentCount),
    clock,
    cover: coverByPaths(network, countTraffic(network, trips).turns, settings.supersegmentLength),
  });
  await beginStep(context, 'Learning the history of the roads', 4, STEPS);
  const history = historicalProfile(network, trips);
  await beginStep(context, 'Asking the model a first question', 5, STEPS);
  await traffic.warmUp(Math.max(0, ...trips.localDepartS.slice(-1)));
  const planner = new RoutePlanner(traffic, history);
  const explanations = new RouteExplanations(traffic, planner, () =>
    EtaExplainer.open({ network, trained, settings, known, clock }),
  );
  return {
    speeds: async (localS, segments, horizonS) => {
      const seconds = await traffic.segmentSeconds(localS, { wanted: segments, horizonS });
      return seconds.map((predictedS, s) => freeFlowS(network, s) / predictedS);
    },
    forecast: (localS, horizonsS, forecastContext) =>
      traffic.forecast(localS, horizonsS, {}, forecastContext),
    uncertainty: async (localS, widthContext) => ({
      values: await traffic.segmentWidths(localS, widthContext),
      note: 'Of the stretch of road that each segment is predicted with.',
    }),
    route: (from, to, localDepartS) => planner.route(from, to, localDepartS),
    arriveBy: (from, to, localArriveS) => planner.arriveBy(from, to, localArriveS),
    costs: (fromS, untilS) => planner.costs(fromS, untilS),
    trip: (request) => planner.trip(request),
    way: (way, localDepartS) => planner.way(way, localDepartS),
    supersegments: trained.catalogue?.supersegments ?? null,
    scenario: (scenario) => openScenario(traffic, history, scenario),
    explain: (question, localDepartS, context) => explanations.explain(question, localDepartS, context),
    dispose: async () => {
      await explanations.dispose();
      await traffic.dispose();
    },
  };
}

interface OracleParts {
  network: RoadNetwork;
  trained: TrainedEta;
  predictor: EtaPredictor;
  known: TrafficReader;
  clock: DepartureReader;
  /** Paths that hold every segment once. */
  cover: Int32Array[];
}

/** What is asked of segments: only those wanted, how long after the time of what is known, under a scenario. */
export interface SegmentQuestion {
  wanted?: ReadonlySet<number> | undefined;
  horizonS?: number | undefined;
  change?: InputChange | undefined;
}

/** Predicted seconds of segments and paths at wall-clock times, with what was known of traffic by then. */
export class TrafficOracle {
  readonly network: RoadNetwork;
  readonly trained: TrainedEta;
  readonly #parts: OracleParts;
  /** Segment after which each segment was predicted on its cover path, or −1: its turn is in its seconds. */
  readonly coverNext: Int32Array;

  constructor(parts: OracleParts) {
    this.network = parts.network;
    this.trained = parts.trained;
    this.#parts = parts;
    this.coverNext = new Int32Array(parts.network.segmentCount).fill(-1);
    for (const path of parts.cover)
      for (let i = 0; i + 1 < path.length; i++) this.coverNext[path[i]] = path[i + 1];
  }

  /** Asks about one path, so that the first question of a user does not pay for what is prepared at a first run. */
  async warmUp(localS: number): Promise<void> {
    await this.paths(this.#parts.cover.slice(0, 1), localS);
  }

  /**
   * [S] seconds to drive each segment, for a drive that enters it `horizonS` after `localS`. With `wanted`, only the paths
   * that hold any of those segments are asked for; NaN elsewhere.
   */
  async segmentSeconds(
    localS: number,
    { horizonS = 0, ...question }: SegmentQuestion = {},
  ): Promise<Float32Array> {
    const [forecast] = await this.forecast(localS, [horizonS], question, quietContext);
    return forecast.seconds;
  }

  /** [horizons] the same with intervals for several horizons: what stays is described once. Throws `cancelled`. */
  async forecast(
    localS: number,
    horizonsS: readonly number[],
    { wanted, change }: Omit<SegmentQuestion, 'horizonS'>,
    context: TaskContext,
  ): Promise<SegmentForecast[]> {
    const { cover: whole, known, predictor } = this.#parts;
    const cover = wanted ? whole.filter((path) => path.some((segment) => wanted.has(segment))) : whole;
    const unknown = () => new Float32Array(this.network.segmentCount).fill(Number.NaN);
    const answers = horizonsS.map(() => ({ seconds: unknown(), lowS: unknown(), highS: unknown() }));
    const runs = predictor.runs();
    for (let begin = 0; begin < cover.length; begin += FORECAST_PATHS) {
      context.report({ stage: 'Predicting segments', done: begin, total: cover.length, unit: 'paths' });
      throwIfCancelled(context.signal);
      const batch = cover.slice(begin, begin + FORECAST_PATHS);
      const times: PathSet[] = [];
      for (const horizonS of horizonsS)
        times.push(await this.#described(batch, localS, { horizonS, change }, times[0]));
      const question = { times, traffic: known, edited: change?.network };
      await predictor.startTraversals(runs, question, (h, predictions) =>
        spreadOver(batch, predictions, answers[h]),
      );
    }
    await runs.end();
    return answers;
  }

  /** [S] width of the 80 % interval ÷ median of the covering path that holds each segment. Throws `cancelled`. */
  async segmentWidths(localS: number, context: TaskContext): Promise<Float32Array> {
    const [{ seconds, lowS, highS }] = await this.forecast(localS, [0], {}, context);
    return seconds.map((median, s) => (highS[s] - lowS[s]) / median);
  }

  /**
   * Paths that are entered `horizonS` after `localS`, with the traffic known at `localS`; with `change`, as a scenario has the roads and what is expected of
   * them.
   */
  async paths(
    paths: readonly ArrayLike<number>[],
    localS: number,
    { horizonS, change }: Omit<SegmentQuestion, 'wanted'> = {},
  ) {
    const { known, predictor } = this.#parts;
    const described = await this.#described(paths, localS, { horizonS, change });
    return predictor.predict(described, known, change?.network);
  }

  async #described(
    paths: readonly ArrayLike<number>[],
    localS: number,
    { horizonS = 0, change }: Omit<SegmentQuestion, 'wanted'>,
    earlier?: PathSet,
  ): Promise<PathSet> {
    const { clock, known } = this.#parts;
    const { departS, localDepartS } = clock.fromLocal(localS);
    const trips = plannedTrips(
      paths.map((segments) => ({ segments, departS, localDepartS: localDepartS + horizonS })),
    );
    const described = await describePaths(trips, this.trained.models, known, quietContext, {
      horizonS,
      ...(earlier && { earlier }),
    });
    await change?.scale(described);
    return described;
  }

  dispose(): Promise<void> {
    return this.#parts.predictor.dispose();
  }
}

/** Writes what was predicted of paths to their segments; the interval of a path's time is that of each of its segments in proportion. */
function spreadOver(
  paths: readonly Int32Array[],
  { trips, traversalS }: PathPredictions,
  out: SegmentForecast,
): void {
  let k = 0;
  paths.forEach((path, i) => {
    const { seconds, lowS, highS } = trips[i];
    for (const segment of path) {
      const traversal = traversalS[k++];
      out.seconds[segment] = traversal;
      out.lowS[segment] = (traversal * lowS) / seconds;
      out.highS[segment] = (traversal * highS) / seconds;
    }
  });
}
