import {
  attentionFusion,
  type Block,
  bindParameters,
  Draws,
  dot,
  edgeAttention,
  linear,
  ParameterLayout,
  pairwiseHinge,
  stack,
  type Weights,
} from '@etalon/core/gnn';
import { add, concat, exp, gather, mean, mul, relu, slice, type Tensor, Trace } from '@etalon/core/tensor';
import type { RecommenderNetwork } from '../recommend/system.ts';
import type { GrafrankSettings } from './settings.ts';

/** The one modality of all features, where there is no fusion. */
const JOINED = 'all';

/** Widths of what the network is told. */
export interface GrafrankShape {
  /** Columns of each modality, side by side in the input `features`. */
  modalities: readonly { name: string; columns: readonly string[] }[];
  linkColumns: readonly string[];
  /** Numbers of a user's position in the network; 0: none. */
  positionWidth: number;
}

/** Inputs of a snapshot. */
export interface SnapshotTensors {
  features: Tensor;
  structure: { senders: Tensor; receivers: Tensor };
  links: Tensor | undefined;
  /** [users, position width] */
  positions: Tensor | undefined;
}

/** Makes states [users, width] of a snapshot. */
export type Encoder = (
  weights: Weights,
  snapshot: SnapshotTensors,
  draws?: Draws,
) => Record<string, Tensor> & { states: Tensor };

/**
 * GraFRank (Sankar et al. 2021, § 4): in each modality k messages of friends with the features of the link, weighed by attention, layer over
 * layer, each reading the one below; then z_k = relu(h^k), β_k = softmax_k w · tanh(W z_k), h = Σ_k β_k W z_k. Score: h_u · h_v.
 */
export function grafrankEncoder(
  layout: ParameterLayout,
  { modalities, linkColumns, positionWidth }: GrafrankShape,
  { layers, width, embedding, dropout, fusion, score }: GrafrankSettings,
): Encoder {
  const parts = fusion === 'none' ? [joined(modalities)] : modalities;
  const hidden = new Array<number>(layers - 1).fill(width);
  const aggregate = parts.map(({ name, columns }) => {
    const inputs = columns.length + (carriesPositions(name) ? positionWidth : 0);
    return aggregator(layout, name, linkColumns.length, [inputs, ...hidden, embedding], dropout);
  });
  const fuse = attentionFusion(layout, 'fusion', embedding, embedding);
  const readiness =
    score === 'nearness' && positionWidth > 0
      ? linear(layout, 'readiness', embedding, 1, { start: 'zeros' })
      : undefined;
  return (weights, { features, structure, links, positions }, draws) => {
    const ends = parts.map((_, k) =>
      parts.slice(0, k + 1).reduce((sum, { columns }) => sum + columns.length, 0),
    );
    const states = parts.map(({ name, columns }, k) => {
      const own = slice(features, ends[k] - columns.length, ends[k]);
      const nodes = positions && carriesPositions(name) ? concat([own, positions]) : own;
      const state = { nodes, ...(links && { edges: links }) };
      return relu(aggregate[k](weights, structure, state, draws).nodes);
    });
    const { fused, shares } = fuse(weights, fusion === 'mean' ? [averaged(states)] : states);
    const near = readiness && positions && mul(positions, exp(readiness(weights, fused)));
    return { states: near ?? fused, shares };
  };
}

/** h^k of one modality: layers of attention over friends and links, each on what the layer below gave. */
function aggregator(
  layout: ParameterLayout,
  name: string,
  edges: number,
  widths: readonly number[],
  dropout: number,
): Block {
  const layer = (own: string, inputs: number, outputs: number) =>
    edgeAttention(layout, own, { inputs, edges, outputs });
  return stack(layout, name, { widths, dropout, layer });
}

/** Where somebody is among friends goes with friending. */
function carriesPositions(name: string): boolean {
  return name === 'friending' || name === JOINED;
}

function joined(modalities: GrafrankShape['modalities']): GrafrankShape['modalities'][number] {
  return { name: JOINED, columns: modalities.flatMap(({ columns }) => columns) };
}

function averaged(states: readonly Tensor[]): Tensor {
  return mul(
    states.reduce((total, state) => add(total, state)),
    1 / states.length,
  );
}

/**
 * The programs of any encoder. Loss: the temporal pairwise margin loss, max(0, h_u · h_n − h_u · h_v + Δ) of who asks, a new friend v and
 * somebody else n, states being those of the snapshot before the friendship.
 */
export function rankingNetwork(
  shape: GrafrankShape,
  { margin, dropout }: Pick<GrafrankSettings, 'margin' | 'dropout'>,
  encoder: (layout: ParameterLayout) => Encoder,
): RecommenderNetwork {
  const layout = new ParameterLayout();
  const encode = encoder(layout);
  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const columns = shape.modalities.reduce((sum, modality) => sum + modality.columns.length, 0);
  const links = shape.linkColumns.length;
  const snapshot: SnapshotTensors = {
    features: trace.input('features', ['users', columns]),
    structure: {
      senders: trace.input('senders', ['edges'], 'i32'),
      receivers: trace.input('receivers', ['edges'], 'i32'),
    },
    links: links > 0 ? trace.input('links', ['edges', links]) : undefined,
    positions: shape.positionWidth > 0 ? trace.input('positions', ['users', shape.positionWidth]) : undefined,
  };
  const { states, ...others } = encode(weights, snapshot);
  const forward = trace.program({ users: states, items: states, ...others });
  const learning = dropout > 0 ? encode(weights, snapshot, new Draws(trace)).states : states;
  const [user, positive, negative] = ['user', 'positive', 'negative'].map((name) =>
    gather(learning, trace.input(name, ['triples'], 'i32')),
  );
  const loss = mean(pairwiseHinge(dot(user, positive), dot(user, negative), margin));
  return { layout, nodeRows: [], forward, loss: trace.program({ loss }) };
}
