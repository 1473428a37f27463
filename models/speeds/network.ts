import {
  bindParameters,
  combineLosses,
  embedding,
  gaussianNll,
  graphInputs,
  graphNetworkBlock,
  huber,
  l1,
  linear,
  ParameterLayout,
  type Weights,
  weightedMean,
} from '@etalon/core/gnn';
import {
  add,
  concat,
  mul,
  type Program,
  sigmoid,
  slice,
  splitGatherMatmul,
  stopGradient,
  sub,
  Trace,
} from '@etalon/core/tensor';
import { type Normalisation, normalised } from '../normalisation.ts';
import type { SpeedSettings } from './settings.ts';

/** Everything that fixes the programs of a run, and the layout of its weights. */
export interface SpeedShape {
  segments: number;
  nodes: Normalisation;
  edges: Normalisation;
  graphs: Normalisation;
  /** [H] share of the last deviation that is left after each horizon, as the training days have it. */
  persistence: number[];
  /** Standard deviation of speeds around their history, km/h: what the network's outputs and errors are measured in. */
  scaleKmh: number;
}

export interface SpeedNetwork {
  layout: ParameterLayout;
  /** Outputs `speed` and `logSigma`, [nodes, H]: km/h, and log standard deviation of their error in `scaleKmh`. */
  forward: Program;
  /** The same with labels; outputs the scalar `loss` and its parts. */
  loss: Program;
}

/** Persistence is kept off 0 and 1, where a logit has no gradient. */
const LEAST_SHARE = 0.02;

/**
 * Speeds ahead by an encode–process–decode graph network (Battaglia et al. 2018, algorithm 1): every node is a segment at a moment. With
 * h the history at the horizon, d the last deviation from it and a, b, u the heads,
 *
 *     v = h + σ(logit w + a) · d + scale · b        log σ = u − 1
 *
 * w is the persistence fitted to the training days: a network that has learned nothing lets the last value fade into the history.
 */
export function speedNetwork(shape: SpeedShape, settings: SpeedSettings): SpeedNetwork {
  const layout = new ParameterLayout();
  const predict = declareNetwork(layout, shape, settings);

  const forwardTrace = new Trace();
  const { deviation, logSigma } = predict(forwardTrace, bindParameters(forwardTrace, layout));
  const history = forwardTrace.input('history', ['nodes', shape.persistence.length]);
  const forward = splitGatherMatmul(forwardTrace.program({ speed: add(history, deviation), logSigma }));

  const trace = new Trace();
  const loss = splitGatherMatmul(
    trace.program(lossOf(trace, predict(trace, bindParameters(trace, layout)), shape, settings)),
  );
  return { layout, forward, loss };
}

type Prediction = ReturnType<ReturnType<typeof declareNetwork>>;

function declareNetwork(layout: ParameterLayout, shape: SpeedShape, settings: SpeedSettings) {
  const { hidden, segmentEmbedding: width } = settings;
  const horizons = shape.persistence.length;
  const table = width > 0 ? embedding(layout, 'segment', shape.segments, width, { decay: 1 }) : undefined;
  const block = (name: string, nodes: number, edges: number, graphs: number, residual: boolean) =>
    graphNetworkBlock(layout, name, { nodes, edges, graphs, widths: [hidden, hidden], norm: true, residual });
  const nodeWidth = shape.nodes.names.length + width;
  const encoder = block('encoder', nodeWidth, shape.edges.names.length, shape.graphs.names.length, false);
  const processor = block('processor', hidden, hidden, hidden, true);
  const decoder = block('decoder', hidden, hidden, hidden, true);
  // The inputs stand beside the states, so that the head holds a linear regression on them, too.
  const head = linear(layout, 'head', hidden + nodeWidth, 3 * horizons, { start: 'zeros' });

  return (trace: Trace, weights: Weights) => {
    const structure = graphInputs(trace);
    const features = normalised(trace, 'nodeFeatures', 'nodes', shape.nodes);
    const nodes = table
      ? concat([features, table(weights, trace.input('segment', ['nodes'], 'i32'))])
      : features;
    let state = encoder(weights, structure, {
      nodes,
      edges: normalised(trace, 'edgeFeatures', 'edges', shape.edges),
      graphs: normalised(trace, 'graphFeatures', 'graphs', shape.graphs),
    });
    for (let step = 0; step < settings.processorSteps; step++) state = processor(weights, structure, state);
    state = decoder(weights, structure, state);
    const out = head(weights, concat([state.nodes, nodes]));
    const logits = trace.constant(shape.persistence.map(logit), [1, horizons]);
    const share = sigmoid(add(slice(out, 0, horizons), logits));
    const last = trace.input('lastDeviation', ['nodes', 1]);
    return {
      /** [nodes, H] km/h around the history. */
      deviation: add(mul(share, last), mul(slice(out, horizons, 2 * horizons), shape.scaleKmh)),
      logSigma: sub(slice(out, 2 * horizons, 3 * horizons), 1),
    };
  };
}

/** Weighted means over the observations that are known, of errors in `scaleKmh`. The interval's part shapes the interval alone. */
function lossOf(
  trace: Trace,
  { deviation, logSigma }: Prediction,
  { persistence, scaleKmh }: SpeedShape,
  settings: SpeedSettings,
) {
  const labels = ['nodes', persistence.length];
  const observed = trace.input('observedDeviation', labels);
  const known = trace.input('known', labels);
  const error = mul(sub(deviation, observed), 1 / scaleKmh);
  const builders = {
    l1: () => weightedMean(l1(error), known),
    huber: () => weightedMean(huber(error, settings.huberDelta), known),
    intervalNll: () => weightedMean(gaussianNll(stopGradient(error), logSigma), known),
  };
  // A part of no weight is not computed at all.
  const used = (Object.keys(builders) as (keyof typeof builders)[]).filter((part) => settings[part] > 0);
  const parts = Object.fromEntries(used.map((part) => [part, builders[part]()]));
  return combineLosses(parts, Object.fromEntries(used.map((part) => [part, settings[part]])));
}

function logit(share: number): number {
  const kept = Math.min(1 - LEAST_SHARE, Math.max(LEAST_SHARE, share));
  return Math.log(kept / (1 - kept));
}
