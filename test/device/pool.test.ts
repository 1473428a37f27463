import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { createCpuDevice, DevicePool, type Feed, openPool, poolSize } from '../../core/device/index.ts';
import { type Program, Trace } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { RunsAhead } from '../../core/train/index.ts';

const WIDTH = 5;

/** y = Σ over incoming edges of (x · kernel)[sender], whose kernel is the same in every run. */
function messages(): Program {
  const trace = new Trace();
  const x = trace.input('x', ['nodes', WIDTH]);
  const kernel = trace.input('kernel', [WIDTH, WIDTH]);
  const sent = o.gather(o.matmul(x, kernel), trace.input('senders', ['edges'], 'i32'));
  return trace.program({ y: o.segmentSum(sent, trace.input('receivers', ['edges'], 'i32'), 'nodes') });
}

const random = new Random(4);
const fixed = { kernel: Float32Array.from({ length: WIDTH * WIDTH }, () => random.normal()) };
const feeds = Array.from({ length: 30 }, (_, i): Feed => {
  const [nodes, edges] = [3 + 17 * i, 50 * i];
  const index = () => Int32Array.from({ length: edges }, () => random.int(nodes));
  return {
    x: Float32Array.from({ length: nodes * WIDTH }, () => random.normal()),
    senders: index(),
    receivers: index(),
  };
});

/** [30] outputs by one device of one thread, run after run. */
async function plainly(): Promise<Float32Array[]> {
  const device = await createCpuDevice({ threads: 1 });
  const executable = await device.compile(messages(), fixed);
  const outputs: Float32Array[] = [];
  for (const feed of feeds) outputs.push((await executable.run(feed)).y);
  await device.dispose();
  return outputs;
}

describe('a pool of devices', () => {
  let pool: DevicePool;
  beforeAll(() => {
    pool = new DevicePool(3);
  });
  afterAll(() => pool.dispose());

  it('says what it is', async () => {
    expect(pool.kind).toBe('cpu');
    expect(pool.description).toMatch(/^3 CPU devices of one thread \(ONNX Runtime 1\.\d+\.\d+\)$/);
    const opened = await openPool('cpu');
    expect(opened.description).toMatch(new RegExp(`^${poolSize()} CPU device`));
    await opened.dispose();
  });

  it('has a device for each core, as far as one thread feeds them and memory goes', () => {
    const GiB = 2 ** 30;
    expect(poolSize(2, 8 * GiB)).toBe(2);
    expect(poolSize(64, 256 * GiB)).toBe(8);
    expect(poolSize(16, 4 * GiB)).toBe(4);
    expect(poolSize(2, GiB / 4)).toBe(1);
  });

  it('gives the bits of one device, in the order of the runs, however many there are', async () => {
    const expected = await plainly();
    for (const size of [1, 3]) {
      const own = new DevicePool(size);
      const executable = await own.compile(messages(), fixed);
      expect(executable.sideBySide).toBe(size);
      const runs = new RunsAhead(executable);
      const outputs: Float32Array[] = [];
      for (const feed of feeds) await runs.start(feed, ({ y }) => outputs.push(y));
      await runs.end();
      expect(outputs).toEqual(expected);
      await own.dispose();
    }
  });

  it('works on while its caller does something else', async () => {
    const executable = await pool.compile(messages(), fixed);
    const done: number[] = [];
    const runs = feeds.map((feed, i) => executable.run(feed).then(() => done.push(i)));
    expect(done).toEqual([]);
    await Promise.all(runs);
    expect(done.toSorted((a, b) => a - b)).toEqual([...feeds.keys()]);
    await executable.dispose();
  });

  it('tells which run failed, and goes on with the others', async () => {
    const executable = await pool.compile(messages(), fixed);
    const wrong = { ...feeds[1], senders: feeds[1].senders.map(() => 999) };
    const [good, bad] = await Promise.allSettled([executable.run(feeds[1]), executable.run(wrong)]);
    expect(good.status).toBe('fulfilled');
    expect(bad).toMatchObject({
      reason: { code: 'internal', message: expect.stringContaining('index input "senders" holds') },
    });
    expect((await executable.run(feeds[2])).y).toHaveLength(feeds[2].x.length);
    await executable.dispose();
  });

  it('tells of programs that cannot be compiled or have a state, and of those disposed of', async () => {
    const trace = new Trace();
    const weights = trace.input('weights', [2]);
    const stateful = trace.program({ y: o.sum(weights) }, { weights: o.mul(weights, 2) });
    await expect(pool.compile(stateful)).rejects.toThrow('no program with a state');
    await expect(pool.compile(messages(), { nothing: Float32Array.of(1) })).rejects.toThrow('"nothing"');
    const executable = await pool.compile(messages(), fixed);
    await executable.dispose();
    await expect(executable.run(feeds[0])).rejects.toThrow('disposed of');
  });

  it('says so when it is asked after its end', async () => {
    const own = new DevicePool(1);
    const executable = await own.compile(messages(), fixed);
    const last = executable.run(feeds[3]);
    await own.dispose();
    expect((await last).y).toHaveLength(feeds[3].x.length);
    await expect(executable.run(feeds[3])).rejects.toMatchObject({ code: 'device' });
    await own.dispose();
  });
});

describe('runs ahead', () => {
  it.each([1, 3])(
    'keep %i device(s) busy, each with one run that waits, and take results up in order',
    async (sideBySide) => {
      const release: (() => void)[] = [];
      let [begun, most] = [0, 0];
      const executable = {
        program: messages(),
        sideBySide,
        run: (feed: Feed) => {
          most = Math.max(most, ++begun - taken.length);
          return new Promise<Record<string, Float32Array>>((resolve) => {
            release.push(() => resolve({ y: feed.x as Float32Array }));
          });
        },
        setState: async () => {},
        getState: async () => new Float32Array(),
        dispose: async () => {},
      };
      const taken: number[] = [];
      const runs = new RunsAhead(executable);
      const asking = (async () => {
        for (let i = 0; i < 20; i++) await runs.start({ x: Float32Array.of(i) }, ({ y }) => taken.push(y[0]));
        await runs.end();
      })();
      // The later of each pair ends first.
      while (taken.length < 20) {
        release
          .splice(0, 2)
          .reverse()
          .forEach((end) => {
            end();
          });
        await new Promise((resolve) => setImmediate(resolve));
      }
      await asking;
      expect(taken).toEqual([...Array(20).keys()]);
      expect(most).toBe(2 * sideBySide);
    },
  );
});
