import { EtalonError } from '../base/index.ts';
import {
  add,
  div,
  exp,
  gradients,
  max,
  min,
  mul,
  neg,
  type Operand,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type Trace,
} from '../tensor/index.ts';

/**
 * MetaGradients (Xu, van Hasselt & Silver 2018; for the learning rate of a travel-time network Derrow-Pinion et al. 2021):
 * meta-parameters are learned while the weights are, from the gradient of the next batch's loss through the update. Here they
 * are factors e^λ on the scheduled learning rate and on weights of the loss, so that a step of λ is a share of them whatever
 * their size; λ starts at 0. The papers publish none of these constants: all values are ours.
 */
export interface MetaGradients {
  /** Meta learning rate: what λ of the learning rate moves in a step where every batch says the same; 0.1 is 10 % of it. */
  rate: number;
  /**
   * The same for weights of the loss. Far less tells a batch of them than of the learning rate: at the speed of the latter
   * they would follow the noise.
   */
  weightRate: number;
  /**
   * μ of the accumulated trace (eq. 4). 0 looks back one update alone, which is greedy: it would rather calm the noise of the
   * next batch than make way (Wu et al. 2018, "Understanding short-horizon bias"). 0.998 looks back about 500.
   */
  traceDecay: number;
  /** After t steps both rates are 1/√(1 + t/settle) of what they were: far off λ moves fast, near it must not follow the noise. */
  settle: number;
  /** β₁ and β₂ of Adam on λ, the meta-optimiser. */
  beta1: number;
  beta2: number;
  /** A factor stays between 1 / bound and bound. */
  bound: number;
  /**
   * Scalar outputs of the forward program whose weights in the loss are learned too, with those weights. Each costs one more pass
   * backward and a tensor of [parameters]. Where the learning rate is learned only ratios matter: leave one part out.
   */
  lossWeights: Readonly<Record<string, number>>;
}

export const META_DEFAULTS: MetaGradients = {
  rate: 0.1,
  weightRate: 0.01,
  traceDecay: 0.998,
  settle: 100,
  beta1: 0.9,
  beta2: 0.99,
  bound: 1000,
  lossWeights: {},
};

/** The meta-parameter of the learning rate; the others are named by their part of the loss. */
const LEARNING_RATE = 'learningRate';

/**
 * ε of Adam on λ. Adam's first update does not depend on the scale of the gradient: what rounding leaves of its derivative by a
 * weight, some 10⁻⁷, must not be taken for a direction.
 */
const EPSILON = 1e-5;

/** What a step knows before its update. */
interface BeforeUpdate {
  trace: Trace;
  outputs: Readonly<Record<string, Tensor>>;
  /** [parameters] */
  parameters: Tensor;
  /** Of the loss as the user weighs it, by the parameters. */
  gradient: Tensor;
  /** A number that is fed at each step. */
  scalar(name: string): Tensor;
}

/** What it knows of its update θ ← θ − η·u(ĝ), with ĝ the clipped gradient. */
interface UpdateMade {
  direction: Tensor;
  /** ∂ĝ/∂g times a direction. */
  clippedAlong(direction: Tensor): Tensor;
  /** ∂u/∂ĝ, element by element. */
  sensitivity(): Operand;
}

export interface MetaStep {
  /** The gradient to learn from: of the loss with the learned weights. */
  taught: Tensor;
  /** The learned learning rate, from the scheduled one. */
  learningRate(scheduled: Tensor): Tensor;
  /** Next values of all state entries of {@link initialMetaState}. */
  state(update: UpdateMade): Record<string, Tensor>;
  /** `weight.…` of each learned part; `metaGradient.…`, ⟨h, z⟩ of each. */
  outputs: Record<string, Tensor>;
}

/**
 * Writes the meta step into a training step θ ← θ − η·u. First the meta-parameters move. Each has a trace over the updates before:
 * z = −Σ μᵏ u for η, z = −Σ μᵏ ∂u/∂w for a weight w. With h the gradient of this batch's loss, as the user weighs it, ⟨h, z⟩ is the
 * derivative of that loss by η, and η⟨h, z⟩ by w (eq. 3, with μ·1 for the Jacobian ∂θ′/∂θ as the authors take it; exact for
 * μ = 0). Adam on λ is given the derivative by λ over η ‖h‖ ‖Σ μᵏ u‖: for the learning rate the cosine of the normalised hypergradient of
 * Baydin et al. 2018. So neither the size of the network, nor of the loss, nor of η matters. Then the update is made, and its own
 * derivatives are added to the traces; ∂u/∂w = ∂u/∂g · g_k, through clipping and moments, where the part weighed by w has the gradient g_k.
 */
export function metaStep(options: MetaGradients, before: BeforeUpdate): MetaStep {
  const { trace, parameters, gradient } = before;
  const z = trace.input(entriesOf(LEARNING_RATE).trace, parameters.shape);
  const reach = mul(norm(gradient), norm(z));
  const rate = metaParameter(options, before, { name: LEARNING_RATE, z, reach, rate: options.rate, unit: 1 });
  const parts = Object.entries(options.lossWeights).map(([name, weight]) => {
    const z = trace.input(entriesOf(name).trace, parameters.shape);
    const learned = metaParameter(options, before, {
      name,
      z,
      reach,
      rate: options.weightRate,
      unit: weight,
    });
    const [partGradient] = gradients(partNamed(name, before), [parameters]);
    return { name, learned, gradient: partGradient, weight: mul(learned.factor, weight), given: weight };
  });
  const taught = parts.reduce(
    (total, { gradient, weight, given }) => add(total, mul(gradient, sub(weight, given))),
    gradient,
  );
  const learned = [rate, ...parts.map((part) => part.learned)];

  return {
    taught,
    learningRate: (scheduled) => mul(scheduled, rate.factor),
    state({ direction, clippedAlong, sensitivity }) {
      const traces = [rate.nextTrace(neg(direction))];
      for (const { gradient, learned } of parts)
        traces.push(learned.nextTrace(neg(mul(clippedAlong(gradient), sensitivity()))));
      return Object.assign({}, ...learned.map(({ state }) => state), ...traces);
    },
    outputs: Object.assign(
      {},
      ...learned.map(({ outputs }) => outputs),
      ...parts.map(({ name, weight }) => ({ [`weight.${name}`]: weight })),
    ),
  };
}

interface MetaParameter {
  name: string;
  /** [parameters] its trace. */
  z: Tensor;
  /** ‖h‖ ‖Σ μᵏ u‖ */
  reach: Tensor;
  rate: number;
  /** What the factor is on; 1 where it is multiplied elsewhere. */
  unit: number;
}

/** One meta-parameter unit · e^λ: its λ moved by this batch, and what is kept of it. */
function metaParameter(
  { traceDecay, beta1, beta2, bound }: MetaGradients,
  { trace, gradient, scalar }: BeforeUpdate,
  { name, z, reach, rate, unit }: MetaParameter,
) {
  const entry = entriesOf(name);
  const logBefore = trace.input(entry.log, []);
  const metaGradient = sum(mul(gradient, z));
  // By λ of a weight: by the weight, times it. η stands in both halves of the quotient, and is left out of it.
  const byLog = name === LEARNING_RATE ? metaGradient : mul(metaGradient, mul(exp(logBefore), unit));
  const share = div(byLog, reach);
  const moment1 = add(mul(trace.input(entry.moment1, []), beta1), mul(share, 1 - beta1));
  const moment2 = add(mul(trace.input(entry.moment2, []), beta2), mul(square(share), 1 - beta2));
  const direction = div(
    mul(moment1, scalar('metaMoment1Correction')),
    add(sqrt(mul(moment2, scalar('metaMoment2Correction'))), EPSILON),
  );
  const moved = sub(logBefore, mul(direction, mul(scalar('metaPace'), rate)));
  const log = max(min(moved, Math.log(bound)), -Math.log(bound));

  return {
    factor: exp(log),
    state: { [entry.log]: log, [entry.moment1]: moment1, [entry.moment2]: moment2 },
    outputs: { [`metaGradient.${name}`]: metaGradient },
    nextTrace: (derivative: Tensor) => ({ [entry.trace]: add(mul(z, traceDecay), derivative) }),
  };
}

/** ‖x‖, and of nothing not quite 0. */
const norm = (x: Tensor): Tensor => sqrt(add(sum(square(x)), 1e-20));

function partNamed(name: string, { outputs }: BeforeUpdate): Tensor {
  if (outputs[name]) return outputs[name];
  throw new EtalonError(
    'internal',
    `internal: the program has no output "${name}" whose weight could be learned`,
  );
}

/** Names of what is kept of a meta-parameter: scalars, but for the trace. */
const entriesOf = (name: string) => ({
  log: `meta.${name}`,
  moment1: `meta.${name}.moment1`,
  moment2: `meta.${name}.moment2`,
  trace: `meta.${name}.trace`,
});

/** Before the first step: factors of 1, and no trace. */
export function initialMetaState(
  { lossWeights }: MetaGradients,
  parameters: number,
): Record<string, Float32Array> {
  const state: Record<string, Float32Array> = {};
  for (const name of [LEARNING_RATE, ...Object.keys(lossWeights)]) {
    const { trace, ...scalars } = entriesOf(name);
    for (const scalar of Object.values(scalars)) state[scalar] = new Float32Array(1);
    state[trace] = new Float32Array(parameters);
  }
  return state;
}

/** What is fed at a step, counted from 1: the bias corrections of Adam on λ, and how far its rates have settled. */
export const metaScalars = ({ beta1, beta2, settle }: MetaGradients, step: number) => ({
  metaPace: 1 / Math.sqrt(1 + step / settle),
  metaMoment1Correction: 1 / (1 - beta1 ** step),
  metaMoment2Correction: 1 / (1 - beta2 ** step),
});
