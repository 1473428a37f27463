import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  gradients,
  interpret,
  type Program,
  splitGatherMatmul,
  type Tensor,
  Trace,
} from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { relativeError } from '../support/relativeError.ts';

/** A loss over [e ‖ f ‖ x[senders] ‖ g[graph of the edge] ‖ x[receivers]] · W with W as given. */
function messages(weightsOf: (trace: Trace) => Tensor): Program {
  const trace = new Trace();
  const e = trace.input('e', ['edges', 2]);
  const f = trace.input('f', ['edges', 1]);
  const x = trace.input('x', ['nodes', 3]);
  const g = trace.input('g', ['graphs', 2]);
  const senders = trace.input('senders', ['edges'], 'i32');
  const receivers = trace.input('receivers', ['edges'], 'i32');
  const graph = trace.input('graph', ['edges'], 'i32');
  const joined = o.concat([e, f, o.gather(x, senders), o.gather(g, graph), o.gather(x, receivers)]);
  const y = o.tanh(o.matmul(joined, weightsOf(trace)));
  return trace.program({ loss: o.mean(o.square(y)), y });
}

const asView = (trace: Trace) => o.view(trace.input('w', [50]), 3, [11, 4]);
const asMatrix = (trace: Trace) => trace.input('w', [11, 4]);

function inputs(weights: number): Record<string, Float64Array | Int32Array> {
  const random = new Random(6);
  const floats = (length: number) => Float64Array.from({ length }, () => random.normal());
  const index = (rows: number) => Int32Array.from({ length: 20 }, () => random.int(rows));
  return {
    e: floats(40),
    f: floats(20),
    x: floats(21),
    g: floats(4),
    w: floats(weights),
    senders: index(7),
    receivers: index(7),
    graph: index(2),
  };
}

/** The program with the gradients by features and weights added. */
function differentiated(program: Program): Program {
  const { trace, tensors } = Trace.from(program);
  const [loss, y] = program.outputs.map(({ id }) => tensors[id]);
  const [dx, de, dw] = gradients(
    loss,
    ['x', 'e', 'w'].map((name) => trace.inputNamed(name)),
  );
  return trace.program({ loss, y, dx, de, dw });
}

describe('multiplying before gathering', () => {
  it.each([
    ['a view of flat parameters', asView, 50],
    ['a matrix', asMatrix, 44],
  ])('keeps values and gradients, with weights as %s', (_what, weightsOf, count) => {
    const program = messages(weightsOf);
    const before = interpret(differentiated(program), inputs(count)).outputs;
    const after = interpret(differentiated(splitGatherMatmul(program)), inputs(count)).outputs;
    for (const [name, values] of Object.entries(before))
      expect(relativeError(after[name], values), name).toBeLessThanOrEqual(1e-12);
  });

  it('multiplies nodes and graphs, and what was not gathered in one piece', () => {
    const rewritten = splitGatherMatmul(messages(asView));
    const products = rewritten.nodes.filter(({ op }) => op.kind === 'matmul');
    expect(products.map(({ shape }) => shape[0])).toEqual(['edges', 'nodes', 'graphs', 'nodes']);
    const joined = rewritten.nodes.filter(({ op }) => op.kind === 'concat');
    expect(joined.map(({ shape }) => shape)).toEqual([['edges', 3]]);
  });

  it('follows gathers of gathers, adds what is gathered alike before, and the bias where rows are fewest', () => {
    const trace = new Trace();
    const x = trace.input('x', ['nodes', 3]);
    const g = trace.input('g', ['graphs', 2]);
    const nodeGraph = trace.input('nodeGraph', ['nodes'], 'i32');
    const receivers = trace.input('receivers', ['edges'], 'i32');
    const e = trace.input('e', ['edges', 2]);
    const joined = o.concat([e, o.gather(x, receivers), o.gather(o.gather(g, nodeGraph), receivers)]);
    const w = trace.input('w', [7, 4]);
    const y = o.add(o.matmul(joined, w), trace.input('b', [4]));
    const program = trace.program({ y, loss: o.sum(o.square(y)) });
    const rewritten = splitGatherMatmul(program);

    const shapesOf = (kind: string) =>
      rewritten.nodes.filter(({ op }) => op.kind === kind).map(({ shape }) => shape[0]);
    expect(shapesOf('matmul')).toEqual(['edges', 'nodes', 'graphs']);
    expect(shapesOf('gather')).toEqual(['nodes', 'edges']);
    const biased = rewritten.nodes.find(
      ({ inputs: ids }) => ids.length === 2 && rewritten.nodes[ids[1]].shape.length === 1,
    );
    expect(biased?.shape[0]).toBe('graphs');
    const values = {
      ...inputs(44),
      w: inputs(28).w,
      b: Float64Array.of(0.3, -0.2, 0.1, 0.7),
      e: inputs(44).e,
      nodeGraph: Int32Array.of(0, 1, 1, 0, 0, 1, 0),
    };
    const [before, after] = [program, rewritten].map((one) => interpret(one, values).outputs);
    expect(relativeError(after.y, before.y)).toBeLessThanOrEqual(1e-12);
  });

  it('takes the rows of a view as views, so that their gradients stay pieces of one pack', () => {
    const program = differentiated(splitGatherMatmul(messages(asView)));
    const packs = program.nodes.flatMap(({ op }) => (op.kind === 'pack' ? [op.offsets] : []));
    expect(packs).toEqual([[3, 15, 27, 35]]);
    expect(program.nodes.some(({ op }) => op.kind === 'pad')).toBe(false);
  });

  it('leaves products alone that gather nothing, and gathers among the same rows', () => {
    const trace = new Trace();
    const x = trace.input('x', ['nodes', 2]);
    const next = trace.input('next', ['nodes'], 'i32');
    const w = trace.input('w', [4, 3]);
    const program = trace.program({
      plain: o.matmul(o.concat([x, o.square(x)]), w),
      shifted: o.matmul(o.concat([x, o.gather(x, next)]), w),
    });
    expect(splitGatherMatmul(program)).toEqual(program);
  });
});
