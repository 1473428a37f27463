import type { Device, Executable } from '@etalon/core/device';
import { openDevice } from '@etalon/core/device';
import type { RoadNetwork } from '@etalon/core/roads';
import { calibrated, type TripPrediction } from './calibration.ts';
import type { TrainedEta } from './checkpoint.ts';
import { allFeatures, keptFeatures } from './features.ts';
import { etaNetwork } from './network.ts';
import type { PathSet } from './paths.ts';
import { wholePaths } from './paths.ts';
import type { EtaSettings } from './settings.ts';
import { predictStretches } from './training.ts';

export interface PathPredictions {
  /** [N] of whole paths. */
  trips: TripPrediction[];
  /** [M] calibrated seconds of each traversal; those of a path sum to its trip's, but for the trip's constant. */
  traversalS: Float32Array;
}

/**
 * A trained run on a device. Predictions always run on the CPU: they are many small batches, for which a GPU's
 * round trips do not pay, and they then do not depend on where a run was trained.
 */
export class EtaPredictor {
  readonly #network: RoadNetwork;
  readonly #trained: TrainedEta;
  readonly #device: Device;
  readonly #forward: Executable;

  static async open(network: RoadNetwork, trained: TrainedEta, settings: EtaSettings): Promise<EtaPredictor> {
    const device = await openDevice('cpu');
    const forward = await device.compile(etaNetwork(trained.shape, settings).forward);
    return new EtaPredictor(network, trained, device, forward);
  }

  private constructor(network: RoadNetwork, trained: TrainedEta, device: Device, forward: Executable) {
    this.#network = network;
    this.#trained = trained;
    this.#device = device;
    this.#forward = forward;
  }

  /** Roads are described by `network`, where another than the run's own is given. */
  async predict(paths: PathSet, network: RoadNetwork = this.#network): Promise<PathPredictions> {
    const { models, shape, parameters, calibration } = this.#trained;
    const source = {
      network,
      models,
      paths,
      features: keptFeatures(allFeatures(paths), shape),
    };
    const stretches = wholePaths(paths, Array(paths.trips.count).keys());
    const predicted = await predictStretches(this.#forward, source, stretches, parameters);
    return {
      trips: Array.from(predicted.totalS, (totalS, i) =>
        calibrated(calibration, totalS, predicted.logSigma[i]),
      ),
      traversalS: predicted.secondsS.map((seconds) => seconds * calibration.factor),
    };
  }

  dispose(): Promise<void> {
    return this.#device.dispose();
  }
}
