import {
  bindParameters,
  embedding,
  type GraphState,
  type GraphTensors,
  graphInputs,
  graphNetworkBlock,
  linear,
  ParameterLayout,
  type Weights,
} from '@etalon/core/gnn';
import { ROAD_CLASSES } from '@etalon/core/roads';
import {
  add,
  concat,
  exp,
  gather,
  log,
  mul,
  type Program,
  reshape,
  segmentSum,
  slice,
  softplus,
  splitGatherMatmul,
  sub,
  type Tensor,
  Trace,
  view,
} from '@etalon/core/tensor';
import { type Normalisation, normalised } from '../normalisation.ts';
import { GAUSSIAN_80 } from './calibration.ts';
import { lossParts, summedLosses } from './losses.ts';
import type { EtaSettings } from './settings.ts';

/** Everything that fixes the programs of a run, and the layout of its weights. */
export interface EtaShape {
  segments: number;
  /** Supersegments known by number; 0 without embeddings of them. */
  supersegments: number;
  /** Networks for starts at different times after the departure; 1 where absent. */
  horizons?: number;
  nodes: Normalisation;
  edges: Normalisation;
  graphs: Normalisation;
}

export interface EtaNetwork {
  layout: ParameterLayout;
  /**
   * Inputs: features, structure and anchors, with several horizons `horizon` [1]; outputs `seconds` [nodes, 1], `total`, `logSigma` [graphs, 1], and with quantile heads
   * `logLow`, `logHigh` [graphs, 1].
   */
  forward: Program;
  /** The same with labels; outputs the scalar `loss` and its parts. */
  loss: Program;
}

/** What one member says of the paths, with what the auxiliary losses look at. */
export interface Prediction {
  /** [nodes, 1] seconds of each traversal. */
  seconds: Tensor;
  /** [nodes, 1] log standard deviation of a traversal's error, as a share of its expected seconds. */
  nodeLogSigma: Tensor;
  /** [graphs, 1] seconds of the whole path. */
  total: Tensor;
  /** [graphs, 1] log standard deviation of log total; with quantile heads, of the Gaussian whose interval is as wide as theirs. */
  logSigma: Tensor;
  /** [graphs, 1] quantile heads: log of the 10 % and the 90 % quantile over total. */
  logLow?: Tensor;
  logHigh?: Tensor;
  /** [nodes, hidden] states of the nodes after the processor. */
  embeddings: Tensor;
  /** The same where each node is told the features of another: `index` says of which. */
  corrupted(index: Tensor): Tensor;
  structure: GraphTensors;
  /** [hidden, hidden] weights by which the states are told from corrupted ones, where they are learned. */
  discriminator: Tensor | undefined;
}

/**
 * The travel-time network (Derrow-Pinion et al. 2021, §3): graph-network blocks as encoder, processor (the same
 * weights `processorSteps` times) and decoder over a path of segments. Its outputs are corrections of what the
 * multiplicative segment model expects (the inputs `expectedS` and `tripConstantS`): a network that has learned nothing
 * says what that model says.
 */
export function etaNetwork(shape: EtaShape, settings: EtaSettings): EtaNetwork {
  const layout = new ParameterLayout();
  // One after the other, so that the first starts as it would alone.
  const declareMembers = (prefix: string) =>
    Array.from({ length: settings.members }, (_, i) =>
      declareMember(layout, i === 0 ? prefix : `${prefix}member${i + 1}.`, shape, settings),
    );
  const members = declareMembers('');
  const { horizons = 1 } = shape;
  for (let horizon = 1; horizon < horizons; horizon++) declareMembers(`horizon${horizon + 1}.`);

  const forwardTrace = new Trace();
  const forwardWeights = weightsAtHorizon(forwardTrace, layout, horizons);
  const forwardInputs = networkInputs(forwardTrace, shape, settings);
  const predictions = members.map((member) => member.predict(forwardWeights, forwardInputs));
  const outputs = FORWARD_OUTPUTS.flatMap((name) => {
    const values = predictions.flatMap(({ [name]: value }) => value ?? []);
    return values.length > 0 ? [[name, meanOf(values)]] : [];
  });
  const forward = splitGatherMatmul(forwardTrace.program(Object.fromEntries(outputs)));

  const lossTrace = new Trace();
  const weights = weightsAtHorizon(lossTrace, layout, horizons);
  const inputs = networkInputs(lossTrace, shape, settings);
  const losses = members.map((member) => lossParts(lossTrace, member.predict(weights, inputs), settings));
  const loss = splitGatherMatmul(lossTrace.program(summedLosses(losses, settings)));
  return { layout, forward, loss };
}

/** The parameters of the networks that the input `horizon` [1] names, as if they were those of the first horizon. */
function weightsAtHorizon(trace: Trace, layout: ParameterLayout, horizons: number): Weights {
  if (horizons === 1) return bindParameters(trace, layout);
  const size = layout.size / horizons;
  const all = reshape(trace.input('parameters', [layout.size]), [horizons, size]);
  const chosen = reshape(gather(all, trace.input('horizon', [1], 'i32')), [size]);
  return ({ offset, shape }) => view(chosen, offset, shape);
}

const FORWARD_OUTPUTS = ['seconds', 'total', 'logSigma', 'logLow', 'logHigh'] as const;

const meanOf = (values: readonly Tensor[]): Tensor =>
  values.length === 1 ? values[0] : mul(values.reduce(add), 1 / values.length);

type NetworkInputs = ReturnType<typeof networkInputs>;

/** What all members are told. */
function networkInputs(trace: Trace, shape: EtaShape, settings: EtaSettings) {
  return {
    structure: graphInputs(trace),
    ...(settings.segmentEmbedding > 0 && { segment: trace.input('segment', ['nodes'], 'i32') }),
    ...(shape.supersegments > 0 && { supersegment: trace.input('supersegment', ['graphs'], 'i32') }),
    roadClass: trace.input('roadClass', ['nodes'], 'i32'),
    expectedS: trace.input('expectedS', ['nodes', 1]),
    tripConstantS: trace.input('tripConstantS', ['graphs', 1]),
    onRoute: trace.input('onRoute', ['nodes', 1]),
    nodes: normalised(trace, 'nodeFeatures', 'nodes', shape.nodes),
    edges: normalised(trace, 'edgeFeatures', 'edges', shape.edges),
    graphs: normalised(trace, 'graphFeatures', 'graphs', shape.graphs),
  };
}

/** One network, with parameters of its own: their names begin with `prefix`. */
function declareMember(layout: ParameterLayout, prefix: string, shape: EtaShape, settings: EtaSettings) {
  const { hidden } = settings;
  const segmentTable =
    settings.segmentEmbedding > 0
      ? embedding(layout, `${prefix}segment`, shape.segments, settings.segmentEmbedding, {
          decay: settings.segmentEmbeddingDecay,
        })
      : undefined;
  const supersegmentTable =
    shape.supersegments > 0
      ? embedding(layout, `${prefix}supersegment`, shape.supersegments + 1, settings.supersegmentEmbedding, {
          decay: settings.segmentEmbeddingDecay,
        })
      : undefined;
  const classTable = embedding(layout, `${prefix}roadClass`, ROAD_CLASSES.length, settings.classEmbedding);
  const block = (name: string, nodes: number, edges: number, graphs: number, residual: boolean) =>
    graphNetworkBlock(layout, prefix + name, {
      nodes,
      edges,
      graphs,
      widths: [hidden, hidden],
      norm: true,
      residual,
    });
  const nodeWidth = shape.nodes.names.length + settings.segmentEmbedding + settings.classEmbedding;
  const graphWidth = shape.graphs.names.length + (supersegmentTable ? settings.supersegmentEmbedding : 0);
  const encoder = block('encoder', nodeWidth, shape.edges.names.length, graphWidth, false);
  const processor = block('processor', hidden, hidden, hidden, true);
  const decoder = block('decoder', hidden, hidden, hidden, true);
  const nodeHead = linear(layout, `${prefix}nodeHead`, hidden, 3, { start: 'zeros' });
  const graphHead = linear(layout, `${prefix}graphHead`, hidden, settings.interval === 'quantile' ? 3 : 2, {
    start: 'zeros',
  });

  const discriminator =
    settings.infomax > 0 ? layout.declare(`${prefix}discriminator`, [hidden, hidden], 'glorot') : undefined;

  const predict = (weights: Weights, inputs: NetworkInputs): Prediction => {
    const { structure, expectedS } = inputs;
    const start: GraphState = {
      nodes: concat([
        inputs.nodes,
        ...(segmentTable ? [segmentTable(weights, inputs.segment!)] : []),
        classTable(weights, inputs.roadClass),
      ]),
      edges: inputs.edges,
      graphs: concat([
        inputs.graphs,
        ...(supersegmentTable ? [supersegmentTable(weights, inputs.supersegment!)] : []),
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
    const routeS = segmentSum(mul(seconds, inputs.onRoute), structure.nodeGraph, 'graphs');
    const total = add(routeS, mul(inputs.tripConstantS, pathFactor));
    return {
      seconds,
      nodeLogSigma: sub(slice(nodeOut, 2, 3), 1),
      total,
      ...interval(graphOut, settings),
      embeddings: processed.nodes,
      corrupted: (index) => process({ ...start, nodes: gather(start.nodes, index) }).nodes,
      structure,
      discriminator: discriminator && weights(discriminator),
    };
  };
  return { predict };
}

/** The start is the same for both: a Gaussian of σ = e^(−1.5). */
function interval(
  graphOut: Tensor,
  settings: EtaSettings,
): Pick<Prediction, 'logSigma' | 'logLow' | 'logHigh'> {
  const first = sub(slice(graphOut, 1, 2), 1.5);
  if (settings.interval === 'gaussian') return { logSigma: first };
  const [below, above] = [exp(first), exp(sub(slice(graphOut, 2, 3), 1.5))];
  return {
    logSigma: log(mul(add(below, above), 0.5)),
    logLow: mul(below, -GAUSSIAN_80),
    logHigh: mul(above, GAUSSIAN_80),
  };
}
