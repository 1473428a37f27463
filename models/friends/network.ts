import {
  type Block,
  bindParameters,
  dot,
  type Layer,
  l2Normalise,
  linear,
  maxMargin,
  ParameterLayout,
  pairwiseLogistic,
  sage,
  type Weights,
} from '@etalon/core/gnn';
import {
  concat,
  gather,
  matmul,
  mean,
  mul,
  type Program,
  relu,
  slice,
  sub,
  type Tensor,
  Trace,
} from '@etalon/core/tensor';
import { flowInputs, type LayerProgram, onBlock } from '@etalon/core/train';
import { type Normalisation, scaledBy } from '../normalisation.ts';
import type { FriendsSettings } from './settings.ts';

/** Takes the score of what is no negative after all below every margin. */
const FAR_BELOW = 1e6;

/**
 * GraphSAGE of two layers (Shi et al. 2023): the mean of the friends' states beside one's own, then a linear map,
 *   h⁽¹⁾ᵥ = ReLU(W⁽¹⁾ [xᵥ ‖ mean_{u ∈ N(v)} xᵤ] + b⁽¹⁾),  zᵥ = W⁽²⁾ [h⁽¹⁾ᵥ ‖ mean_{u ∈ N(v)} h⁽¹⁾ᵤ] + b⁽²⁾,
 * rows of length 1 where the similarity is the cosine. Nothing in it belongs to single users.
 */
export class FriendsEncoder {
  readonly layout = new ParameterLayout();
  readonly #layers: readonly Block[];
  readonly #widths: readonly number[];
  readonly #finish: (z: Tensor) => Tensor;
  readonly #settings: FriendsSettings;

  constructor(columns: number, settings: FriendsSettings) {
    const { hidden, width, similarity } = settings;
    this.#settings = settings;
    this.#widths = [columns, hidden, width];
    this.#layers = [
      sage(this.layout, 'sage.0', { inputs: columns, outputs: hidden }),
      sage(this.layout, 'sage.1', { inputs: hidden, outputs: width, activation: (x) => x }),
    ];
    this.#finish = similarity === 'cosine' ? l2Normalise : (z) => z;
  }

  /**
   * The loss of the friendships (u, v) of a batch on its message flow: mean over pairs and negatives n of
   * max(0, zᵤ·zₙ − zᵤ·zᵥ + margin); `hits` [pairs, negatives] is 1 where n is no negative of u.
   */
  loss(): Program {
    const { negatives, margin } = this.#settings;
    const trace = new Trace();
    const weights = bindParameters(trace, this.layout);
    const flow = flowInputs(trace, this.#layers.length);
    const x = trace.input('x', [flow[0].sources, this.#widths[0]]);
    const z = this.#finish(
      this.#layers.reduce((state, layer, i) => onBlock(layer, weights, flow[i], state), x),
    );
    const rows = (name: string, axis: string | number) => gather(z, trace.input(name, [axis], 'i32'));
    const [asked, friends] = [rows('asked', 'pairs'), rows('friends', 'pairs')];
    const scores = matmul(asked, rows('negatives', negatives), { transposeB: true });
    const negative = sub(scores, mul(trace.input('hits', ['pairs', negatives]), FAR_BELOW));
    return trace.program({ loss: mean(maxMargin(dot(asked, friends), negative, margin)) });
  }

  /** States of all nodes of a graph with the index inputs `senders` and `receivers`: x [nodes, columns] → [nodes, width]. */
  states(trace: Trace, weights: Weights): Tensor {
    const structure = {
      senders: trace.input('senders', ['edges'], 'i32'),
      receivers: trace.input('receivers', ['edges'], 'i32'),
    };
    const x = trace.input('x', ['nodes', this.#widths[0]]);
    return this.#finish(this.#layers.reduce((nodes, layer) => layer(weights, structure, { nodes }).nodes, x));
  }

  /** The same layer by layer, for `inferLayerwise`. */
  layers(parameters: Float32Array): LayerProgram[] {
    return this.#layers.map((layer, i) => {
      const trace = new Trace();
      const weights = bindParameters(trace, this.layout);
      const [block] = flowInputs(trace, 1);
      const x = onBlock(layer, weights, block, trace.input('x', [block.sources, this.#widths[i]]));
      const program = trace.program({ x: i === this.#layers.length - 1 ? this.#finish(x) : x });
      return { program, width: this.#widths[i + 1], feed: { parameters } };
    });
  }
}

/**
 * The ranker: a perceptron over what is known of a user and a candidate, the similarity of their embeddings first, scaled as over the
 * candidates that it learned from. Of a new friend v and candidates c that became none its loss is −log σ(s(u, v) − s(u, c)).
 */
export class FriendsRanker {
  readonly layout: ParameterLayout;
  readonly #layers: readonly [Layer, Layer];
  readonly #scaling: Normalisation;
  readonly #negatives: number;

  /** @param layout that its weights are declared in; left out: one of its own. */
  constructor(scaling: Normalisation, settings: FriendsSettings, layout = new ParameterLayout()) {
    const { rankerHidden, rankerNegatives } = settings;
    this.layout = layout;
    this.#scaling = scaling;
    this.#negatives = rankerNegatives;
    this.#layers = [
      linear(layout, 'ranker.0', scaling.names.length, rankerHidden),
      linear(layout, 'ranker.1', rankerHidden, 1),
    ];
  }

  /** Raw features [n, names] → [n, 1]. */
  score(weights: Weights, raw: Tensor): Tensor {
    const [first, last] = this.#layers;
    return last(weights, relu(first(weights, scaledBy(raw, this.#scaling))));
  }

  /** `friend` [pairs, names] of a new friend; `others` [pairs, negatives · names] of candidates that became none. */
  loss(): Program {
    const width = this.#scaling.names.length;
    const trace = new Trace();
    const weights = bindParameters(trace, this.layout);
    const friend = this.score(weights, trace.input('friend', ['pairs', width]));
    const others = trace.input('others', ['pairs', this.#negatives * width]);
    const negative = Array.from({ length: this.#negatives }, (_, k) =>
      this.score(weights, slice(others, k * width, (k + 1) * width, 1)),
    );
    return trace.program({ loss: mean(pairwiseLogistic(friend, concat(negative))) });
  }

  /** `pairs` [asked, names] → `score` [asked, 1]. */
  program(): Program {
    const trace = new Trace();
    const weights = bindParameters(trace, this.layout);
    const raw = trace.input('pairs', ['asked', this.#scaling.names.length]);
    return trace.program({ score: this.score(weights, raw) });
  }
}

/**
 * Both as one program, for explanations and files, its weights the encoder's and then the ranker's: `x`, `senders` and `receivers` of a
 * graph, rows `user` and `candidate` [asked] in it, and `pairs` [asked, names − 1], all of the ranker's features but the similarity
 * → `users` [nodes, width], `score` [asked, 1].
 */
export function wholeProgram(columns: number, scaling: Normalisation, settings: FriendsSettings): Program {
  const encoder = new FriendsEncoder(columns, settings);
  const ranker = new FriendsRanker(scaling, settings, encoder.layout);
  const trace = new Trace();
  const weights = bindParameters(trace, encoder.layout);
  const users = encoder.states(trace, weights);
  const [user, candidate] = ['user', 'candidate'].map((name) =>
    gather(users, trace.input(name, ['asked'], 'i32')),
  );
  const pairs = trace.input('pairs', ['asked', scaling.names.length - 1]);
  const score = ranker.score(weights, concat([dot(user, candidate), pairs]));
  return trace.program({ users, score });
}
