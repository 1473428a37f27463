import {
  adjacencyCrossEntropy,
  bindParameters,
  combineLosses,
  embedding,
  type GraphState,
  type GraphTensors,
  gaussianNll,
  graphInputs,
  graphNetworkBlock,
  huber,
  infomax,
  l1,
  l2,
  linear,
  ParameterLayout,
  required,
  type Weights,
  weightedMean,
} from '@etalon/core/gnn';
import { ROAD_CLASSES } from '@etalon/core/roads';
import {
  add,
  concat,
  div,
  exp,
  gather,
  log,
  mean,
  mul,
  type Program,
  segmentSum,
  slice,
  softplus,
  splitGatherMatmul,
  stopGradient,
  sub,
  type Tensor,
  Trace,
} from '@etalon/core/tensor';
import { type Normalisation, normalised } from '../normalisation.ts';
import type { EtaSettings } from './settings.ts';

/** Everything that fixes the programs of a run, and the layout of its weights. */
export interface EtaShape {
  segments: number;
  /** Supersegments known by number; 0 without embeddings of them. */
  supersegments: number;
  nodes: Normalisation;
  edges: Normalisation;
  graphs: Normalisation;
}

export interface EtaNetwork {
  layout: ParameterLayout;
  /** Inputs: features, structure and anchors; outputs `seconds` [nodes, 1], `total`, `logSigma` [graphs, 1]. */
  forward: Program;
  /** The same with labels; outputs the scalar `loss` and its parts. */
  loss: Program;
}

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
  'infomax',
  'autoEncoder',
] as const;

export type LossPart = (typeof LOSS_PARTS)[number];

interface Prediction {
  /** [nodes, 1] seconds of each traversal. */
  seconds: Tensor;
  /** [nodes, 1] log standard deviation of a traversal's error, as a share of its expected seconds. */
  nodeLogSigma: Tensor;
  /** [graphs, 1] seconds of the whole path. */
  total: Tensor;
  /** [graphs, 1] log standard deviation of log total. */
  logSigma: Tensor;
  /** [nodes, hidden] states of the nodes after the processor. */
  embeddings: Tensor;
  /** The same where each node is told the features of another: `index` says of which. */
  corrupted(index: Tensor): Tensor;
  structure: GraphTensors;
}

/**
 * The travel-time network (Derrow-Pinion et al. 2021, §3): graph-network blocks as encoder, processor (the same
 * weights `processorSteps` times) and decoder over a path of segments. Its outputs are corrections of what the
 * multiplicative segment model expects (the inputs `expectedS` and `tripConstantS`): a network that has learned nothing
 * says what that model says.
 */
export function etaNetwork(shape: EtaShape, settings: EtaSettings): EtaNetwork {
  const layout = new ParameterLayout();
  const network = declareNetwork(layout, shape, settings);

  const forwardTrace = new Trace();
  const { seconds, total, logSigma } = network.predict(forwardTrace, bindParameters(forwardTrace, layout));
  const forward = splitGatherMatmul(forwardTrace.program({ seconds, total, logSigma }));

  const lossTrace = new Trace();
  const weights = bindParameters(lossTrace, layout);
  const prediction = network.predict(lossTrace, weights);
  const discriminator = network.discriminator && weights(network.discriminator);
  const parts = lossOf(lossTrace, { ...prediction, discriminator }, settings);
  const loss = splitGatherMatmul(lossTrace.program(parts));
  return { layout, forward, loss };
}

function declareNetwork(layout: ParameterLayout, shape: EtaShape, settings: EtaSettings) {
  const { hidden } = settings;
  const segmentTable =
    settings.segmentEmbedding > 0
      ? embedding(layout, 'segment', shape.segments, settings.segmentEmbedding, {
          decay: settings.segmentEmbeddingDecay,
        })
      : undefined;
  const supersegmentTable =
    shape.supersegments > 0
      ? embedding(layout, 'supersegment', shape.supersegments + 1, settings.supersegmentEmbedding, {
          decay: settings.segmentEmbeddingDecay,
        })
      : undefined;
  const classTable = embedding(layout, 'roadClass', ROAD_CLASSES.length, settings.classEmbedding);
  const block = (name: string, nodes: number, edges: number, graphs: number, residual: boolean) =>
    graphNetworkBlock(layout, name, { nodes, edges, graphs, widths: [hidden, hidden], norm: true, residual });
  const nodeWidth = shape.nodes.names.length + settings.segmentEmbedding + settings.classEmbedding;
  const graphWidth = shape.graphs.names.length + (supersegmentTable ? settings.supersegmentEmbedding : 0);
  const encoder = block('encoder', nodeWidth, shape.edges.names.length, graphWidth, false);
  const processor = block('processor', hidden, hidden, hidden, true);
  const decoder = block('decoder', hidden, hidden, hidden, true);
  const nodeHead = linear(layout, 'nodeHead', hidden, 3, { start: 'zeros' });
  const graphHead = linear(layout, 'graphHead', hidden, 2, { start: 'zeros' });

  const discriminator =
    settings.infomax > 0 ? layout.declare('discriminator', [hidden, hidden], 'glorot') : undefined;

  const predict = (trace: Trace, weights: Weights): Prediction => {
    const structure = graphInputs(trace);
    const segment = segmentTable && trace.input('segment', ['nodes'], 'i32');
    const supersegment = supersegmentTable && trace.input('supersegment', ['graphs'], 'i32');
    const roadClass = trace.input('roadClass', ['nodes'], 'i32');
    const expectedS = trace.input('expectedS', ['nodes', 1]);
    const tripConstantS = trace.input('tripConstantS', ['graphs', 1]);
    const onRoute = trace.input('onRoute', ['nodes', 1]);

    const start: GraphState = {
      nodes: concat([
        normalised(trace, 'nodeFeatures', 'nodes', shape.nodes),
        ...(segmentTable && segment ? [segmentTable(weights, segment)] : []),
        classTable(weights, roadClass),
      ]),
      edges: normalised(trace, 'edgeFeatures', 'edges', shape.edges),
      graphs: concat([
        normalised(trace, 'graphFeatures', 'graphs', shape.graphs),
        ...(supersegmentTable && supersegment ? [supersegmentTable(weights, supersegment)] : []),
      ]),
    };
    const process = (given: GraphState): GraphState => {
      let state = encoder(weights, structure, given);
      for (let step = 0; step < settings.processorSteps; step++) state = processor(weights, structure, state);
      return state;
    };
    const processed = process(start);
    const state = decoder(weights, structure, processed);

    const nodeOut = nodeHead(weights, state.nodes);
    const graphOut = graphHead(weights, state.graphs);
    const pathFactor = exp(mul(slice(graphOut, 0, 1), 0.3));
    const factor = exp(mul(slice(nodeOut, 0, 1), 0.5));
    const delayS = softplus(sub(slice(nodeOut, 1, 2), 3));
    const seconds = mul(add(mul(expectedS, factor), delayS), gather(pathFactor, structure.nodeGraph));
    const routeS = segmentSum(mul(seconds, onRoute), structure.nodeGraph, 'graphs');
    const total = add(routeS, mul(tripConstantS, pathFactor));
    return {
      seconds,
      nodeLogSigma: sub(slice(nodeOut, 2, 3), 1),
      total,
      logSigma: sub(slice(graphOut, 1, 2), 1.5),
      embeddings: processed.nodes,
      corrupted: (index) => process({ ...start, nodes: gather(start.nodes, index) }).nodes,
      structure,
    };
  };
  return { predict, discriminator };
}

/**
 * L1 + L2 on the path's time, scaled by `scaleS` (see `relativeExponent`); Huber and Gaussian NLL on the seconds of the nodes
 * whose `nodeKnown` is 1, as shares of what was expected; Gaussian NLL of the log of the path's time for the interval, with
 * the error held fixed so that it shapes the interval alone.
 */
function lossOf(
  trace: Trace,
  prediction: Prediction & { discriminator: Tensor | undefined },
  settings: EtaSettings,
): Record<string, Tensor> {
  const observedS = trace.input('observedS', ['graphs', 1]);
  const scaleS = trace.input('scaleS', ['graphs', 1]);
  const pathWeight = trace.input('pathWeight', ['graphs', 1]);
  const nodeObservedS = trace.input('nodeObservedS', ['nodes', 1]);
  const nodeScaleS = trace.input('nodeScaleS', ['nodes', 1]);
  const nodeKnown = trace.input('nodeKnown', ['nodes', 1]);

  const pathError = div(sub(prediction.total, observedS), scaleS);
  const nodeError = div(sub(prediction.seconds, nodeObservedS), nodeScaleS);
  const logError = sub(log(prediction.total), log(observedS));
  const { huberDelta, logHuberDelta } = settings;
  const builders: Record<LossPart, () => Tensor> = {
    traversalL1: () => weightedMean(l1(pathError), pathWeight),
    traversalL2: () => weightedMean(l2(pathError), pathWeight),
    traversalHuber: () => weightedMean(huber(pathError, huberDelta), pathWeight),
    traversalLogHuber: () => weightedMean(huber(logError, logHuberDelta), pathWeight),
    cumulativeHuber: () => {
      const known = trace.input('prefixKnown', ['prefixes', 1]);
      const cumulativeS = segmentSum(
        gather(prediction.seconds, trace.input('prefixNode', ['prefixNodes'], 'i32')),
        trace.input('prefixOf', ['prefixNodes'], 'i32'),
        'prefixes',
      );
      const error = sub(cumulativeS, trace.input('prefixObservedS', ['prefixes', 1]));
      const scale = trace.input('prefixScaleS', ['prefixes', 1]);
      return weightedMean(huber(div(error, scale), huberDelta), known);
    },
    nodeHuber: () => weightedMean(huber(nodeError, huberDelta), nodeKnown),
    nodeNll: () => weightedMean(gaussianNll(nodeError, prediction.nodeLogSigma), nodeKnown),
    intervalNll: () => weightedMean(gaussianNll(stopGradient(logError), prediction.logSigma), pathWeight),
    infomax: () => {
      const { embeddings: real, corrupted, structure, discriminator, total: graphs } = prediction;
      const shuffled = corrupted(trace.input('shuffledNode', ['nodes'], 'i32'));
      const { nodeGraph } = structure;
      return mean(infomax({ real, corrupted: shuffled, nodeGraph, graphs }, required(discriminator, 'W')));
    },
    autoEncoder: () => {
      const pair = (end: string) => trace.input(end, ['pairs'], 'i32');
      const edge = trace.input('pairEdge', ['pairs', 1]);
      const pairs = { first: pair('pairFirst'), second: pair('pairSecond'), edge };
      return mean(adjacencyCrossEntropy(prediction.embeddings, pairs));
    },
  };
  // A part of no weight is not computed at all, so that it costs nothing.
  const used = LOSS_PARTS.filter((part) => settings[part] > 0);
  const parts = Object.fromEntries(used.map((part) => [part, builders[part]()]));
  return combineLosses(parts, Object.fromEntries(used.map((part) => [part, settings[part]])));
}
