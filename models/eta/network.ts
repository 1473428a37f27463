import {
  bindParameters,
  combineLosses,
  embedding,
  gaussianNll,
  graphInputs,
  graphNetworkBlock,
  huber,
  l1,
  l2,
  linear,
  ParameterLayout,
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
import type { EtaSettings } from './settings.ts';

/** How raw inputs are scaled: (x − mean) / deviation, column by column. */
export interface Normalisation {
  names: string[];
  mean: number[];
  deviation: number[];
}

/** Everything that fixes the programs of a run, and the layout of its weights. */
export interface EtaShape {
  segments: number;
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
export const LOSS_PARTS = ['traversalL1', 'traversalL2', 'nodeHuber', 'nodeNll', 'intervalNll'] as const;

interface Prediction {
  /** [nodes, 1] seconds of each traversal. */
  seconds: Tensor;
  /** [nodes, 1] log standard deviation of a traversal's error, as a share of its expected seconds. */
  nodeLogSigma: Tensor;
  /** [graphs, 1] seconds of the whole path. */
  total: Tensor;
  /** [graphs, 1] log standard deviation of log total. */
  logSigma: Tensor;
}

/**
 * The travel-time network (Derrow-Pinion et al. 2021, §3): graph-network blocks as encoder, processor (the same
 * weights `processorSteps` times) and decoder over a path of segments. Its outputs are corrections of what the
 * multiplicative segment model expects (the inputs `expectedS` and `tripConstantS`): a network that has learned nothing
 * says what that model says.
 */
export function etaNetwork(shape: EtaShape, settings: EtaSettings): EtaNetwork {
  const layout = new ParameterLayout();
  const predict = declareNetwork(layout, shape, settings);

  const forwardTrace = new Trace();
  const { seconds, total, logSigma } = predict(forwardTrace, bindParameters(forwardTrace, layout));
  const forward = splitGatherMatmul(forwardTrace.program({ seconds, total, logSigma }));

  const lossTrace = new Trace();
  const prediction = predict(lossTrace, bindParameters(lossTrace, layout));
  const loss = splitGatherMatmul(lossTrace.program(lossOf(lossTrace, prediction, settings)));
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
  const classTable = embedding(layout, 'roadClass', ROAD_CLASSES.length, settings.classEmbedding);
  const block = (name: string, nodes: number, edges: number, graphs: number, residual: boolean) =>
    graphNetworkBlock(layout, name, { nodes, edges, graphs, widths: [hidden, hidden], norm: true, residual });
  const nodeWidth = shape.nodes.names.length + settings.segmentEmbedding + settings.classEmbedding;
  const encoder = block('encoder', nodeWidth, shape.edges.names.length, shape.graphs.names.length, false);
  const processor = block('processor', hidden, hidden, hidden, true);
  const decoder = block('decoder', hidden, hidden, hidden, true);
  const nodeHead = linear(layout, 'nodeHead', hidden, 3, { start: 'zeros' });
  const graphHead = linear(layout, 'graphHead', hidden, 2, { start: 'zeros' });

  return (trace: Trace, weights: Weights): Prediction => {
    const structure = graphInputs(trace);
    const segment = segmentTable && trace.input('segment', ['nodes'], 'i32');
    const roadClass = trace.input('roadClass', ['nodes'], 'i32');
    const expectedS = trace.input('expectedS', ['nodes', 1]);
    const tripConstantS = trace.input('tripConstantS', ['graphs', 1]);

    let state = {
      nodes: concat([
        normalised(trace, 'nodeFeatures', 'nodes', shape.nodes),
        ...(segmentTable && segment ? [segmentTable(weights, segment)] : []),
        classTable(weights, roadClass),
      ]),
      edges: normalised(trace, 'edgeFeatures', 'edges', shape.edges),
      graphs: normalised(trace, 'graphFeatures', 'graphs', shape.graphs),
    };
    state = encoder(weights, structure, state);
    for (let step = 0; step < settings.processorSteps; step++) state = processor(weights, structure, state);
    state = decoder(weights, structure, state);

    const nodeOut = nodeHead(weights, state.nodes);
    const graphOut = graphHead(weights, state.graphs);
    const pathFactor = exp(mul(slice(graphOut, 0, 1), 0.3));
    const factor = exp(mul(slice(nodeOut, 0, 1), 0.5));
    const delayS = softplus(sub(slice(nodeOut, 1, 2), 3));
    const seconds = mul(add(mul(expectedS, factor), delayS), gather(pathFactor, structure.nodeGraph));
    const total = add(segmentSum(seconds, structure.nodeGraph, 'graphs'), mul(tripConstantS, pathFactor));
    return {
      seconds,
      nodeLogSigma: sub(slice(nodeOut, 2, 3), 1),
      total,
      logSigma: sub(slice(graphOut, 1, 2), 1.5),
    };
  };
}

function normalised(
  trace: Trace,
  name: string,
  rows: string,
  { names, mean, deviation }: Normalisation,
): Tensor {
  const width = names.length;
  const raw = trace.input(name, [rows, width]);
  const scale = trace.constant(
    deviation.map((value) => 1 / value),
    [1, width],
  );
  return mul(sub(raw, trace.constant(mean, [1, width])), scale);
}

/**
 * L1 + L2 on the path's time, scaled by `scaleS` (see `relativeExponent`); Huber and Gaussian NLL on the seconds of the nodes
 * whose `nodeKnown` is 1, as shares of what was expected; Gaussian NLL of the log of the path's time for the interval, with
 * the error held fixed so that it shapes the interval alone.
 */
function lossOf(trace: Trace, prediction: Prediction, settings: EtaSettings): Record<string, Tensor> {
  const observedS = trace.input('observedS', ['graphs', 1]);
  const scaleS = trace.input('scaleS', ['graphs', 1]);
  const pathWeight = trace.input('pathWeight', ['graphs', 1]);
  const nodeObservedS = trace.input('nodeObservedS', ['nodes', 1]);
  const nodeScaleS = trace.input('nodeScaleS', ['nodes', 1]);
  const nodeKnown = trace.input('nodeKnown', ['nodes', 1]);

  const pathError = div(sub(prediction.total, observedS), scaleS);
  const nodeError = div(sub(prediction.seconds, nodeObservedS), nodeScaleS);
  const logError = stopGradient(sub(log(prediction.total), log(observedS)));
  const parts: Record<(typeof LOSS_PARTS)[number], Tensor> = {
    traversalL1: weightedMean(l1(pathError), pathWeight),
    traversalL2: weightedMean(l2(pathError), pathWeight),
    nodeHuber: weightedMean(huber(nodeError, settings.huberDelta), nodeKnown),
    nodeNll: weightedMean(gaussianNll(nodeError, prediction.nodeLogSigma), nodeKnown),
    intervalNll: weightedMean(gaussianNll(logError, prediction.logSigma), pathWeight),
  };
  return combineLosses(parts, settings);
}
