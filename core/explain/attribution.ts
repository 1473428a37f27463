import { breathe, EtalonError, quietContext, type TaskContext, throwIfCancelled } from '../base/index.ts';
import type { Device, Executable, Feed } from '../device/types.ts';
import {
  bindSizes,
  elementCount,
  gradients,
  mul,
  type Program,
  programInputs,
  sum,
  type Tensor,
  Trace,
} from '../tensor/index.ts';
import { type Axes, copiesWithin, repeatFeed, rowAxes } from './repeat.ts';

/** Which output is explained by which inputs. */
export interface Explained {
  output: string;
  /** Float inputs to which the output is attributed. */
  inputs: readonly string[];
}

/** How much each value of the inputs adds to f = Σ weights · output. */
export interface Attributions {
  /** Of the shape of each input, row-major. */
  byInput: Record<string, Float32Array>;
  /** f of the inputs. */
  value: number;
}

export interface IntegratedAttributions extends Attributions {
  /** f of the baseline. */
  baselineValue: number;
  /** Σ attributions − (f − f of the baseline), which is 0 for a path gone along in steps infinitely small. */
  gap: number;
}

/** What an input is compared with: nothing, the mean row of what is fed, or given values. */
export type Baseline = 'zeros' | 'means' | Readonly<Record<string, Float32Array>>;

export interface PathOptions {
  baseline: Baseline;
  /** Points of the path at which gradients are taken. */
  steps: number;
  /** Rows of the longest axis that one call of the device may take; bounds memory (ours). */
  rowsAtOnce?: number;
}

const WEIGHTS = 'explained';
const VALUE = 'value';

/**
 * Explains a program's output by its inputs, through gradients. The output may be a scalar or have rows; `weights`, of its
 * shape, say what of it is explained: 1 at one value and 0 elsewhere for that value, −1 at a second for their difference.
 */
export class AttributionExplainer {
  readonly #program: Program;
  readonly #inputs: readonly string[];
  readonly #axes: Axes | undefined;
  readonly #executable: Executable;

  /** @param program without state: what a training program keeps is fed here like any input. */
  static async compile(
    device: Device,
    program: Program,
    explained: Explained,
  ): Promise<AttributionExplainer> {
    const traced = attributionProgram(program, explained);
    return new AttributionExplainer(
      program,
      explained,
      rowAxes(program, explained),
      await device.compile(traced),
    );
  }

  private constructor(
    program: Program,
    { inputs }: Explained,
    axes: Axes | undefined,
    executable: Executable,
  ) {
    this.#program = program;
    this.#inputs = inputs;
    this.#axes = axes;
    this.#executable = executable;
  }

  /** Gradient × input (Shrikumar et al. 2016): exact for an output that is linear in its inputs, else its first-order part. */
  async gradientTimesInput(feed: Feed, weights: Float32Array): Promise<Attributions> {
    const outputs = await this.#executable.run({ ...feed, [WEIGHTS]: weights });
    const byInput = Object.fromEntries(
      this.#inputs.map((name) => [name, outputs[gradientOf(name)].map((slope, i) => slope * feed[name][i])]),
    );
    return { byInput, value: outputs[VALUE][0] };
  }

  /**
   * Integrated gradients (Sundararajan et al. 2017, eq. 1): (x − x′) · ∫ ∂f/∂x (x′ + α (x − x′)) dα over α in [0, 1], by the
   * midpoint rule, whose error falls with the square of the steps where f is smooth. All inputs go along the path together.
   * Steps run side by side where no two rows of the program meet but through its index inputs. Throws `cancelled`.
   */
  async integratedGradients(
    feed: Feed,
    weights: Float32Array,
    { baseline, steps, rowsAtOnce = 32_768 }: PathOptions,
    context: TaskContext = quietContext,
  ): Promise<IntegratedAttributions> {
    if (!Number.isInteger(steps) || steps < 1)
      throw new EtalonError('internal', `internal: a path cannot have ${steps} steps`);
    const path = this.#inputs.map((name) => this.#ends(name, feed, baseline));
    const sums = path.map(({ to }) => new Float64Array(to.length));
    const sizes = bindSizes(this.#program, feed);
    const most = this.#axes ? Math.min(steps, copiesWithin(sizes, rowsAtOnce)) : 1;
    const repeated = new Map<number, Feed>();

    for (let done = 0; done < steps; done += most) {
      context.report({ stage: 'Following the inputs along their path', done, total: steps, unit: 'points' });
      await breathe();
      throwIfCancelled(context.signal);
      const copies = Math.min(most, steps - done);
      const base = repeated.get(copies) ?? (this.#axes ? repeatFeed(this.#axes, feed, copies, sizes) : feed);
      repeated.set(copies, base);
      const at = Array.from({ length: copies }, (_, i) => (done + i + 0.5) / steps);
      const outputs = await this.#executable.run(pointsOf(base, weights, path, at));
      path.forEach(({ name }, which) => {
        const slopes = outputs[gradientOf(name)];
        const total = sums[which];
        for (let i = 0; i < slopes.length; i++) total[i % total.length] += slopes[i];
      });
    }

    const byInput = Object.fromEntries(
      path.map(({ name, from, to }, which) => [
        name,
        Float32Array.from(to, (value, i) => ((value - from[i]) * sums[which][i]) / steps),
      ]),
    );
    const valueAt = async (alpha: number) =>
      (await this.#executable.run(pointsOf(feed, weights, path, [alpha])))[VALUE][0];
    const value = await valueAt(1);
    const baselineValue = await valueAt(0);
    const attributed = path.reduce((total, { name }) => total + byInput[name].reduce((a, b) => a + b, 0), 0);
    return { byInput, value, baselineValue, gap: attributed - (value - baselineValue) };
  }

  dispose(): Promise<void> {
    return this.#executable.dispose();
  }

  #ends(name: string, feed: Feed, baseline: Baseline): Path {
    const to = feed[name];
    if (!to) throw new EtalonError('internal', `internal: input "${name}" is missing`);
    if (baseline === 'zeros') return { name, from: new Float32Array(to.length), to };
    if (baseline === 'means') {
      const { shape } = programInputs(this.#program).get(name)!;
      return { name, from: columnMeans(to, elementCount(shape.slice(1))), to };
    }
    const from = baseline[name];
    if (from?.length !== to.length)
      throw new EtalonError('internal', `internal: the baseline of "${name}" needs ${to.length} values`);
    return { name, from, to };
  }
}

/** The straight line that an input goes along. */
interface Path {
  name: string;
  from: ArrayLike<number>;
  to: ArrayLike<number>;
}

/** A feed with the inputs at some points of their path, side by side; what else it holds is repeated already. */
function pointsOf(repeated: Feed, weights: Float32Array, path: readonly Path[], at: readonly number[]): Feed {
  const points = path.map(({ name, from, to }) => {
    const values = new Float32Array(at.length * to.length);
    at.forEach((alpha, copy) => {
      for (let i = 0; i < to.length; i++) values[copy * to.length + i] = from[i] + alpha * (to[i] - from[i]);
    });
    return [name, values] as const;
  });
  const allWeights = new Float32Array(at.length * weights.length);
  for (let copy = 0; copy < at.length; copy++) allWeights.set(weights, copy * weights.length);
  return { ...repeated, ...Object.fromEntries(points), [WEIGHTS]: allWeights };
}

/** The program with f = Σ weights · output and its gradients as outputs. Throws `internal` on a name that is not there. */
function attributionProgram(program: Program, { output, inputs }: Explained): Program {
  const { trace, tensors } = Trace.from(program);
  const found = program.outputs.find(({ name }) => name === output);
  if (!found) throw new EtalonError('internal', `internal: the program has no output "${output}"`);
  const explained = tensors[found.id];
  const value = sum(mul(explained, trace.input(WEIGHTS, explained.shape)));
  const wrt = inputs.map((name) => floatInput(trace, name));
  const byInput = gradients(value, wrt).map((slope, i) => [gradientOf(inputs[i]), slope] as const);
  return trace.program({ [VALUE]: value, ...Object.fromEntries(byInput) });
}

function floatInput(trace: Trace, name: string): Tensor {
  const input = trace.inputNamed(name);
  if (input.dtype !== 'f32')
    throw new EtalonError('internal', `internal: input "${name}" holds indices, which have no gradient`);
  return input;
}

function gradientOf(input: string): string {
  return `${input}.gradient`;
}

/** Each value replaced by the mean of its column. */
function columnMeans(values: ArrayLike<number>, width: number): Float64Array {
  const rows = values.length / width;
  const sums = new Float64Array(width);
  for (let i = 0; i < values.length; i++) sums[i % width] += values[i];
  return Float64Array.from(values, (_, i) => sums[i % width] / rows);
}
