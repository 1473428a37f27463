import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  CHUNK_ROWS,
  layOutSegments,
  offsetsOf,
} from '../../core/device/webgpu/kernels/segmentSum/segments.ts';
import { lower } from '../../core/device/webgpu/plan/lower.ts';
import type { Plan } from '../../core/device/webgpu/plan/plan.ts';
import { gradients, type Tensor, Trace } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { randomProgram } from '../support/randomProgram.ts';

const familiesOf = (plan: Plan) => plan.kernels.map(({ name }) => name.split(' ')[0]);

describe('the plan of a WebGPU program', () => {
  it('makes a chain of element-wise operations one kernel, broadcasting and expanding included', () => {
    const trace = new Trace();
    const x = trace.input('x', ['n', 8]);
    const bias = trace.input('bias', [8]);
    const y = o.mul(o.stopGradient(o.relu(o.add(x, bias))), o.div(1, trace.size('n')));
    const plan = lower(trace.program({ y: o.add(y, o.expand(bias, x)) }), { maxBindings: 8 });
    // The second kernel divides 1 by the size, once instead of once for each element.
    expect(familiesOf(plan)).toEqual(['elementwise', 'elementwise']);
    expect(plan.kernels[1].reads).toHaveLength(3);
  });

  it('updates parameters and both moments in one kernel, straight into their next state', () => {
    const trace = new Trace();
    const [p, m, v, g] = ['p', 'm', 'v', 'g'].map((name) => trace.input(name, [100]));
    const m1 = o.add(o.mul(m, 0.9), o.mul(g, 0.1));
    const v1 = o.add(o.mul(v, 0.9), o.mul(o.square(g), 0.1));
    const p1 = o.sub(p, o.div(m1, o.add(o.sqrt(v1), 1e-8)));
    const plan = lower(trace.program({}, { p: p1, m: m1, v: v1 }), { maxBindings: 8 });
    expect(familiesOf(plan)).toEqual(['elementwise']);
    expect(plan.stateCopies).toEqual([]);
    expect(plan.slots).toEqual([]);
  });

  it('does not fuse around an operation that needs one half and feeds the other', () => {
    const trace = new Trace();
    const x = trace.input('x', ['n', 4]);
    const a = o.exp(x);
    const plan = lower(trace.program({ y: o.mul(a, o.sub(o.sum(a, [1], true), x)) }), { maxBindings: 8 });
    // The first half is computed by the sum's kernel, which reads it anyway.
    expect(familiesOf(plan)).toEqual(['sum', 'elementwise']);
  });

  it('leaves what only the backward pass needs to the backward pass', () => {
    const trace = new Trace();
    const x = trace.input('x', ['n', 4]);
    const w = trace.input('w', [4, 4]);
    const hidden = o.tanh(o.matmul(x, w));
    const [gradient] = gradients(o.sum(o.square(o.matmul(hidden, w))), [w]);
    const plan = lower(trace.program({ gradient }), { maxBindings: 8 });
    const forward = plan.kernels.filter(({ name }) => name.startsWith('elementwise'))[0];
    expect(forward.writes).toHaveLength(1);
  });

  it('takes bias, activation and residual into the product, whose rows it reads through an index', () => {
    const trace = new Trace();
    const [x, kept] = [trace.input('x', ['nodes', 8]), trace.input('kept', ['edges', 6])];
    const index = trace.input('index', ['edges'], 'i32');
    const [w, bias] = [trace.input('w', [8, 6]), trace.input('bias', [6])];
    const y = o.add(kept, o.relu(o.add(o.matmul(o.gather(x, index), w), bias)));
    const plan = lower(trace.program({ y }), { maxBindings: 8 });
    expect(familiesOf(plan)).toEqual(['matmul']);
    expect(plan.slots).toHaveLength(1);
  });

  it('adds gathered products up in one product, without making what was gathered', () => {
    const trace = new Trace();
    const [e, x] = [trace.input('e', ['edges', 8]), trace.input('x', ['nodes', 8])];
    const [s, r] = ['s', 'r'].map((name) => trace.input(name, ['edges'], 'i32'));
    const w = ['a', 'b', 'c'].map((name) => trace.input(name, [8, 8]));
    const sum = o.add(
      o.add(o.matmul(e, w[0]), o.gather(o.matmul(x, w[1]), s)),
      o.gather(o.matmul(x, w[2]), r),
    );
    const plan = lower(trace.program({ y: o.relu(sum) }), { maxBindings: 8 });
    expect(familiesOf(plan)).toEqual(['matmul', 'matmul', 'matmul']);
  });

  it('reads joined matrices and windows of columns where they lie', () => {
    const trace = new Trace();
    const [x, y] = [trace.input('x', ['nodes', 4]), trace.input('y', ['graphs', 3])];
    const graph = trace.input('graph', ['nodes'], 'i32');
    const w = trace.input('w', [7, 10]);
    const product = o.matmul(o.concat([x, o.gather(y, graph)]), w);
    const [left, right] = [o.slice(product, 0, 5), o.slice(product, 5, 10)];
    const pooled = o.segmentSum(right, graph, 'graphs');
    const program = trace.program({ gated: o.mul(left, o.sigmoid(right)), pooled });
    const families = familiesOf(lower(program, { maxBindings: 8 }));
    expect(new Set(families)).toEqual(new Set(['matmul', 'elementwise', 'segmentSum']));
    expect(families.filter((family) => family !== 'segmentSum')).toHaveLength(2);
  });

  it('computes what a segment sum adds up while adding, and what follows on it', () => {
    const trace = new Trace();
    const x = trace.input('x', ['nodes', 4]);
    const scale = trace.input('scale', ['edges', 1]);
    const [s, r] = ['s', 'r'].map((name) => trace.input(name, ['edges'], 'i32'));
    const y = o.relu(o.segmentSum(o.mul(o.gather(x, s), scale), r, 'nodes'));
    const plan = lower(trace.program({ y }), { maxBindings: 8 });
    expect(new Set(familiesOf(plan))).toEqual(new Set(['segmentSum']));
    expect(plan.slots).toHaveLength(2);
  });

  it('adds the parts of all gradients up by one dispatch, and updates all parameters by a handful', () => {
    const trace = new Trace();
    const x = trace.input('x', ['n', 4]);
    const flat = trace.input('flat', [60]);
    const layer = (from: number, input: Tensor) =>
      o.relu(o.add(o.matmul(input, o.view(flat, from, [4, 4])), o.view(flat, from + 16, [4])));
    const y = layer(40, layer(20, layer(0, x)));
    const [gradient] = gradients(o.sum(o.square(y)), [flat]);
    const norm = o.sqrt(o.sum(o.square(gradient)));
    const next = o.sub(flat, o.mul(gradient, o.min(o.div(1, norm), 1)));
    const plan = lower(trace.program({ norm }, { flat: next }), { maxBindings: 8 });
    const families = familiesOf(plan);
    const totals = families.indexOf('totals');
    expect(families.filter((family) => family === 'totals')).toHaveLength(1);
    expect(families.slice(totals + 1)).toEqual(['sum', 'elementwise']);
    expect(plan.kernels.filter(({ name }) => name.includes('(total)'))).toEqual([]);
  });

  it('computes gradients in their place in the pack', () => {
    const trace = new Trace();
    const x = trace.input('x', ['n', 4]);
    const flat = trace.input('flat', [20]);
    const y = o.add(o.matmul(x, o.view(flat, 0, [4, 4])), o.view(flat, 16, [4]));
    const [gradient] = gradients(o.sum(o.square(y)), [flat]);
    const plan = lower(trace.program({ gradient }), { maxBindings: 8 });
    expect(familiesOf(plan)).not.toContain('pack');
  });

  it('never exceeds the bindings of a shader stage', () => {
    for (let seed = 0; seed < 20; seed++)
      for (const { name, reads, writes } of lower(randomProgram(new Random(seed)), { maxBindings: 8 })
        .kernels)
        expect(reads.length + writes.length, name).toBeLessThanOrEqual(8);
  });

  it('shares a slot only between values that are not alive together', () => {
    let shared = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { kernels, storage, outputs, slots } = lower(randomProgram(new Random(seed)), { maxBindings: 8 });
      const slotOf = (root: number) => {
        const entry = storage[root];
        return entry.kind === 'slot' ? entry.slot : undefined;
      };
      // Replays the dispatches: what a kernel reads must be what was written under that name.
      const holds = new Map<number, number>();
      for (const { name, reads, writes } of kernels) {
        for (const root of reads)
          if (slotOf(root) !== undefined) expect(holds.get(slotOf(root)!), name).toBe(root);
        for (const root of writes) if (slotOf(root) !== undefined) holds.set(slotOf(root)!, root);
      }
      for (const { place } of outputs)
        if (slotOf(place.root) !== undefined) expect(holds.get(slotOf(place.root)!)).toBe(place.root);
      shared += storage.filter(({ kind }) => kind === 'slot').length - slots.length;
    }
    expect(shared).toBeGreaterThan(40);
  });
});

describe('the layout of segments', () => {
  it('holds every row once, by segment and in order, and cuts hubs into chunks', () => {
    const random = new Random(5);
    const segments = 40;
    const index = Int32Array.from({ length: 3000 }, () =>
      random.uniform() < 0.6 ? 7 : random.int(segments - 1),
    );
    const { data, chunks, hubs } = layOutSegments(index, segments);
    const at = offsetsOf(segments, index.length, chunks, hubs);
    expect(data).toHaveLength(at.end);
    for (let segment = 0; segment < segments; segment++) {
      const expected = [...index.keys()].filter((row) => index[row] === segment);
      expect([...data.subarray(at.order + data[segment], at.order + data[segment + 1])]).toEqual(expected);
    }
    expect([...data.subarray(at.hubSegment, at.hubSegment + hubs)]).toEqual([7]);
    expect(chunks).toBe(Math.ceil((data[8] - data[7]) / CHUNK_ROWS));
    let next = data[7];
    for (let chunk = 0; chunk < chunks; chunk++) {
      expect(data[at.chunkBegin + chunk]).toBe(next);
      next = data[at.chunkEnd + chunk];
      expect(next - data[at.chunkBegin + chunk]).toBeLessThanOrEqual(CHUNK_ROWS);
    }
    expect(next).toBe(data[8]);
    expect([...data.subarray(at.hubFirstChunk)]).toEqual([0, chunks]);
  });

  it('takes no rows, and no segments', () => {
    expect([...layOutSegments(new Int32Array(0), 2).data]).toEqual([0, 0, 0, 0]);
    expect([...layOutSegments(new Int32Array(0), 0).data]).toEqual([0, 0]);
  });
});
