import {
  type BagTensors,
  bindParameters,
  combineLosses,
  dot,
  embeddingBag,
  hardestNegatives,
  heterogeneousBlock,
  inBatchSoftmax,
  isEqual,
  type Layer,
  l2Normalise,
  linear,
  ParameterLayout,
  pairwiseHinge,
  relationInputs,
  type Weights,
  weightedMean,
} from '@etalon/core/gnn';
import {
  add,
  concat,
  div,
  gather,
  matmul,
  mul,
  reshape,
  stopGradient,
  sub,
  sum,
  type Tensor,
  Trace,
} from '@etalon/core/tensor';
import type { RecommenderNetwork } from '../recommend/system.ts';
import { type SearchInputs, tieRelations } from './inputs.ts';
import type { SearchSettings } from './settings.ts';

/** Sharpness of the softmax that social embeddings learn ties by, and deviation of their rows at the start (ours). */
const TIE_TEMPERATURE = 0.1;
const SOCIAL_START = 0.1;

export type Member = 'random' | 'hard';

export const membersOf = ({ members }: Pick<SearchSettings, 'members'>): Member[] =>
  members === 'both' ? ['random', 'hard'] : [members];

/** Share of each member in the cosine of the concatenation. */
export const memberWeights = ({ members, hardWeight }: SearchSettings): number[] =>
  members === 'both' ? [1 - hardWeight, hardWeight] : [1];

interface Towers {
  query(weights: Weights): Tensor;
  document(weights: Weights): Tensor;
}

/**
 * Unified embedding (Huang et al. 2020, §2–3): a tower for the query in its context (text, searcher, place) and one for the document,
 * score cos(E_Q, E_D), for each member of an ensemble. Members share no weights but the social embeddings, which learn from ties alone, as the
 * paper's are trained apart. The ensemble is the weighted concatenation (√α₁ q₁ ‖ √α₂ q₂) · (√α₁ d₁ ‖ √α₂ d₂) = Σ α cos (§6.2.1).
 */
export function searchNetwork(inputs: SearchInputs, settings: SearchSettings): RecommenderNetwork {
  const { corpus } = inputs;
  const layout = new ParameterLayout();
  const hasSocial = settings.social === 'yes' && corpus.ties.length > 0;
  const social = hasSocial ? socialTower(layout, inputs, settings) : null;
  const towers = membersOf(settings).map((member) => memberTowers(layout, member, inputs, settings));
  const nodeRows = social ? [{ parameter: social.rows.name, nodes: corpus.documentType }] : [];

  const bound = (given: (states: Tensor) => Tensor) => {
    const trace = new Trace();
    const weights = bindParameters(trace, layout);
    const features = trace.input('features', ['nodes', inputs.columns.length]);
    const known = social ? social.build(trace, weights, features) : null;
    return {
      trace,
      weights,
      social: known,
      towers: towers.map((of) => of(trace, features, known && given(known))),
    };
  };
  const forward = bound((states) => states);
  const scales = memberWeights(settings).map(Math.sqrt);
  const side = (rows: (towers: Towers) => Tensor) =>
    concat(forward.towers.map((of, i) => mul(rows(of), scales[i])));
  const program = forward.trace.program({
    users: side((of) => of.query(forward.weights)),
    items: side((of) => of.document(forward.weights)),
  });
  const learning = bound(stopGradient);
  const parts = Object.fromEntries([
    ...membersOf(settings).map((member, i) => [
      member,
      memberLoss(learning.trace, member, learning.towers[i], learning.weights, settings),
    ]),
    ...(learning.social ? [['ties', tieLoss(learning.trace, learning.social)]] : []),
  ]);
  const loss = combineLosses(parts, Object.fromEntries(Object.keys(parts).map((part) => [part, 1])));
  return { layout, nodeRows, forward: program, loss: learning.trace.program(loss) };
}

/**
 * Social embeddings from the graph network: h⁰ = a learned row + W · features, then for each layer the mean over neighbours of each kind
 * of tie, both ways, and the node itself (GraphSAGE by relation), rows of length 1.
 */
function socialTower(
  layout: ParameterLayout,
  { documents, columns, corpus }: SearchInputs,
  { socialWidth, socialLayers }: SearchSettings,
) {
  const rows = layout.declare('social.rows', [documents, socialWidth], { normal: SOCIAL_START });
  const enter = linear(layout, 'social.features', columns.length, socialWidth);
  const relations = tieRelations(corpus.ties).map((name) => ({ name, from: 'node', to: 'node' }));
  const blocks = Array.from({ length: socialLayers }, (_, i) =>
    heterogeneousBlock(layout, `social.${i}`, {
      types: ['node'],
      relations,
      inputs: socialWidth,
      outputs: socialWidth,
      activation: (x) => x,
    }),
  );
  const build = (trace: Trace, weights: Weights, features: Tensor): Tensor => {
    const edges = relationInputs(trace, relations);
    const row = gather(weights(rows), trace.input('nodeRows', ['nodes'], 'i32'));
    const first = add(row, enter(weights, features));
    const last = blocks.reduce((node, block) => block(weights, edges, { node }).node, first);
    return l2Normalise(last);
  };
  return { rows, build };
}

/**
 * E_Q = unit(t_Q + W c_Q + W_Q [t_Q ‖ c_Q]), with t the unit mean of n-gram embeddings and c the context: searcher's features, place and social
 * embedding. E_D likewise, t summed over its texts. The table of n-grams and W are shared by both towers, W_Q and W_D start at 0.
 */
function memberTowers(
  layout: ParameterLayout,
  member: Member,
  { columns, placeWidth, documentBags, corpus }: SearchInputs,
  { width, buckets, social, socialWidth }: SearchSettings,
) {
  const contextWidth =
    columns.length + placeWidth + (social === 'yes' && corpus.ties.length > 0 ? socialWidth : 0);
  const grams = embeddingBag(layout, `${member}.ngrams`, buckets, width);
  const context = linear(layout, `${member}.context`, contextWidth, width);
  const own = (tower: string) =>
    linear(layout, `${member}.${tower}`, width + contextWidth, width, { start: 'zeros' });
  const [queryOwn, documentOwn] = [own('query'), own('document')];
  const gains = documentBags.map((_, i) =>
    layout.declare(`${member}.text${i}.gain`, [1, 1], { constant: i === 0 ? 1 : 0.3 }),
  );
  const tower = (weights: Weights, text: Tensor, about: Tensor, of: Layer) =>
    l2Normalise(add(add(text, context(weights, about)), of(weights, concat([text, about]))));

  return (trace: Trace, features: Tensor, states: Tensor | null): Towers => {
    const places = placeWidth > 0 ? trace.inputOnce('places', ['nodes', placeWidth]) : null;
    const nodeContext = (rows: Tensor, place: Tensor | null) =>
      [gather(features, rows), place, states && gather(states, rows)].filter((part) => part !== null);
    return {
      query(weights) {
        const known = trace.inputOnce('searcherKnown', ['queries', 1]);
        const searchers = trace.inputOnce('searchers', ['queries'], 'i32');
        const text = l2Normalise(grams(weights, bagInputs(trace, 'query'), 'queries'));
        const place = placeWidth > 0 ? trace.inputOnce('queryPlaces', ['queries', placeWidth]) : null;
        const about = concat(
          nodeContext(searchers, place).map((part) => (part === place ? part : mul(part, known))),
        );
        return tower(weights, text, about, queryOwn);
      },
      document(weights) {
        const rows = trace.inputOnce('documents', ['documents'], 'i32');
        const texts = documentBags.map((_, i) =>
          mul(l2Normalise(grams(weights, bagInputs(trace, `text${i}`), 'documents')), weights(gains[i])),
        );
        const about = concat(nodeContext(rows, places && gather(places, rows)));
        return tower(
          weights,
          texts.reduce((a, b) => add(a, b)),
          about,
          documentOwn,
        );
      },
    };
  };
}

function bagInputs(trace: Trace, name: string): BagTensors {
  const axis = `${name} tokens`;
  return {
    tokens: trace.inputOnce(`${name}.tokens`, [axis], 'i32'),
    bags: trace.inputOnce(`${name}.bags`, [axis], 'i32'),
    weights: trace.inputOnce(`${name}.weights`, [axis, 1]),
  };
}

/**
 * Triplet loss max(0, D(q, d⁺) − D(q, d⁻) + m) with D = 1 − cos (§2.2), over random negatives and, of the hard member, over what others of the
 * batch clicked that is nearest (online) and what the last epoch ranked 101–500 (offline), in the proportions of the mixture (§6.1).
 */
function memberLoss(
  trace: Trace,
  member: Member,
  towers: Towers,
  weights: Weights,
  { margin, onlineHard, offlineHard, easyToHard }: SearchSettings,
): Tensor {
  const [query, documents] = [towers.query(weights), towers.document(weights)];
  const index = (name: string, axis: string) => trace.inputOnce(name, [axis], 'i32');
  const column = (name: string, axis: string) => trace.inputOnce(name, [axis, 1]);
  const asRow = (ids: Tensor) => reshape(ids, [1, ids.shape[0]]);
  const clicked = gather(documents, index('clicked', 'queries'));
  const positive = dot(query, clicked);
  const clickedId = column('clickedId', 'queries');
  const weight = column('weight', 'queries');

  const pool = gather(documents, index('pool', 'pool'));
  const accidental = isEqual(clickedId, asRow(column('poolId', 'pool')));
  const easy = mul(
    pairwiseHinge(positive, matmul(query, pool, { transposeB: true }), margin),
    sub(1, accidental),
  );
  const easyTotal = sum(easy, [1], true);
  const easyCount = sum(sub(1, accidental), [1], true);
  if (member === 'random') return weightedMean(div(easyTotal, easyCount), weight);

  const hard: Tensor[] = [];
  if (onlineHard > 0) {
    const scores = matmul(query, clicked, { transposeB: true });
    const nearest = hardestNegatives(scores, clickedId, asRow(clickedId), onlineHard);
    hard.push(sum(pairwiseHinge(positive, nearest, margin), [1], true));
  }
  if (offlineHard > 0) {
    const mined = dot(query, gather(documents, index('offline', 'queries')));
    hard.push(mul(pairwiseHinge(positive, mined, margin), column('offlineKnown', 'queries')));
  }
  if (hard.length === 0) return weightedMean(div(easyTotal, easyCount), weight);
  const hardMean = mul(
    hard.reduce((a, b) => add(a, b)),
    1 / (onlineHard + offlineHard),
  );
  // The mean over all triplets of a click, of which there are `easyToHard` easy ones for each hard one, or none.
  const easyCountPerHard = mul(trace.inputOnce('mixed', []), easyToHard);
  const total = add(mul(div(easyTotal, easyCount), easyCountPerHard), hardMean);
  return weightedMean(div(total, add(easyCountPerHard, 1)), weight);
}

/** Ties told from chance: softmax over the other ends of the batch, for sampled ties of all kinds. */
function tieLoss(trace: Trace, states: Tensor): Tensor {
  const end = (name: string) => gather(states, trace.input(name, ['ties'], 'i32'));
  const [ids, logQ, weight] = ['tieId', 'tieLogQ', 'tieWeight'].map((name) => trace.input(name, ['ties', 1]));
  const from = mul(end('tieFrom'), 1 / TIE_TEMPERATURE);
  return weightedMean(inBatchSoftmax(from, end('tieTo'), ids, logQ), weight);
}
