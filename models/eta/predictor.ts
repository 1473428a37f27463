import type { TaskContext } from '@etalon/core/base';
import type { Device, Executable } from '@etalon/core/device';
import { openPool } from '@etalon/core/device';
import type { ObservationSet, RoadNetwork, TripSet } from '@etalon/core/roads';
import { type IntervalEstimates, RunsAhead } from '@etalon/core/train';
import { batchSource, forwardFeeds } from './batch.ts';
import { calibrated, endsAt, type TripPrediction } from './calibration.ts';
import type { TrainedEta } from './checkpoint.ts';
import { etaNetwork } from './network.ts';
import { describePaths, type PathSet, wholePaths } from './paths.ts';
import { onRouteOnly, predictRoutes, type StretchPredictions } from './predictRoutes.ts';
import type { EtaSettings } from './settings.ts';
import { Traffic, type TrafficReader } from './traffic.ts';

export interface PathPredictions {
  /** [N] of whole paths. */
  trips: TripPrediction[];
  /** [M] calibrated seconds of each traversal; those of a path sum to its trip's, but for the trip's constant. */
  traversalS: Float32Array;
}

export interface TraversalQuestion {
  times: readonly PathSet[];
  /** What the paths were described with. */
  traffic: TrafficReader;
  /** The roads as a scenario has them. */
  edited?: RoadNetwork | undefined;
}

/**
 * A trained run on a pool of devices. Predictions always run on the CPU: they are many small batches, for which a GPU's
 * round trips do not pay, and they then do not depend on where a run was trained.
 */
export class EtaPredictor {
  readonly #network: RoadNetwork;
  readonly #trained: TrainedEta;
  readonly #settings: EtaSettings;
  readonly #device: Device;
  readonly #forward: Executable;

  static async open(network: RoadNetwork, trained: TrainedEta, settings: EtaSettings): Promise<EtaPredictor> {
    const device = await openPool('cpu');
    const { parameters } = trained;
    const forward = await device.compile(etaNetwork(trained.shape, settings).forward, { parameters });
    return new EtaPredictor(network, trained, settings, device, forward);
  }

  private constructor(
    network: RoadNetwork,
    trained: TrainedEta,
    settings: EtaSettings,
    device: Device,
    forward: Executable,
  ) {
    this.#network = network;
    this.#trained = trained;
    this.#settings = settings;
    this.#device = device;
    this.#forward = forward;
  }

  /** `traffic` is what the paths were described with; roads are described by `edited`, where a scenario changes them. */
  async predict(paths: PathSet, traffic: TrafficReader, edited?: RoadNetwork): Promise<PathPredictions> {
    const { factor } = this.#trained.calibration;
    const parts = { ...this.#trained, network: this.#network, paths, traffic, ...(edited && { edited }) };
    const source = batchSource(parts, this.#settings);
    const positions = [...Array(paths.trips.count).keys()];
    const predicted = await predictRoutes(this.#forward, source, positions, undefined, this.#settings);
    return {
      trips: this.#calibrated(predicted),
      traversalS: predicted.secondsS.map((seconds) => seconds * factor),
    };
  }

  #calibrated({ totalS, logSigma, ends }: Omit<StretchPredictions, 'secondsS'>): TripPrediction[] {
    const { calibration } = this.#trained;
    return Array.from(totalS, (seconds, i) => calibrated(calibration, seconds, logSigma[i], endsAt(ends, i)));
  }

  /** For {@link startTraversals}; to be ended when all has been started. */
  runs(): RunsAhead {
    return new RunsAhead(this.#forward);
  }

  /**
   * Asks, in one run of the network for each time, about the same paths entered at several times after the same departures, each path
   * as one stretch. `take` gets the number of each time with what is predicted of it, when its run has ended.
   */
  async startTraversals(
    runs: RunsAhead,
    { times, traffic, edited }: TraversalQuestion,
    take: (time: number, predictions: PathPredictions) => void,
  ): Promise<void> {
    const { factor } = this.#trained.calibration;
    const sources = times.map((paths) =>
      batchSource(
        { ...this.#trained, network: this.#network, paths, traffic, ...(edited && { edited }) },
        this.#settings,
      ),
    );
    const stretches = times.map((paths) => wholePaths(paths, Array(paths.trips.count).keys()));
    let time = 0;
    for (const feed of forwardFeeds(sources, stretches)) {
      const asked = time++;
      await runs.start(feed, ({ seconds, total: totalS, logSigma, logLow, logHigh }) => {
        const onRouteS = onRouteOnly(seconds, feed.onRoute as Float32Array);
        const ends = logLow && { logLow, logHigh };
        take(asked, {
          trips: this.#calibrated({ totalS, logSigma, ...(ends && { ends }) }),
          traversalS: onRouteS.map((s) => s * factor),
        });
      });
    }
  }

  dispose(): Promise<void> {
    return this.#device.dispose();
  }
}

/** What is known of traffic: every predictor looks only at what had ended before each departure. */
export interface KnownTraffic {
  trips: TripSet;
  observations: ObservationSet;
}

export interface PredictedTrips {
  trips: IntervalEstimates;
  /** [M] seconds of each traversal by the model, and by the segment model that it corrects. */
  traversalS: Float32Array;
  anchorS: Float32Array;
}

/** Predicts trips, each from what is known of its departure. */
export async function predictTrips(
  network: RoadNetwork,
  trained: TrainedEta,
  settings: EtaSettings,
  test: TripSet,
  known: KnownTraffic,
  context: TaskContext,
): Promise<PredictedTrips> {
  const traffic = new Traffic(network, known.trips, trained.models, settings, known.observations);
  const paths = await describePaths(test, trained.models, traffic, context);
  const predictor = await EtaPredictor.open(network, trained, settings);
  try {
    const { trips, traversalS } = await predictor.predict(paths, traffic);
    return {
      trips: {
        medianS: trips.map((trip) => trip.seconds),
        low80S: trips.map((trip) => trip.lowS),
        high80S: trips.map((trip) => trip.highS),
      },
      traversalS,
      anchorS: paths.expectedS,
    };
  } finally {
    await predictor.dispose();
  }
}
