import { exponentialDecay, withWarmUp } from '@etalon/core/train';
import type { RecommenderSystem } from '../recommend/system.ts';
import { pairEpochs } from './batches.ts';
import { boardByPins } from './boards.ts';
import { pinExplainer } from './explain.ts';
import { pinNetwork } from './network.ts';
import { feedOfPins, findNeighbours, type PreparedPins, pinProducers, preparePins } from './prepare.ts';
import { type PinsSettings, parsePinsSettings, pinsSettingInfos } from './settings.ts';
import { pinStates } from './states.ts';

/** Pins of the batch that an exported file is checked on. */
const CHECKED_PINS = 64;
/** Order of the pairs; of no consequence for how many batches they make. */
const ANY_SEED = 0;

/**
 * PinSage (Ying et al. 2018): which pin is saved next. Neighbourhoods are the pins that short random walks over boards visit most, pooled by
 * their visits; convolutions of a batch are built on the fly by threads; hard negatives come by PageRank, one more each epoch.
 */
export const pinsSystem: RecommenderSystem<PinsSettings, PreparedPins> = {
  id: 'pins',
  prefers: { edges: 'savedNext', split: 'time' },
  settings: pinsSettingInfos,
  docs: {
    x: 'Encoded features of the pins and of all whose messages reach them; columns in the metadata "itemFeatures".',
    states: 'Final state of each pin asked about; the inner product of two is their score.',
    ...Object.fromEntries(
      [0, 1, 2, 3].flatMap((layer) => [
        [`senders${layer}`, `Row, among what enters layer ${layer}, that each message comes from.`],
        [`receivers${layer}`, `Row, among what leaves layer ${layer}, that each message goes to; ascending.`],
        [`self${layer}`, `Row, among what enters layer ${layer}, of each that leaves it.`],
        [`share${layer}`, 'Importance of each message; sums to 1 over the messages to a pin.'],
      ]),
    ),
  },
  parseSettings: parsePinsSettings,
  prepare: preparePins,
  complete: findNeighbours,
  network: ({ matrix }, settings) => pinNetwork(matrix.names.length, settings),
  producers: pinProducers,
  batchesPerEpoch: ({ graph }, { batchPairs }) =>
    pairEpochs(graph.pairs, batchPairs, ANY_SEED).batchesPerEpoch,
  schedule: ({ epochs, warmUpEpochs, decayTo, learningRate }, batchesPerEpoch) => {
    const warmUp = Math.min(warmUpEpochs, epochs - 1) * batchesPerEpoch;
    const steps = epochs * batchesPerEpoch - warmUp;
    return withWarmUp(warmUp, exponentialDecay(learningRate, { steps, floor: decayTo }));
  },
  states: pinStates,
  explainer: pinExplainer,
  groupOf: boardByPins,
  exportFeeds: (prepared, settings) => {
    const pins = Int32Array.from({ length: Math.min(CHECKED_PINS, prepared.graph.pins) }, (_, pin) => pin);
    return [feedOfPins(prepared, settings, pins).feed];
  },
};
