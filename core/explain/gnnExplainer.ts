import type { Random } from '../base/index.ts';
import type { Device, Executable, Feed } from '../device/types.ts';
import { updateRow } from '../train/tables/lazyAdam.ts';
import {
  EDGE_LOGITS,
  EDGE_USED,
  explainerProgram,
  FEATURE_BASELINE,
  FEATURE_LOGITS,
  type GnnExplained,
  KEPT,
  WEIGHTS,
} from './explainerProgram.ts';

/**
 * How masks are learned. Steps, learning rate and the features' weights are those of the authors' code. Theirs of edges, 0.005
 * and 1, are of sums and means over all pairs of nodes; over the edges alone they leave masks that say little, so these are ours.
 */
export interface GnnExplainerSettings {
  steps: number;
  learningRate: number;
  /** Weight of Σ mask over edges, and of the mean entropy of an edge's mask. */
  edgeSize: number;
  edgeEntropy: number;
  /** The same of the mean mask of features. */
  featureSize: number;
  featureEntropy: number;
}

export const GNN_EXPLAINER_DEFAULTS: GnnExplainerSettings = {
  steps: 100,
  learningRate: 0.1,
  edgeSize: 0.1,
  edgeEntropy: 0.1,
  featureSize: 1,
  featureEntropy: 0.1,
};

export interface MaskExplanation {
  /** [edges] 0 … 1: how much of its message an edge keeps. 0 for edges on which the explained output does not depend. */
  edges: Float32Array;
  /** [features] 0 … 1, where features were asked for. */
  features?: Float32Array;
  /** Loss of every step: what the explanation loses of the prediction, and the masks' size and entropy. */
  losses: number[];
}

/** Of logits at their start (ours; that of the authors' edges depends on the number of nodes). */
const START_DEVIATION = 0.1;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

/**
 * GNNExplainer (Ying et al. 2019, §4): the smallest part of a graph with which a model still says what it says, as a mask over
 * edges and, where asked for, one over features, learned by gradient descent on
 * −log P(class) (eq. 5; for numbers, the squared change of the output) + size and entropy of the masks.
 */
export class GnnExplainer {
  readonly #explained: GnnExplained;
  readonly #executable: Executable;
  /** The program as it is, which says what a mask must keep of a value. */
  readonly #unmasked: Executable | undefined;
  readonly #settings: GnnExplainerSettings;

  static async compile(
    device: Device,
    explained: GnnExplained,
    settings: GnnExplainerSettings = GNN_EXPLAINER_DEFAULTS,
  ): Promise<GnnExplainer> {
    const executable = await device.compile(explainerProgram(explained, settings));
    const unmasked = explained.goal === 'value' ? await device.compile(explained.program) : undefined;
    return new GnnExplainer(explained, executable, unmasked, settings);
  }

  private constructor(
    explained: GnnExplained,
    executable: Executable,
    unmasked: Executable | undefined,
    settings: GnnExplainerSettings,
  ) {
    this.#explained = explained;
    this.#executable = executable;
    this.#unmasked = unmasked;
    this.#settings = settings;
  }

  /**
   * @param feed of the program that is explained.
   * @param weights of the output's shape: 1 at the class, or at the value, to be explained and 0 elsewhere.
   */
  async explain(feed: Feed, weights: Float32Array, random: Random): Promise<MaskExplanation> {
    const { messages, features, output } = this.#explained;
    const kept = (await this.#unmasked?.run(feed))?.[output];
    const edgeCount = feed[messages.indices[0]].length;
    const fixed: Feed = { ...feed, [WEIGHTS]: weights, ...(kept && { [KEPT]: kept }) };

    // As the authors' code starts them: most of each edge is there, about half of each feature.
    const edges = new MaskLogits(edgeCount, () => 1 + START_DEVIATION * random.normal());
    const columns = new MaskLogits(features?.baseline.length ?? 0, () => START_DEVIATION * random.normal());
    const run = (used: Float32Array) =>
      this.#executable.run({
        ...fixed,
        [EDGE_LOGITS]: edges.values(),
        [EDGE_USED]: used,
        ...(features && { [FEATURE_LOGITS]: columns.values(), [FEATURE_BASELINE]: features.baseline }),
      });

    const { edgeInfluence } = await run(new Float32Array(edgeCount).fill(1));
    const used = edgeInfluence.map((influence) => (influence === 0 ? 0 : 1));
    const losses: number[] = [];
    for (let step = 1; step <= this.#settings.steps; step++) {
      const outputs = await run(used);
      losses.push(outputs.loss[0]);
      edges.descend(outputs.edgeGradient, step, this.#settings.learningRate);
      if (features) columns.descend(outputs.featureGradient, step, this.#settings.learningRate);
    }
    return {
      edges: edges.masks().map((mask, i) => mask * used[i]),
      ...(features && { features: columns.masks() }),
      losses,
    };
  }

  async dispose(): Promise<void> {
    await this.#executable.dispose();
    await this.#unmasked?.dispose();
  }
}

/** Logits of a mask with what Adam keeps of them, on the host: they are as many as the graph has edges. */
class MaskLogits {
  readonly #record: Float32Array;
  readonly #count: number;

  constructor(count: number, start: () => number) {
    this.#count = count;
    this.#record = new Float32Array(3 * count);
    for (let i = 0; i < count; i++) this.#record[i] = start();
  }

  values(): Float32Array {
    return this.#record.subarray(0, this.#count);
  }

  masks(): Float32Array {
    return this.values().map((logit) => 1 / (1 + Math.exp(-logit)));
  }

  descend(gradient: Float32Array, step: number, learningRate: number): void {
    updateRow(this.#record, 0, this.#count, gradient, 0, {
      ...ADAM,
      gap: 1,
      moment1Correction: 1 / (1 - ADAM.beta1 ** step),
      moment2Correction: 1 / (1 - ADAM.beta2 ** step),
      learningRate,
    });
  }
}
