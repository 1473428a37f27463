import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { weighMessages } from '../../core/explain/index.ts';
import {
  add,
  concat,
  div,
  exp,
  expand,
  gather,
  interpret,
  max,
  mul,
  type Program,
  reciprocal,
  reshape,
  segmentMax,
  segmentSum,
  slice,
  splitGatherMatmul,
  sqrt,
  stopGradient,
  sub,
  type Tensor,
  Trace,
} from '../../core/tensor/index.ts';
import { GRAPH_WIDTH, graphProgram } from '../support/graphProgram.ts';
import { rowsOf } from '../support/plainGnn.ts';
import { relativeError } from '../support/relativeError.ts';

const random = new Random(12);
const factor = (trace: Trace) => trace.input('factor', ['edges', 1]);
const NODES = 4;
const senders = Int32Array.of(0, 1, 2, 3, 3, 0, 1);
const receivers = Int32Array.of(1, 1, 1, 0, 0, 3, 3);
const EDGES = senders.length;
const x = Float32Array.from({ length: 2 * NODES }, () => random.normal());
const factors = Float32Array.from({ length: EDGES }, () => random.uniform());
const feed = { x, senders, receivers, factor: factors };

/** A program over the little graph, and its output with weighed messages, in rows. */
function weighed(build: (x: Tensor, senders: Tensor, receivers: Tensor) => Tensor): number[][] {
  const trace = new Trace();
  const y = build(
    trace.input('x', ['nodes', 2]),
    trace.input('senders', ['edges'], 'i32'),
    trace.input('receivers', ['edges'], 'i32'),
  );
  const program = weighMessages(trace.program({ y }), { indices: ['receivers'] }, factor);
  return rowsOf(interpret(program, feed).outputs.y, 2);
}

/** Of each node, from the edges that enter it. */
function perNode(value: (edges: number[]) => number[]): number[][] {
  return Array.from({ length: NODES }, (_, node) =>
    value(Array.from(senders.keys()).filter((edge) => receivers[edge] === node)),
  );
}

const column = (h: Tensor, at: number) => slice(h, at, at + 1);
const message = (edge: number) => [x[2 * senders[edge]], x[2 * senders[edge] + 1]];
const total = (edges: number[], weight: (edge: number) => number) =>
  [0, 1].map((k) => edges.reduce((sum, edge) => sum + weight(edge) * message(edge)[k], 0));
const expectRows = (actual: number[][], expected: number[][]) =>
  expect(relativeError(actual.flat(), expected.flat())).toBeLessThan(1e-7);

describe('messages weighed', () => {
  it('are multiplied in a sum', () => {
    const actual = weighed((h, from, to) => segmentSum(gather(h, from), to, 'nodes'));
    expectRows(
      actual,
      perNode((edges) => total(edges, (edge) => factors[edge])),
    );
  });

  it('are multiplied before a maximum', () => {
    const actual = weighed((h, from, to) => segmentMax(gather(h, from), to, 'nodes'));
    expectRows(
      actual,
      perNode((edges) =>
        [0, 1].map((k) =>
          edges.length === 0 ? 0 : Math.max(...edges.map((edge) => factors[edge] * message(edge)[k])),
        ),
      ),
    );
  });

  it('leave the number by which a mean divides', () => {
    const actual = weighed((h, from, to) => {
      const ones = gather(expand(h.trace.constant(1), column(h, 0)), from);
      return div(segmentSum(gather(h, from), to, 'nodes'), max(segmentSum(ones, to, 'nodes'), 1));
    });
    expectRows(
      actual,
      perNode((edges) => total(edges, (edge) => factors[edge] / edges.length)),
    );
  });

  it('leave degrees by which a sender is scaled', () => {
    const actual = weighed((h, from, to) => {
      const ones = gather(expand(h.trace.constant(1), column(h, 0)), from);
      const scale = reciprocal(sqrt(add(segmentSum(ones, to, 'nodes'), 1)));
      return mul(segmentSum(gather(mul(h, scale), from), to, 'nodes'), scale);
    });
    const scale = perNode((edges) => [1 / Math.sqrt(edges.length + 1)]).flat();
    expectRows(
      actual,
      perNode((edges) => total(edges, (edge) => factors[edge] * scale[senders[edge]])).map((row, node) =>
        row.map((value) => value * scale[node]),
      ),
    );
  });

  it('leave the norm of an attention, of any rank', () => {
    const actual = weighed((h, from, to) => {
      // One head: the score of an edge is its sender's first value.
      const scores = gather(mul(h, h.trace.constant([1, 0], [1, 2])), from);
      const score = reshape(add(column(scores, 0), column(scores, 1)), ['edges', 1]);
      const powers = exp(sub(score, gather(stopGradient(segmentMax(score, to, 'nodes')), to)));
      const values = mul(reshape(gather(h, from), ['edges', 1, 2]), reshape(powers, ['edges', 1, 1]));
      const sums = segmentSum(values, to, 'nodes');
      const norm = max(segmentSum(powers, to, 'nodes'), 0.5);
      return reshape(div(sums, reshape(norm, ['nodes', 1, 1])), ['nodes', 2]);
    });
    expectRows(
      actual,
      perNode((edges) => {
        const norm = edges.reduce((sum, edge) => sum + Math.exp(message(edge)[0]), 0);
        return total(edges, (edge) => (factors[edge] * Math.exp(message(edge)[0])) / norm);
      }),
    );
  });

  it('are found behind a concatenation', () => {
    const actual = weighed((h, from, to) => {
      const sums = segmentSum(gather(h, from), to, 'nodes');
      return concat([column(sums, 1), column(sums, 0)]);
    });
    expectRows(
      actual,
      perNode((edges) => total(edges, (edge) => factors[edge]).reverse()),
    );
  });

  it('are refused where there are none', () => {
    const trace = new Trace();
    const h = trace.input('x', ['nodes', 2]);
    const from = trace.input('senders', ['edges'], 'i32');
    const program = trace.program({ y: gather(h, from) });
    expect(() => weighMessages(program, { indices: ['receivers'] }, factor)).toThrow('receivers');
    expect(() => weighMessages(program, { indices: ['senders'] }, factor)).toThrow('nothing over senders');
  });
});

describe.each([
  ['as it is written', (program: Program) => program],
  ['with products before gathers', splitGatherMatmul],
])('a graph network %s', (_how, rewrite) => {
  const { program, graph, feed: given } = graphProgram(random);
  const messages = { indices: ['receivers', 'edgeGraph'] };
  const masked = weighMessages(rewrite(program), messages, factor);

  it('says the same where every edge counts whole', () => {
    const whole = interpret(masked, { ...given, factor: new Float32Array(graph.edgeCount).fill(1) });
    const plain = interpret(program, given);
    for (const name of ['nodes', 'graphs'])
      expect(relativeError(whole.outputs[name], plain.outputs[name])).toBeLessThan(1e-12);
  });

  it('says without an edge what it says where the edge counts nothing', () => {
    const kept = Array.from({ length: graph.edgeCount }, (_, edge) => edge).filter((edge) => edge % 3 !== 1);
    const pick = (values: Int32Array) => Int32Array.from(kept, (edge) => values[edge]);
    const without = interpret(program, {
      ...given,
      senders: pick(graph.senders),
      receivers: pick(graph.receivers),
      edgeGraph: pick(graph.edgeGraph),
      edgeFeatures: Float32Array.from(
        kept.flatMap((edge) => [
          ...given.edgeFeatures.subarray(edge * GRAPH_WIDTH, (edge + 1) * GRAPH_WIDTH),
        ]),
      ),
    });
    const silent = Float32Array.from({ length: graph.edgeCount }, (_, edge) => (edge % 3 === 1 ? 0 : 1));
    const muted = interpret(masked, { ...given, factor: silent });
    for (const name of ['nodes', 'graphs'])
      expect(relativeError(muted.outputs[name], without.outputs[name])).toBeLessThan(1e-12);
  });
});
