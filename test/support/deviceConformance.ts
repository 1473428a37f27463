import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import type { Device, Feed } from '../../core/device/types.ts';
import { elementCount, gradients, interpret, type Program, Trace } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { caseInputs, OP_CASES, type OpCase, traceCase } from './opCases.ts';
import { GRAPH_KINDS, kindOf, randomInputs, randomProgram } from './randomProgram.ts';
import { relativeError } from './relativeError.ts';

/** What the float32 of a device may differ from the float64 reference. */
const TOLERANCE = 1e-4;

/** What every device must do, measured against the reference interpreter. */
export function conformance(
  name: string,
  openDevice: () => Promise<Device>,
  programSeeds: readonly number[],
): void {
  describe(`${name} as a device`, () => {
    let device: Device;
    beforeAll(async () => {
      device = await openDevice();
    });
    afterAll(() => device.dispose());

    const expectReference = async (
      program: Program,
      feed: Feed,
      state: Record<string, Float32Array> = {},
    ) => {
      const executable = await device.compile(program);
      for (const [entry, values] of Object.entries(state)) await executable.setState(entry, values);
      const expected = interpret(program, { ...feed, ...state });
      const outputs = await executable.run(feed);
      for (const [output, values] of Object.entries(expected.outputs))
        expect(relativeError(outputs[output], values), output).toBeLessThanOrEqual(TOLERANCE);
      for (const [entry, values] of Object.entries(expected.state))
        expect(relativeError(await executable.getState(entry), values), entry).toBeLessThanOrEqual(TOLERANCE);
      await executable.dispose();
    };

    describe('each operation and its gradient', () => {
      it.each(OP_CASES)('$kind: $name', async (opCase) => {
        for (const sizes of [
          { nodes: 37, edges: 150 },
          { nodes: 1, edges: 1 },
          { nodes: 6, edges: 0 },
          { nodes: 0, edges: 0 },
        ])
          await expectReference(...caseWithGradients(opCase, new Map(Object.entries(sizes))));
      });
    });

    it('takes inputs once that are the same in every run', async () => {
      const trace = new Trace();
      const [x, table, row] = [
        trace.input('x', ['n', 2]),
        trace.input('table', [3, 2]),
        trace.input('row', [2]),
      ];
      const chosen = o.gather(table, trace.input('index', ['n'], 'i32'));
      const program = trace.program({
        y: o.mul(o.add(x, chosen), o.gather(row, trace.input('order', [2], 'i32'))),
      });
      const executable = await device.compile(program, {
        table: Float32Array.of(1, 2, 3, 4, 5, 6),
        row: Float32Array.of(10, 100),
        order: Int32Array.of(1, 0),
      });
      const run = async (x: number[], index: number[]) => [
        ...(await executable.run({ x: Float32Array.from(x), index: Int32Array.from(index) })).y,
      ];
      expect(await run([0, 0, 1, 1], [2, 0])).toEqual([500, 60, 200, 30]);
      expect(await run([0, 1], [1])).toEqual([300, 50]);
      await executable.dispose();
    });

    it.each(programSeeds.map((seed) => [seed, kindOf(seed)] as const))(
      'runs random program %i on graphs: %s',
      async (seed, kind) => {
        const random = new Random(seed);
        const program = randomProgram(random);
        const { feed, parameters } = randomInputs(random, kind);
        await expectReference(program, feed, { parameters });
      },
    );

    it('takes other sizes with each run', async () => {
      const random = new Random(7);
      const program = randomProgram(random);
      const executable = await device.compile(program);
      for (const kind of [...GRAPH_KINDS, ...GRAPH_KINDS]) {
        const { feed, parameters } = randomInputs(random, kind, 5 + random.int(60));
        await executable.setState('parameters', parameters);
        const { outputs } = interpret(program, { ...feed, parameters });
        const result = await executable.run(feed);
        for (const [output, values] of Object.entries(outputs))
          expect(relativeError(result[output], values), `${kind} ${output}`).toBeLessThanOrEqual(TOLERANCE);
      }
      await executable.dispose();
    });

    it('gives the same bits for the same inputs', async () => {
      const random = new Random(8);
      const program = randomProgram(random, { operations: 20 });
      const { feed, parameters } = randomInputs(random, 'hub', 50);
      const executable = await device.compile(program);
      const runOnce = async () => {
        await executable.setState('parameters', parameters);
        return { ...(await executable.run(feed)), state: await executable.getState('parameters') };
      };
      const first = await runOnce();
      for (let i = 0; i < 10; i++) expect(await runOnce()).toEqual(first);
      await executable.dispose();
    });

    it.each([9, 64, 65, 1000, 10_000])(
      'sums a hub of %i rows, and finds its largest, beside nodes of few or none',
      async (degree) => {
        const random = new Random(degree);
        const trace = new Trace();
        const x = trace.input('x', ['edges', 4]);
        const index = trace.input('index', ['edges'], 'i32');
        trace.input('nodes', ['nodes']);
        const program = trace.program({
          sum: o.segmentSum(x, index, 'nodes'),
          largest: o.segmentMax(o.sub(x, 2), index, 'nodes'),
        });
        const few = Array.from({ length: 40 }, () => 10 + random.int(20));
        const rows = random.shuffle([...new Array<number>(degree).fill(5), ...few]);
        await expectReference(program, {
          x: Float32Array.from({ length: rows.length * 4 }, () => random.uniform()),
          index: Int32Array.from(rows),
          nodes: new Float32Array(35),
        });
      },
    );

    it('draws the same bits as the reference, whatever the shape', async () => {
      const trace = new Trace();
      trace.input('rows', ['rows']);
      const seed = trace.input('seed', [], 'i32');
      const program = trace.program({
        rows: o.random(seed, 3, ['rows', 7]),
        scalar: o.random(seed, 0xffffffff, []),
        used: o.step(o.sub(o.random(seed, 4, ['rows', 2]), 0.5)),
      });
      const executable = await device.compile(program);
      for (const at of [0, 1, -1, 0x7fffffff, -0x80000000]) {
        const feed = { rows: new Float32Array(301), seed: Int32Array.of(at) };
        const { outputs } = interpret(program, feed);
        for (const [name, values] of Object.entries(await executable.run(feed)))
          expect(values, name).toEqual(Float32Array.from(outputs[name]));
      }
      await executable.dispose();
    });

    it('steps at 0 and stays finite at the ends of the range', async () => {
      const trace = new Trace();
      const x = trace.input('x', ['n']);
      const program = trace.program({
        step: o.step(x),
        sign: o.sign(x),
        relu: o.relu(x),
        sigmoid: o.sigmoid(x),
        softplus: o.softplus(x),
        tanh: o.tanh(x),
      });
      const values = [0, -0, 1.2e-38, -1.2e-38, 1e-20, -1e-20, 0.5, -0.5, 90, -90, 3e38, -3e38];
      const executable = await device.compile(program);
      const outputs = await executable.run({ x: Float32Array.from(values) });
      expect([...outputs.step]).toEqual([0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
      expect([...outputs.sign].map((sign) => sign + 0)).toEqual([0, 0, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1]);
      expect([...outputs.relu].slice(-4)).toEqual([90, 0, Math.fround(3e38), 0]);
      expect([...outputs.sigmoid].every((y) => y >= 0 && y <= 1)).toBe(true);
      expect([...outputs.softplus].every((y) => Number.isFinite(y) && y >= 0)).toBe(true);
      expect([...outputs.tanh].slice(-2)).toEqual([1, -1]);
      await executable.dispose();
    });

    it('gives inputs, constants and the same value under two names as outputs', async () => {
      const trace = new Trace();
      const x = trace.input('x', ['n', 2]);
      const y = o.mul(x, 2);
      const four = trace.constant([1, 2, 3, 4], [2, 2]);
      await expectReference(trace.program({ x, y, z: y, four, same: o.stopGradient(x) }), {
        x: Float32Array.of(1, 2, 3, 4, 5, 6),
      });
    });

    describe('state', () => {
      const counter = () => {
        const trace = new Trace();
        const total = trace.input('total', [2]);
        const added = trace.input('added', [2]);
        trace.input('before', [2]);
        return trace.program({ seen: o.add(total, 0) }, { total: o.add(total, added), before: total });
      };

      it('is replaced after each run, entries at once', async () => {
        const executable = await device.compile(counter());
        await executable.setState('total', Float32Array.of(1, 2));
        await executable.setState('before', Float32Array.of(0, 0));
        expect([...(await executable.run({ added: Float32Array.of(10, 20) })).seen]).toEqual([1, 2]);
        expect([...(await executable.run({ added: Float32Array.of(100, 200) })).seen]).toEqual([11, 22]);
        expect([...(await executable.getState('total'))]).toEqual([111, 222]);
        expect([...(await executable.getState('before'))]).toEqual([11, 22]);
        await executable.dispose();
      });

      it('passes from run to run in the order of the calls, awaited or not', async () => {
        const executable = await device.compile(counter());
        await executable.setState('total', Float32Array.of(0, 0));
        await executable.setState('before', Float32Array.of(0, 0));
        const runs = [1, 2, 3, 4, 5].map((n) => executable.run({ added: Float32Array.of(n, 10 * n) }));
        const state = executable.getState('total');
        const seen = (await Promise.all(runs)).map((outputs) => [...outputs.seen]);
        expect(seen).toEqual([
          [0, 0],
          [1, 10],
          [3, 30],
          [6, 60],
          [10, 100],
        ]);
        expect([...(await state)]).toEqual([15, 150]);
        await executable.dispose();
      });

      it('stays as it was when a run fails, with those called behind it', async () => {
        const executable = await device.compile(counter());
        await executable.setState('total', Float32Array.of(1, 2));
        await executable.setState('before', Float32Array.of(0, 0));
        const results = await Promise.allSettled([
          executable.run({ added: Float32Array.of(0) }),
          executable.run({ added: Float32Array.of(10, 20) }),
        ]);
        expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
        expect([...(await executable.getState('total'))]).toEqual([1, 2]);
        expect([...(await executable.run({ added: Float32Array.of(10, 20) })).seen]).toEqual([1, 2]);
        await executable.dispose();
      });

      it('is copied in and out', async () => {
        const executable = await device.compile(counter());
        const given = Float32Array.of(1, 2);
        await executable.setState('total', given);
        await executable.setState('before', given);
        given.fill(7);
        const got = await executable.getState('total');
        expect([...got]).toEqual([1, 2]);
        got.fill(9);
        await executable.run({ added: Float32Array.of(0, 0) });
        expect([...(await executable.getState('total'))]).toEqual([1, 2]);
        await executable.dispose();
      });

      it('must be set, known and of its size', async () => {
        const executable = await device.compile(counter());
        await executable.setState('total', Float32Array.of(1, 2));
        await expect(executable.run({ added: Float32Array.of(0, 0) })).rejects.toThrow('"before"');
        await expect(executable.setState('added', Float32Array.of(0, 0))).rejects.toThrow('"added"');
        await expect(executable.setState('total', Float32Array.of(0))).rejects.toThrow('"total"');
        await executable.dispose();
      });
    });

    describe('refuses', () => {
      const gathered = () => {
        const trace = new Trace();
        const x = trace.input('x', ['nodes', 2]);
        const index = trace.input('index', ['edges'], 'i32');
        return trace.program({ y: o.gather(x, index) });
      };
      const x = new Float32Array(8);

      it.each([
        ['a missing input', { x }, '"index"'],
        ['an input of another length', { x: new Float32Array(7), index: Int32Array.of(0) }, '"x"'],
        ['an input of another type', { x, index: Float32Array.of(0) }, '"index"'],
        ['an index beyond the rows', { x, index: Int32Array.of(1, 4) }, '"index"'],
        ['an index below 0', { x, index: Int32Array.of(-1, 2) }, '"index"'],
      ])('%s, and works afterwards', async (_what, feed, named) => {
        const executable = await device.compile(gathered());
        await expect(executable.run(feed as Feed)).rejects.toThrow(named);
        expect((await executable.run({ x, index: Int32Array.of(1) })).y).toHaveLength(2);
        await executable.dispose();
      });

      it('a program that was disposed of', async () => {
        const executable = await device.compile(gathered());
        await executable.dispose();
        await executable.dispose();
        await expect(executable.run({ x, index: Int32Array.of(1) })).rejects.toThrow();
      });
    });

    it('runs two programs side by side', async () => {
      const programOf = (factor: number) => {
        const trace = new Trace();
        const x = trace.input('x', ['n']);
        const total = trace.input('total', []);
        return trace.program({ y: o.mul(x, factor) }, { total: o.add(total, o.sum(x)) });
      };
      const [a, b] = await Promise.all([device.compile(programOf(2)), device.compile(programOf(3))]);
      await a.setState('total', Float32Array.of(0));
      await b.setState('total', Float32Array.of(100));
      const x = Float32Array.of(1, 2);
      const [fromA, fromB] = await Promise.all([a.run({ x }), b.run({ x })]);
      expect([[...fromA.y], [...fromB.y]]).toEqual([
        [2, 4],
        [3, 6],
      ]);
      expect([...(await a.getState('total')), ...(await b.getState('total'))]).toEqual([3, 103]);
      await a.dispose();
      await b.dispose();
    });

    it('trains a small network to a line and a bend', async () => {
      const { program, feed, parameters } = regression();
      const executable = await device.compile(program);
      await executable.setState('parameters', parameters);
      let loss = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 300; i++) loss = (await executable.run(feed)).loss[0];
      expect(loss).toBeLessThan(0.01);
      await executable.dispose();
    });
  });
}

function caseWithGradients(opCase: OpCase, sizes: ReadonlyMap<string, number>): [Program, Feed] {
  const { trace, inputs, result } = traceCase(opCase);
  const random = new Random(21);
  const wrt = Object.values(inputs).filter(({ dtype }) => dtype === 'f32');
  const direction = trace.input('direction', result.shape);
  const loss = o.sum(o.mul(result, direction));
  const outputs = { result, loss };
  gradients(loss, wrt).forEach((derivative, i) => void Object.assign(outputs, { [`d${i}`]: derivative }));
  const values = caseInputs(opCase, sizes, random);
  const count = elementCount(result.shape, sizes);
  const feed: Record<string, Float32Array | Int32Array> = {
    direction: Float32Array.from({ length: count }, () => random.normal()),
  };
  for (const [input, array] of Object.entries(values))
    feed[input] = array instanceof Int32Array ? array : Float32Array.from(array);
  return [trace.program(outputs), feed];
}

/** y = 0.5·x₀ + relu(x₁), by a hidden layer of eight and gradient descent. */
function regression(): { program: Program; feed: Feed; parameters: Float32Array } {
  const trace = new Trace();
  const x = trace.input('x', ['rows', 2]);
  const y = trace.input('y', ['rows', 1]);
  const flat = trace.input('parameters', [33]);
  const hidden = o.relu(o.add(o.matmul(x, o.view(flat, 0, [2, 8])), o.view(flat, 16, [8])));
  const predicted = o.add(o.matmul(hidden, o.view(flat, 24, [8, 1])), o.view(flat, 32, [1]));
  const loss = o.mean(o.square(o.sub(predicted, y)));
  const [gradient] = gradients(loss, [flat]);
  const program = trace.program({ loss }, { parameters: o.sub(flat, o.mul(gradient, 0.2)) });

  const random = new Random(2);
  const points = Array.from({ length: 64 }, () => [random.normal(), random.normal()]);
  return {
    program,
    feed: {
      x: Float32Array.from(points.flat()),
      y: Float32Array.from(points, ([a, b]) => 0.5 * a + Math.max(0, b)),
    },
    parameters: Float32Array.from({ length: 33 }, () => 0.5 * random.normal()),
  };
}
