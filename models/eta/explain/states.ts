import { quietContext } from '@etalon/core/base';
import type { Executable } from '@etalon/core/device';
import { type Moment, type RoadNetwork, SEGMENT_FLAGS, TURN_CLASSES, TURN_FLAGS } from '@etalon/core/roads';
import { type BatchSource, batchSource } from '../batch.ts';
import { calibrated, endsAt, type TripPrediction } from '../calibration.ts';
import type { TrainedEta } from '../checkpoint.ts';
import { describePaths, type PathSet, plannedTrips } from '../paths.ts';
import { predictRoutes } from '../predictRoutes.ts';
import type { EtaSettings } from '../settings.ts';
import type { TrafficReader } from '../traffic.ts';

/** Paths as they are, or as they would be in some respect: what the network is told of them. */
export interface PathState {
  paths: PathSet;
  traffic: TrafficReader;
  network: RoadNetwork;
}

/** What a run says of one path in a state. */
export interface StatePrediction {
  trip: TripPrediction;
  /** Calibrated seconds of each traversal. */
  traversalS: Float32Array;
  /** As the network gives them, before calibration. */
  rawS: Float32Array;
}

export interface StateModel {
  trained: TrainedEta;
  settings: EtaSettings;
}

/** One way, departing at several moments. */
export async function describeWay(
  { trained }: StateModel,
  { traffic, network }: Omit<PathState, 'paths'>,
  segments: readonly number[],
  moments: readonly Pick<Moment, 'departS' | 'localDepartS'>[],
): Promise<PathState> {
  const trips = plannedTrips(
    moments.map(({ departS, localDepartS }) => ({ segments, departS, localDepartS })),
  );
  return { paths: await describePaths(trips, trained.models, traffic, quietContext), traffic, network };
}

export function sourceOf({ trained, settings }: StateModel, state: PathState): BatchSource {
  return batchSource({ ...trained, ...state }, settings);
}

/** Predicts each path of a state. */
export async function predictState(
  model: StateModel,
  forward: Executable,
  state: PathState,
): Promise<StatePrediction[]> {
  const { trained, settings } = model;
  const { offsets, count } = state.paths.trips;
  const positions = [...Array(count).keys()];
  const predicted = await predictRoutes(
    forward,
    sourceOf(model, state),
    positions,
    trained.parameters,
    settings,
  );
  return positions.map((path) => {
    const rawS = predicted.secondsS.slice(offsets[path], offsets[path + 1]);
    return {
      trip: calibrated(
        trained.calibration,
        predicted.totalS[path],
        predicted.logSigma[path],
        endsAt(predicted.ends, path),
      ),
      traversalS: rawS.map((seconds) => seconds * trained.calibration.factor),
      rawS,
    };
  });
}

/** The same roads without a signal, where every way leads straight on. */
export function withoutJunctions(network: RoadNetwork): RoadNetwork {
  return {
    ...network,
    flags: network.flags.map((flags) => flags & ~SEGMENT_FLAGS.signal),
    turnClass: new Uint8Array(network.turnCount).fill(TURN_CLASSES.indexOf('straight')),
    turnAngleDeg: new Float32Array(network.turnCount),
    turnFlags: network.turnFlags.map((flags) => flags & ~TURN_FLAGS.signal),
  };
}

/** A state whose paths cost nothing at their junctions, in what the segment model expects as in what the network is told. */
export function stateWithoutJunctions(
  { trained }: StateModel,
  state: PathState,
  straight: RoadNetwork,
): PathState {
  const { trips, expectedS } = state.paths;
  const drivingS = expectedS.slice();
  for (let path = 0; path < trips.count; path++) {
    const model = trained.models.modelAt(trips.localDepartS[path]);
    for (let k = trips.offsets[path]; k < trips.offsets[path + 1]; k++) {
      const next = k + 1 < trips.offsets[path + 1] ? trips.segments[k + 1] : -1;
      drivingS[k] = Math.max(0.1, drivingS[k] - model.endDelayS(trips.segments[k], next));
    }
  }
  return { ...state, paths: { ...state.paths, expectedS: drivingS }, network: straight };
}
