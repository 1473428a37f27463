import type { TaskContext } from '@etalon/core/base';
import type { Device } from '@etalon/core/device';
import type { HeldOutData, Scorer } from '@etalon/core/interactions';
import type { EpochReport } from '@etalon/core/train';
import { dotScorer } from '../recommend/scorer.ts';
import { trainSystem } from '../recommend/training.ts';
import { findNeighbours, preparePins } from './prepare.ts';
import type { PinsSettings } from './settings.ts';
import { pinStates } from './states.ts';
import { pinsSystem as system } from './system.ts';

export interface PinTraining {
  device: Device;
  settings: PinsSettings;
  seed: number;
  heldOut: HeldOutData;
  edges: string;
  onEpoch?: (epoch: EpochReport) => void;
}

/** Trains the network outside of any run, to stand beside one; the scorer of its weights over all that is known. Throws `cancelled`. */
export async function trainedScorer(
  { device, settings, seed, heldOut, edges, onEpoch }: PinTraining,
  context: TaskContext,
): Promise<Scorer> {
  const prepared = await findNeighbours(
    preparePins(heldOut.train, edges, settings, undefined),
    settings,
    context,
  );
  const network = system.network(prepared, settings);
  let parameters = new Float32Array();
  await trainSystem(
    { system, network, prepared, settings, seed, device, heldBack: heldOut },
    null,
    { ...context, stop: new AbortController().signal },
    (epoch) => {
      if (epoch.isBest) parameters = epoch.snapshot.arrays.average.slice();
      onEpoch?.(epoch);
    },
  );
  // Without validation nothing becomes known after training.
  const asked = heldOut.validation
    ? await findNeighbours(preparePins(heldOut.known, edges, settings, prepared.kept), settings, context)
    : prepared;
  const states = await pinStates(asked, settings, parameters, device, context);
  return dotScorer(states, prepared.graph.pins);
}
