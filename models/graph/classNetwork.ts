import {
  aggregate,
  bindParameters,
  categoricalCrossEntropy,
  combineLosses,
  Draws,
  linear,
  ParameterLayout,
  softmax,
  weightedMean,
} from '@etalon/core/gnn';
import { concat, type Program, relu, type Tensor, Trace } from '@etalon/core/tensor';
import type { NodeRows } from '../recommend/system.ts';
import { type EncoderShape, infomaxLoss, nodeEncoder } from './encoder.ts';
import type { GraphSettings } from './settings.ts';

export interface ClassNetwork {
  readonly layout: ParameterLayout;
  readonly nodeRows: readonly NodeRows[];
  /** Outputs `probabilities` [rows, classes] and `states` [rows, d]. */
  readonly forward: Program;
  /** Ends in the scalar `loss`. */
  readonly loss: Program;
}

/**
 * Nodes: softmax(W h_v + b) of their states after all layers, the mean cross-entropy over those whose class is known to training (Kipf & Welling
 * 2017, eqs. 9–10). Graphs: the same of the read-out of their nodes, a sum, mean or largest value (Xu et al. 2019, eq. 4.2, of the
 * last layer), beside log(1 + nodes).
 */
export function classNetwork(
  shape: EncoderShape & { classes: number },
  settings: GraphSettings,
): ClassNetwork {
  const layout = new ParameterLayout();
  const encoder = nodeEncoder(layout, shape, settings, relu);
  const isOfGraphs = settings.task === 'graphs';
  const head = linear(layout, 'head', settings.width + (isOfGraphs ? 1 : 0), shape.classes);
  const contrast = settings.infomax > 0 && !isOfGraphs ? infomaxLoss(layout, encoder) : undefined;

  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const inputs = encoder.inputs(trace, weights);
  const graphs = isOfGraphs && {
    size: trace.input('graphSize', ['graphs', 1]),
    nodeGraph: trace.input('nodeGraph', ['nodes'], 'i32'),
  };
  const readout = (nodes: Tensor): Tensor =>
    graphs ? concat([aggregate(settings.readout, nodes, graphs.nodeGraph, 'graphs'), graphs.size]) : nodes;
  const states = readout(encoder.states(weights, inputs));
  const forward = trace.program({ probabilities: softmax(head(weights, states)), states });

  const draws = new Draws(trace);
  const nodes = encoder.states(weights, inputs, draws);
  const logits = head(weights, readout(nodes));
  const rows = isOfGraphs ? 'graphs' : encoder.rows;
  const cost = categoricalCrossEntropy(logits, trace.input('label', [rows], 'i32'));
  const parts: Record<string, Tensor> = {
    classes: weightedMean(cost, trace.input('learned', [rows, 1])),
    ...(contrast && { infomax: contrast(trace, weights, inputs, nodes, draws) }),
  };
  const loss = trace.program(combineLosses(parts, { classes: 1, infomax: settings.infomax }));
  return { layout, nodeRows: encoder.nodeRows, forward, loss };
}
