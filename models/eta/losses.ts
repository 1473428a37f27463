import {
  adjacencyCrossEntropy,
  combineLosses,
  gaussianNll,
  huber,
  infomax,
  l1,
  l2,
  quantile,
  required,
  weightedMean,
} from '@etalon/core/gnn';
import {
  add,
  div,
  gather,
  log,
  mean,
  segmentSum,
  stopGradient,
  sub,
  type Tensor,
  type Trace,
} from '@etalon/core/tensor';
import type { Prediction } from './network.ts';
import type { EtaSettings } from './settings.ts';

/** Parts of the loss, by the names of their weights among the settings. */
export const LOSS_PARTS = [
  'traversalL1',
  'traversalL2',
  'traversalHuber',
  'traversalLogHuber',
  'cumulativeHuber',
  'nodeHuber',
  'nodeNll',
  'intervalNll',
  'intervalPinball',
  'infomax',
  'autoEncoder',
] as const;

export type LossPart = (typeof LOSS_PARTS)[number];

/**
 * L1 + L2 on the path's time as taught (observed, or mixed with a teacher's), scaled by `scaleS` (see `relativeExponent`); Huber and Gaussian NLL on the seconds of the nodes
 * whose `nodeKnown` is 1, as shares of what was expected; Gaussian NLL of the log of the path's time for the interval, or
 * the pinball loss of its ends, with the error held fixed so that it shapes the interval alone.
 */
export function lossParts(
  trace: Trace,
  prediction: Prediction,
  settings: EtaSettings,
): Partial<Record<LossPart, Tensor>> {
  const observedS = trace.inputOnce('observedS', ['graphs', 1]);
  const taughtS = trace.inputOnce('taughtS', ['graphs', 1]);
  const scaleS = trace.inputOnce('scaleS', ['graphs', 1]);
  const pathWeight = trace.inputOnce('pathWeight', ['graphs', 1]);
  const nodeObservedS = trace.inputOnce('nodeObservedS', ['nodes', 1]);
  const nodeScaleS = trace.inputOnce('nodeScaleS', ['nodes', 1]);
  const nodeKnown = trace.inputOnce('nodeKnown', ['nodes', 1]);

  const pathError = div(sub(prediction.total, taughtS), scaleS);
  const nodeError = div(sub(prediction.seconds, nodeObservedS), nodeScaleS);
  const logError = sub(log(prediction.total), log(observedS));
  const taughtLogError = sub(log(prediction.total), log(taughtS));
  const { huberDelta, logHuberDelta } = settings;
  const builders: Record<LossPart, () => Tensor> = {
    traversalL1: () => weightedMean(l1(pathError), pathWeight),
    traversalL2: () => weightedMean(l2(pathError), pathWeight),
    traversalHuber: () => weightedMean(huber(pathError, huberDelta), pathWeight),
    traversalLogHuber: () => weightedMean(huber(taughtLogError, logHuberDelta), pathWeight),
    cumulativeHuber: () => {
      const known = trace.inputOnce('prefixKnown', ['prefixes', 1]);
      const cumulativeS = segmentSum(
        gather(prediction.seconds, trace.inputOnce('prefixNode', ['prefixNodes'], 'i32')),
        trace.inputOnce('prefixOf', ['prefixNodes'], 'i32'),
        'prefixes',
      );
      const error = sub(cumulativeS, trace.inputOnce('prefixObservedS', ['prefixes', 1]));
      const scale = trace.inputOnce('prefixScaleS', ['prefixes', 1]);
      return weightedMean(huber(div(error, scale), huberDelta), known);
    },
    nodeHuber: () => weightedMean(huber(nodeError, huberDelta), nodeKnown),
    nodeNll: () => weightedMean(gaussianNll(nodeError, prediction.nodeLogSigma), nodeKnown),
    intervalNll: () => weightedMean(gaussianNll(stopGradient(logError), prediction.logSigma), pathWeight),
    intervalPinball: () => {
      // Errors of the predicted ends of the interval around a total that is held fixed.
      const low = add(stopGradient(logError), required(prediction.logLow, 'logLow'));
      const high = add(stopGradient(logError), required(prediction.logHigh, 'logHigh'));
      return weightedMean(add(quantile(low, 0.1), quantile(high, 0.9)), pathWeight);
    },
    infomax: () => {
      const { embeddings: real, corrupted, structure, discriminator, total: graphs } = prediction;
      const shuffled = corrupted(trace.inputOnce('shuffledNode', ['nodes'], 'i32'));
      const { nodeGraph } = structure;
      return mean(infomax({ real, corrupted: shuffled, nodeGraph, graphs }, required(discriminator, 'W')));
    },
    autoEncoder: () => {
      const pair = (end: string) => trace.inputOnce(end, ['pairs'], 'i32');
      const edge = trace.inputOnce('pairEdge', ['pairs', 1]);
      const pairs = { first: pair('pairFirst'), second: pair('pairSecond'), edge };
      return mean(adjacencyCrossEntropy(prediction.embeddings, pairs));
    },
  };
  // A part of no weight is not computed at all, so that it costs nothing.
  return Object.fromEntries(usedParts(settings).map((part) => [part, builders[part]()]));
}

/** `loss` and its parts, each the sum over the members: so none changes what another learns. */
export function summedLosses(
  losses: readonly Partial<Record<LossPart, Tensor>>[],
  settings: EtaSettings,
): Record<string, Tensor> {
  const used = usedParts(settings);
  const sums = used.map((part) => [part, losses.map((of) => of[part]!).reduce(add)]);
  return combineLosses(
    Object.fromEntries(sums),
    Object.fromEntries(used.map((part) => [part, settings[part]])),
  );
}

/** Parts of the loss that have any weight; of those that shape the interval the one that it is made by. */
export function usedParts(settings: EtaSettings): LossPart[] {
  const other = settings.interval === 'gaussian' ? 'intervalPinball' : 'intervalNll';
  return LOSS_PARTS.filter((part) => settings[part] > 0 && part !== other);
}
