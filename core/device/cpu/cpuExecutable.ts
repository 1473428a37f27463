import * as ort from 'onnxruntime-node';
import { EtalonError } from '../../base/index.ts';
import type { Lowered } from '../../onnx/index.ts';
import { bindSizes, concreteShape, elementCount, type Node, type Program } from '../../tensor/program.ts';
import { randomAt, randomKeys } from '../../tensor/random.ts';
import { Calls } from '../calls.ts';
import type { Executable, Feed } from '../types.ts';
import { checkIndices } from './indices.ts';
import { SegmentPlans } from './segmentPlans.ts';
import type { LentSession } from './sessions.ts';

/** A program, the inputs that are part of its session, and the session, until it is given back. */
interface CompiledProgram {
  program: Program;
  fixed: Feed;
  lowered: Lowered;
  lent: LentSession;
}

/** A program as a session of ONNX Runtime, with its state as arrays that are fed back. */
export class CpuExecutable implements Executable {
  readonly program: Program;
  readonly #fixed: Feed;
  readonly #lowered: Lowered;
  readonly #lent: LentSession;
  readonly #plans = new SegmentPlans();
  readonly #state = new Map<string, ort.Tensor>();
  readonly #fetches: string[];
  readonly #onDispose: () => void;
  readonly #calls = new Calls();
  #disposed = false;

  constructor({ program, fixed, lowered, lent }: CompiledProgram, onDispose: () => void) {
    this.program = program;
    this.#fixed = fixed;
    this.#lowered = lowered;
    this.#lent = lent;
    this.#fetches = [...lowered.outputs, ...lowered.state].map(({ onnxName }) => onnxName);
    this.#onDispose = onDispose;
  }

  run(feed: Feed): Promise<Record<string, Float32Array>> {
    return this.#calls.enqueue(() => this.#run(feed));
  }

  async #run(feed: Feed): Promise<Record<string, Float32Array>> {
    this.#assertOpen();
    const values = { ...this.#fixed, ...feed, ...this.#stateValues() };
    const sizes = bindSizes(this.program, values);
    checkIndices(this.program, values, sizes);
    const feeds: Record<string, ort.Tensor> = {};
    for (const node of this.#lowered.inputs) {
      const { name } = node.op;
      feeds[name] = this.#state.get(name) ?? tensor(node, values[name], sizes);
    }
    for (const auxiliary of this.#lowered.auxiliary) {
      if (auxiliary.kind === 'random') {
        const { seed, stream, shape, name } = auxiliary;
        feeds[name] = randomTensor(values[seed][0], stream, concreteShape(shape, sizes));
        continue;
      }
      const { index, segments, through, names } = auxiliary;
      const count = concreteShape([segments], sizes)[0];
      const table = through === undefined ? undefined : (values[through] as Int32Array);
      Object.assign(feeds, this.#plans.tensors(values[index] as Int32Array, count, table, names));
    }

    const results = await this.#runSession(feeds);
    for (const { name, onnxName } of this.#lowered.state) this.#state.set(name, results[onnxName]);
    return Object.fromEntries(
      this.#lowered.outputs.map(({ name, onnxName }) => [name, results[onnxName].data as Float32Array]),
    );
  }

  async #runSession(feeds: Record<string, ort.Tensor>): Promise<Record<string, ort.Tensor>> {
    try {
      return await this.#lent.session.run(feeds, this.#fetches);
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw new EtalonError('internal', `internal: ONNX Runtime: ${why}`, { cause: thrown });
    }
  }

  #stateValues(): Record<string, Float32Array> {
    return Object.fromEntries(
      this.program.state.map(({ name }) => [name, this.#stateTensor(name).data as Float32Array]),
    );
  }

  #stateTensor(name: string): ort.Tensor {
    const value = this.#state.get(name);
    if (!value) throw new EtalonError('internal', `internal: state "${name}" was not set`);
    return value;
  }

  setState(name: string, values: Float32Array): Promise<void> {
    return this.#calls.enqueue(async () => this.#setState(name, values));
  }

  #setState(name: string, values: Float32Array): void {
    this.#assertOpen();
    const node = this.#lowered.inputs.find(({ op }) => op.name === name);
    if (!node || !this.program.state.some((entry) => entry.name === name))
      throw new EtalonError('internal', `internal: the program has no state "${name}"`);
    if (values.length !== elementCount(node.shape))
      throw new EtalonError(
        'internal',
        `internal: state "${name}" [${node.shape}] cannot take ${values.length} values`,
      );
    this.#state.set(name, tensor(node, values.slice(), new Map()));
  }

  getState(name: string): Promise<Float32Array> {
    return this.#calls.enqueue(async () => {
      this.#assertOpen();
      return (this.#stateTensor(name).data as Float32Array).slice();
    });
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#calls.enqueue(async () => {}).catch(() => {});
    this.#state.clear();
    this.#onDispose();
    await this.#lent.giveBack();
  }

  #assertOpen(): void {
    if (this.#disposed) throw new EtalonError('internal', 'internal: this program was disposed of');
  }
}

/** Drawn here and not by operations of the graph: integer steps there would pass over memory a dozen times. */
function randomTensor(seed: number, stream: number, shape: readonly number[]): ort.Tensor {
  const keys = randomKeys(seed, stream);
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < values.length; i++) values[i] = randomAt(keys, i);
  return new ort.Tensor('float32', values, shape);
}

function tensor(
  node: Node<'input'>,
  values: Float32Array | Int32Array,
  sizes: ReadonlyMap<string, number>,
): ort.Tensor {
  const shape = concreteShape(node.shape, sizes);
  return values instanceof Int32Array
    ? new ort.Tensor('int32', values, shape)
    : new ort.Tensor('float32', values, shape);
}
