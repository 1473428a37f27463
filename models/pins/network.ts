import {
  bindParameters,
  combineLosses,
  dot,
  type LocalizedConvolution,
  linear,
  localizedConvolution,
  maxMargin,
  ParameterLayout,
  pairwiseHinge,
  type Weights,
  weightedMean,
} from '@etalon/core/gnn';
import { gather, matmul, mean, mul, relu, segmentSum, type Tensor, Trace } from '@etalon/core/tensor';
import { flowInputs, type MapJoinLayer } from '@etalon/core/train';
import type { RecommenderNetwork } from '../recommend/system.ts';
import type { PinsSettings } from './settings.ts';

export interface PinNetwork extends RecommenderNetwork {
  /** The same network for all pins, layer by layer. */
  layers: readonly Omit<MapJoinLayer, 'feed'>[];
}

/**
 * PinSage (Ying et al. 2018, algorithms 1 and 2): K localized convolutions with importance pooling on the features of pins, then
 * z = G₂ relu(G₁ h + g). Trained by the max-margin loss (eq. 1) of pairs of pins that were saved one after the other, against negatives
 * that a batch shares, and hard ones of each pair. Score: z_q · z_i.
 */
export function pinNetwork(features: number, settings: PinsSettings): PinNetwork {
  const { layers: K, messageWidth, width, margin, hardWeight } = settings;
  const layout = new ParameterLayout();
  const convolutions = Array.from({ length: K }, (_, k) =>
    localizedConvolution(layout, `convolution${k}`, {
      inputs: k === 0 ? features : width,
      messages: messageWidth,
      outputs: width,
    }),
  );
  const G1 = linear(layout, 'G1', width, width);
  const G2 = layout.declare('G2', [width, width], 'glorot');
  const finish = (weights: Weights, h: Tensor) => matmul(relu(G1(weights, h)), weights(G2));

  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const blocks = flowInputs(trace, K);
  let h = trace.input('x', [blocks[0].sources, features]);
  convolutions.forEach(({ block }, k) => {
    const shares = trace.input(`share${k}`, [`edges${k}`, 1]);
    const targets = gather(h, blocks[k].self);
    h = block(weights, blocks[k], { nodes: h, targets, edges: shares }).nodes;
  });
  const z = finish(weights, h);
  const forward = trace.program({ states: z });

  const rows = (name: string, count: string) => gather(z, trace.input(name, [count], 'i32'));
  const [query, positive, negative] = [
    rows('query', 'pairs'),
    rows('positive', 'pairs'),
    rows('negative', 'negatives'),
  ];
  const score = dot(query, positive);
  const shared = mean(maxMargin(score, matmul(query, negative, { transposeB: true }), margin));
  const pair = trace.input('hardPair', ['hards'], 'i32');
  const hardScore = dot(gather(query, pair), rows('hard', 'hards'));
  const hard = weightedMean(
    pairwiseHinge(gather(score, pair), hardScore, margin),
    trace.input('hardWeight', ['hards', 1]),
  );
  return {
    layout,
    nodeRows: [],
    forward,
    loss: trace.program(combineLosses({ shared, hard }, { shared: 1, hard: hardWeight })),
    layers: convolutions.map((convolution, k) => ({
      ...mapAndJoin(layout, convolution, {
        inputs: k === 0 ? features : width,
        messageWidth,
        finish: k + 1 < K ? undefined : finish,
      }),
      messageWidth,
      width,
    })),
  };
}

function mapAndJoin(
  layout: ParameterLayout,
  { send, update }: LocalizedConvolution,
  {
    inputs,
    messageWidth,
    finish,
  }: {
    inputs: number;
    messageWidth: number;
    finish: ((weights: Weights, h: Tensor) => Tensor) | undefined;
  },
): Pick<MapJoinLayer, 'map' | 'join'> {
  const mapping = new Trace();
  const message = send(bindParameters(mapping, layout), mapping.input('x', ['nodes', inputs]));

  const joining = new Trace();
  const [block] = flowInputs(joining, 1);
  const weights = bindParameters(joining, layout);
  const sent = gather(joining.input('message', [block.sources, messageWidth]), block.senders);
  const pooled = segmentSum(mul(sent, joining.input('share', ['edges0', 1])), block.receivers, block.targets);
  const h = update(weights, joining.input('x', [block.targets, inputs]), pooled);
  return {
    map: mapping.program({ message }),
    join: joining.program({ x: finish?.(weights, h) ?? h }),
  };
}
