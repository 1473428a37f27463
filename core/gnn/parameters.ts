import { EtalonError, type Random } from '../base/index.ts';
import { type Tensor, type Trace, view } from '../tensor/index.ts';

/** How a parameter starts. `glorot`: uniform in ±√(6 / (fan-in + fan-out)) (Glorot & Bengio 2010, eq. 16). */
export type Initialiser = 'glorot' | 'zeros' | 'ones' | { normal: number } | { constant: number };

/** A named array of weights and its place in the flat tensor of all. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
  readonly initialiser: Initialiser;
  /** Weight decay is multiplied by this: 1 for matrices, 0 for biases and norms, more for embeddings. */
  readonly decay: number;
}

/**
 * The layout of a model's parameters in one flat float32 tensor. Layers declare theirs when they are made; a
 * program then sees them through {@link bindParameters}. One tensor, because a device then updates all weights
 * in a handful of operations.
 */
export class ParameterLayout {
  readonly #parameters: Parameter[] = [];
  #size = 0;

  get parameters(): readonly Parameter[] {
    return this.#parameters;
  }

  /** Values in all. */
  get size(): number {
    return this.#size;
  }

  declare(
    name: string,
    shape: readonly number[],
    initialiser: Initialiser,
    { decay = initialiser === 'glorot' ? 1 : 0 }: { decay?: number } = {},
  ): Parameter {
    if (this.#parameters.some((known) => known.name === name))
      throw new EtalonError('internal', `internal: two parameters are named "${name}"`);
    const size = shape.reduce((product, dim) => product * dim, 1);
    const parameter = { name, shape, offset: this.#size, size, initialiser, decay };
    this.#parameters.push(parameter);
    this.#size += size;
    return parameter;
  }

  /** Starting values, the same for the same seed. */
  initialise(random: Random): Float32Array {
    const flat = new Float32Array(this.#size);
    for (const parameter of this.#parameters)
      fill(flat.subarray(parameter.offset, parameter.offset + parameter.size), parameter, random);
    return flat;
  }

  /** [size] the decay factor of every value. */
  decayFactors(): Float32Array {
    const flat = new Float32Array(this.#size);
    for (const { offset, size, decay } of this.#parameters) flat.fill(decay, offset, offset + size);
    return flat;
  }
}

/** Turns a parameter into the tensor that holds its weights. */
export type Weights = (parameter: Parameter) => Tensor;

/** Declares the flat tensor as an input of the trace and returns the way to each parameter in it. */
export function bindParameters(trace: Trace, layout: ParameterLayout, inputName = 'parameters'): Weights {
  const flat = trace.input(inputName, [layout.size]);
  return ({ offset, shape }) => view(flat, offset, shape);
}

function fill(values: Float32Array, { shape, initialiser }: Parameter, random: Random): void {
  if (initialiser === 'zeros') return;
  if (initialiser === 'ones') values.fill(1);
  else if (initialiser === 'glorot') {
    const limit = Math.sqrt(6 / (shape[0] + (shape[1] ?? shape[0])));
    for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * limit;
  } else if ('normal' in initialiser) {
    for (let i = 0; i < values.length; i++) values[i] = random.normal() * initialiser.normal;
  } else values.fill(initialiser.constant);
}
