import {
  edgeSage,
  gat,
  gcn,
  identity,
  type ParameterLayout,
  sage,
  segmentCounts,
  stack,
} from '@etalon/core/gnn';
import { add, concat, reciprocal, relu, sqrt } from '@etalon/core/tensor';
import type { Encoder, GrafrankShape } from '../network.ts';
import type { GrafrankSettings } from '../settings.ts';

export const GRAPH_BASELINES = ['gcn', 'gat', 'sage', 'edgeSage'] as const;
export type GraphBaseline = (typeof GRAPH_BASELINES)[number];

const HEADS = 4;

/** Other graph networks on all features side by side, trained and asked as GraFRank is; Edge-GraphSAGE alone is told of the links. */
export function graphEncoder(
  kind: GraphBaseline,
  layout: ParameterLayout,
  { modalities, linkColumns, positionWidth }: GrafrankShape,
  { layers, width, embedding, dropout }: GrafrankSettings,
): Encoder {
  const columns = modalities.reduce((sum, modality) => sum + modality.columns.length, positionWidth);
  const block = stack(layout, kind, {
    widths: [columns, ...new Array<number>(layers - 1).fill(width), embedding],
    dropout,
    layer: (name, inputs, outputs, at) => {
      const activation = at === layers - 1 ? identity : relu;
      switch (kind) {
        case 'gcn':
          return gcn(layout, name, { inputs, outputs, activation });
        case 'gat':
          return gat(layout, name, { inputs, width: outputs / HEADS, heads: HEADS, activation });
        case 'sage':
          return sage(layout, name, { inputs, outputs, activation });
        case 'edgeSage':
          return edgeSage(layout, name, { inputs, edges: linkColumns.length, outputs, activation });
      }
    },
  });
  return (weights, { features, structure, links, positions }, draws) => {
    const state = {
      nodes: positions ? concat([features, positions]) : features,
      ...(kind === 'edgeSage' && links && { edges: links }),
    };
    const friends = segmentCounts(structure.receivers, features.shape[0]);
    const nodeScale = reciprocal(sqrt(add(friends, 1)));
    return {
      states: block(weights, kind === 'gcn' ? { ...structure, nodeScale } : structure, state, draws).nodes,
    };
  };
}
