import { add, div, max, mul, type Operand, sqrt, square, sub, type Tensor } from '../tensor/index.ts';

/** Gradient descent with momentum μ; 0 is plain descent. */
export interface SgdOptimiser {
  kind: 'sgd';
  momentum: number;
  /** Looks ahead along the momentum (Nesterov). */
  nesterov: boolean;
  /** λ of the L2 penalty ½λ‖θ‖², multiplied by each parameter's own decay factor. */
  weightDecay: number;
}

export interface AdamOptimiser {
  /** `adam` adds weight decay to the gradient (L2), `adamW` decouples it from the moments. */
  kind: 'adam' | 'adamW';
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Multiplied by each parameter's own decay factor. */
  weightDecay: number;
}

export type Optimiser = SgdOptimiser | AdamOptimiser;
export type OptimiserKind = Optimiser['kind'];

/** What a rule computes with: every tensor is [parameters], every scalar []. */
export interface UpdateSite {
  parameters: Tensor;
  /** Of the loss by the parameters, already clipped. */
  gradient: Tensor;
  /** A tensor that is kept between steps; the rule's own moments, and `decayFactors`. */
  state(name: string): Tensor;
  /** A number that is fed at each step. */
  scalar(name: string): Tensor;
}

/** An update θ ← θ − η·u, where u does not depend on η: so ∂θ/∂η = −u, whatever the rule. */
export interface Update {
  /** u */
  direction: Tensor;
  /** The next value of each of the rule's moments. */
  moments: Record<string, Tensor>;
  /** ∂u/∂g of each element by its own gradient; others do not enter. Written down only where it is asked for. */
  sensitivity(): Operand;
}

interface Rule<O extends Optimiser> {
  /** Names of what is kept between steps beside the parameters; [parameters] each, 0 before the first step. */
  moments: readonly string[];
  /** What is fed at a step, counted from 1. */
  scalars(options: O, step: number): Record<string, number>;
  update(options: O, site: UpdateSite): Update;
}

/** Bias corrections 1 / (1 − βᵗ) of both moments. */
const adamScalars = ({ beta1, beta2 }: AdamOptimiser, step: number) => ({
  moment1Correction: 1 / (1 - beta1 ** step),
  moment2Correction: 1 / (1 - beta2 ** step),
});

/** λ · decay factors · θ */
const decayOf = (weightDecay: number, { parameters, state }: UpdateSite) =>
  mul(parameters, mul(state('decayFactors'), weightDecay));

/** m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², u = m̂ / (√v̂ + ε) (Kingma & Ba 2015, algorithm 1). */
function adamUpdate(
  { beta1, beta2, epsilon }: AdamOptimiser,
  gradient: Tensor,
  { state, scalar }: UpdateSite,
): Update {
  const moment1 = add(mul(state('moment1'), beta1), mul(gradient, 1 - beta1));
  const moment2 = add(mul(state('moment2'), beta2), mul(square(gradient), 1 - beta2));
  const numerator = mul(moment1, scalar('moment1Correction'));
  const deviation = sqrt(mul(moment2, scalar('moment2Correction')));
  const denominator = add(deviation, epsilon);
  const direction = div(numerator, denominator);
  // ∂m̂/∂g − u · ∂√v̂/∂g, over the denominator. Where √v̂ is 0 so is g, and g / √v̂ counts as 0.
  const sensitivity = () => {
    const byMoment1 = mul(scalar('moment1Correction'), 1 - beta1);
    const byMoment2 = mul(div(gradient, max(deviation, 1e-30)), mul(scalar('moment2Correction'), 1 - beta2));
    return div(sub(byMoment1, mul(direction, byMoment2)), denominator);
  };
  return { direction, moments: { moment1, moment2 }, sensitivity };
}

/** The table of optimisers, from simple to complex. */
const RULES: { sgd: Rule<SgdOptimiser>; adam: Rule<AdamOptimiser>; adamW: Rule<AdamOptimiser> } = {
  // v ← μv + g, u = v (Polyak 1964), or u = g + μv (Nesterov's, as Sutskever et al. 2013, eq. 3–4, seen from θ + μv).
  sgd: {
    moments: ['velocity'],
    scalars: () => ({}),
    update({ momentum, nesterov, weightDecay }, site) {
      const gradient = add(site.gradient, decayOf(weightDecay, site));
      const velocity = add(mul(site.state('velocity'), momentum), gradient);
      const direction = nesterov ? add(gradient, mul(velocity, momentum)) : velocity;
      return { direction, moments: { velocity }, sensitivity: () => (nesterov ? 1 + momentum : 1) };
    },
  },
  // Kingma & Ba 2015, algorithm 1, on g + λθ.
  adam: {
    moments: ['moment1', 'moment2'],
    scalars: adamScalars,
    update: (options, site) =>
      adamUpdate(options, add(site.gradient, decayOf(options.weightDecay, site)), site),
  },
  // Loshchilov & Hutter 2019, algorithm 2: Adam on g, then λθ added to u.
  adamW: {
    moments: ['moment1', 'moment2'],
    scalars: adamScalars,
    update(options, site) {
      const { direction, ...others } = adamUpdate(options, site.gradient, site);
      return { direction: add(direction, decayOf(options.weightDecay, site)), ...others };
    },
  },
};

const ruleOf = (optimiser: Optimiser) => RULES[optimiser.kind] as Rule<Optimiser>;

export const OPTIMISERS = Object.keys(RULES) as OptimiserKind[];

/** See {@link Rule}: the moments an optimiser keeps, the scalars it is fed, and the update it writes into a trace. */
export const momentsOf = (optimiser: Optimiser) => ruleOf(optimiser).moments;
export const scalarsOf = (optimiser: Optimiser, step: number) => ruleOf(optimiser).scalars(optimiser, step);
export const updateOf = (optimiser: Optimiser, site: UpdateSite) => ruleOf(optimiser).update(optimiser, site);
