import type { OpenRecommender, Reasons } from '@etalon/core/app/model';
import type { Device } from '@etalon/core/device';
import { AttributionExplainer, weighMessages } from '@etalon/core/explain';
import { byRow, largest } from '../recommend/reasons.ts';
import type { LoadedClasses } from './classifier.ts';

/** Points of the path at which gradients are taken. */
const STEPS = 16;
const EDGE_FACTOR = 'edgeFactor';

/**
 * Shares the probability of a class by integrated gradients (Sundararajan et al. 2017), on the path from no message and no feature to all. Of a node:
 * its own features; its neighbours, each with its features and the messages between the two; nodes further away. Of a graph: what a feature says
 * in all of its nodes, and its edges.
 */
export async function classReasons(
  device: Device,
  { network, rows, feeds, parameters }: LoadedClasses,
): Promise<OpenRecommender['explain']> {
  const weighed = weighMessages(network.forward, { indices: ['receivers'] }, (trace) =>
    trace.input(EDGE_FACTOR, ['edges', 1]),
  );
  const explainer = await AttributionExplainer.compile(device, weighed, {
    output: 'probabilities',
    inputs: [EDGE_FACTOR, 'x'],
  });
  const { attributed, classes, rowOfNode } = rows;
  const { ids } = attributed.nodes;
  const { columns } = attributed;
  return async (row, label, context) => {
    const asked = Int32Array.of(row);
    const feed = feeds.of(asked);
    const at = rowOfNode ? 0 : row;
    const weights = new Float32Array((rowOfNode ? 1 : ids.length) * classes.length);
    weights[at * classes.length + label] = 1;
    const factors = new Float32Array(feed.receivers.length).fill(1);
    const { byInput, value, baselineValue } = await explainer.integratedGradients(
      { ...feed, parameters, [EDGE_FACTOR]: factors },
      weights,
      { baseline: 'zeros', steps: STEPS },
      context,
    );
    const edges = feeds.edgeEnds(asked);
    const ofEdges = byInput[EDGE_FACTOR].subarray(0, edges.length);
    const told = rowOfNode
      ? ofGraph(byInput.x, columns, edges, ofEdges, ids)
      : ofNode(row, byInput.x, columns, edges, ofEdges, ids);
    const sum = [...told.interactions, ...told.neighbours, ...told.features].reduce(
      (total, { share }) => total + share,
      0,
    );
    return { score: value, alone: baselineValue, ...told, rest: value - baselineValue - sum };
  };
}

type Told = Pick<Reasons, 'interactions' | 'neighbours' | 'features'>;
type Ends = readonly (readonly [from: number, to: number])[];

/** Neighbours are told as interactions, whoever is further away as neighbours. */
function ofNode(
  node: number,
  x: Float32Array,
  columns: readonly string[],
  edges: Ends,
  shares: Float32Array,
  ids: readonly string[],
): Told {
  const near = new Map<number, number>();
  for (const [from, to] of edges) if (to === node) near.set(from, 0);
  const far = new Map<number, number>();
  const give = (to: number, share: number) => {
    const list = near.has(to) ? near : far;
    list.set(to, (list.get(to) ?? 0) + share);
  };
  edges.forEach(([from, to], edge) => {
    if (shares[edge] !== 0) give(from === node ? to : from, shares[edge]);
  });
  const features: Reasons['features'][number][] = [];
  for (let i = 0; i < x.length; i++) {
    if (x[i] === 0) continue;
    const owner = Math.floor(i / columns.length);
    if (owner === node) features.push({ of: 'user', name: columns[i % columns.length], share: x[i] });
    else give(owner, x[i]);
  }
  return {
    interactions: byRow(near)
      .filter(([, share]) => share !== 0)
      .map(([row, share]) => ({ item: ids[row], share })),
    neighbours: byRow(far).map(([row, share]) => ({ user: ids[row], share })),
    features: largest(features),
  };
}

/** Both directions of an edge are told as one. */
function ofGraph(
  x: Float32Array,
  columns: readonly string[],
  edges: Ends,
  shares: Float32Array,
  ids: readonly string[],
): Told {
  const ofColumn = new Float64Array(columns.length);
  x.forEach((share, i) => {
    ofColumn[i % columns.length] += share;
  });
  const pairs = new Map<string, number>();
  edges.forEach(([from, to], edge) => {
    const name = from < to ? `${ids[from]} – ${ids[to]}` : `${ids[to]} – ${ids[from]}`;
    pairs.set(name, (pairs.get(name) ?? 0) + shares[edge]);
  });
  return {
    interactions: largest([...pairs].map(([item, share]) => ({ item, share }))),
    neighbours: [],
    features: largest(
      columns
        .map((name, k) => ({ of: 'user' as const, name, share: ofColumn[k] }))
        .filter(({ share }) => share !== 0),
    ),
  };
}
