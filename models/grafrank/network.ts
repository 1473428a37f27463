import {
  attentionFusion,
  type Block,
  bindParameters,
  dot,
  edgeAttention,
  ParameterLayout,
  pairwiseHinge,
  stack,
  type Weights,
} from '@etalon/core/gnn';
import { add, gather, mean, mul, relu, slice, type Tensor, Trace } from '@etalon/core/tensor';
import type { RecommenderNetwork } from '../recommend/system.ts';
import type { GrafrankSettings } from './settings.ts';

/** Widths of what the network is told. */
export interface GrafrankShape {
  /** Columns of each modality, side by side in the input `features`. */
  modalities: readonly { name: string; columns: readonly string[] }[];
  linkColumns: readonly string[];
}

/** Inputs of a snapshot. */
export interface SnapshotTensors {
  features: Tensor;
  structure: { senders: Tensor; receivers: Tensor };
  links: Tensor | undefined;
}

/** Makes states [users, width] of a snapshot. */
export type Encoder = (
  weights: Weights,
  snapshot: SnapshotTensors,
) => Record<string, Tensor> & { states: Tensor };

/**
 * GraFRank (Sankar et al. 2021, § 4): in each modality k messages of friends with the features of the link, weighed by attention, layer over
 * layer, each reading the one below; then z_k = relu(h^k), β_k = softmax_k w · tanh(W z_k), h = Σ_k β_k W z_k. Score: h_u · h_v.
 */
export function grafrankEncoder(
  layout: ParameterLayout,
  { modalities, linkColumns }: GrafrankShape,
  { layers, width, fusion }: GrafrankSettings,
): Encoder {
  const parts = fusion === 'none' ? [joined(modalities)] : modalities;
  const aggregate = parts.map(({ name, columns }) =>
    aggregator(layout, name, columns.length, linkColumns.length, layers, width),
  );
  const fuse = attentionFusion(layout, 'fusion', width, width);
  return (weights, { features, structure, links }) => {
    const ends = parts.map((_, k) =>
      parts.slice(0, k + 1).reduce((sum, { columns }) => sum + columns.length, 0),
    );
    const states = parts.map(({ columns }, k) => {
      const nodes = slice(features, ends[k] - columns.length, ends[k]);
      return relu(aggregate[k](weights, structure, { nodes, ...(links && { edges: links }) }).nodes);
    });
    const { fused, shares } = fuse(weights, fusion === 'mean' ? [averaged(states)] : states);
    return { states: fused, shares };
  };
}

/** h^k of one modality: layers of attention over friends and links. */
function aggregator(
  layout: ParameterLayout,
  name: string,
  inputs: number,
  edges: number,
  layers: number,
  width: number,
): Block {
  return stack(layout, name, {
    widths: [inputs, ...new Array<number>(layers).fill(width)],
    layer: (own, from, outputs, at) => {
      const block = edgeAttention(layout, own, { inputs: from, edges, outputs });
      if (at === layers - 1) return block;
      return (weights, structure, state, draws) => {
        const next = block(weights, structure, state, draws);
        return { ...next, nodes: relu(next.nodes) };
      };
    },
  });
}

function joined(modalities: GrafrankShape['modalities']): GrafrankShape['modalities'][number] {
  return { name: 'all', columns: modalities.flatMap(({ columns }) => columns) };
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
  margin: number,
  encoder: (layout: ParameterLayout) => Encoder,
): RecommenderNetwork {
  const layout = new ParameterLayout();
  const encode = encoder(layout);
  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const columns = shape.modalities.reduce((sum, modality) => sum + modality.columns.length, 0);
  const links = shape.linkColumns.length;
  const { states, ...others } = encode(weights, {
    features: trace.input('features', ['users', columns]),
    structure: {
      senders: trace.input('senders', ['edges'], 'i32'),
      receivers: trace.input('receivers', ['edges'], 'i32'),
    },
    links: links > 0 ? trace.input('links', ['edges', links]) : undefined,
  });
  const forward = trace.program({ users: states, items: states, ...others });
  const [user, positive, negative] = ['user', 'positive', 'negative'].map((name) =>
    gather(states, trace.input(name, ['triples'], 'i32')),
  );
  const loss = mean(pairwiseHinge(dot(user, positive), dot(user, negative), margin));
  return { layout, nodeRows: [], forward, loss: trace.program({ loss }) };
}
