import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import { type Device, type Feed, openDevice } from '../../../core/device/index.ts';
import { Trace } from '../../../core/tensor/index.ts';
import {
  ADAM_DEFAULTS,
  EmbeddingTable,
  initialTrainingState,
  META_DEFAULTS,
  readTables,
  readWeights,
  runTraining,
  stepScalars,
  TableExecutable,
  type TableOptions,
  type TableSnapshot,
  type TrainingSnapshot,
  type TrainingTask,
  tableInputs,
  trainingProgram,
} from '../../../core/train/index.ts';
import { ITEMS, pairBatches, pairModel, USERS, WIDTH } from '../../support/pairModel.ts';

const START = { seed: 7, spread: 0.5 };
const STEP = { learningRate: 0.1, averageKeep: 0.9 };
const table = (rows: number, options: Partial<TableOptions> = {}) =>
  new EmbeddingTable(USERS, { rows, start: START, ...options }, ADAM_DEFAULTS);

describe('rows at their start', () => {
  const count = 20_000;
  const values = table(count).read(Int32Array.from({ length: count }, (_, row) => row));

  it('depend neither on the size of the table nor on the order of touches', () => {
    const asked = Int32Array.of(17, 3, 4_000_000, 0);
    const small = table(18);
    const { rows } = small.touch([Int32Array.of(17, 0, 3)]);
    const large = table(5_000_000).read(asked);
    expect([...rows.subarray(0, WIDTH)]).toEqual([...large.subarray(0, WIDTH)]);
    expect([...rows.subarray(WIDTH, 2 * WIDTH)]).toEqual([...large.subarray(3 * WIDTH)]);
    expect([...rows.subarray(2 * WIDTH)]).toEqual([...large.subarray(WIDTH, 2 * WIDTH)]);
    expect([...small.read(asked.subarray(0, 2))]).toEqual([...large.subarray(0, 2 * WIDTH)]);
  });

  it('depend on the seed', () => {
    const rows = Int32Array.of(0, 1);
    const other = table(2, { start: { seed: 8, spread: 0.5 } }).read(rows);
    for (let i = 0; i < other.length; i++) expect(other[i]).not.toBe(values[i]);
  });

  it('are uniform in ±spread, and no value tells of its neighbours', () => {
    const n = values.length;
    const mean = (f: (i: number) => number) => values.reduce((sum, _, i) => sum + f(i), 0) / n;
    const variance = 0.5 ** 2 / 3;
    // Five standard errors each.
    expect(Math.abs(mean((i) => values[i]))).toBeLessThan(5 * Math.sqrt(variance / n));
    expect(Math.abs(mean((i) => values[i] ** 2) / variance - 1)).toBeLessThan(5 * Math.sqrt(0.8 / n));
    for (const shift of [1, WIDTH, 2 * WIDTH])
      expect(Math.abs(mean((i) => values[i] * values[(i + shift) % n]))).toBeLessThan(
        (5 * variance) / Math.sqrt(n),
      );
    const cells = new Float64Array(50);
    for (const value of values) cells[Math.floor(((value + 0.5) / 1) * 50)]++;
    const chiSquare = cells.reduce((sum, seen) => sum + (seen - n / 50) ** 2 / (n / 50), 0);
    // 49 degrees of freedom: mean 49, deviation 9.9.
    expect(Math.abs(chiSquare - 49)).toBeLessThan(5 * 9.9);
  });
});

describe('the rows of a batch', () => {
  it('are listed once, in the order of their first place', () => {
    const { rows, indices } = table(100).touch([
      Int32Array.of(9, 2, 9),
      Int32Array.of(2, 50),
      Int32Array.of(),
    ]);
    expect(indices.map((index) => [...index])).toEqual([[0, 1, 0], [1, 2], []]);
    expect([...rows]).toEqual([...table(100).read(Int32Array.of(9, 2, 50))]);
  });

  it('are told apart from those of the batch before', () => {
    const one = table(100);
    one.touch([Int32Array.of(1, 2, 3)]);
    expect([...one.touch([Int32Array.of(3, 1, 4)]).indices[0]]).toEqual([0, 1, 2]);
  });

  it('are all that memory is held for', () => {
    const one = table(5_000_000);
    const random = new Random(1);
    for (let i = 0; i < 10; i++)
      one.touch([Int32Array.from({ length: 100 }, () => 1_000_000 + random.int(300))]);
    expect(one.touchedRows).toBeGreaterThan(250);
    expect(one.touchedRows).toBeLessThanOrEqual(300);
    expect(one.memory().blocks).toHaveLength(1);
  });

  it('may be many more than a block of memory holds', () => {
    const width = 1024;
    const wide = new EmbeddingTable({ ...USERS, width }, { rows: 20_000, start: START }, ADAM_DEFAULTS);
    const every = Int32Array.from({ length: 12_000 }, (_, i) => 19_999 - i);
    const { rows } = wide.touch([every]);
    expect(wide.memory().blocks.length).toBeGreaterThan(1);
    const asked = Int32Array.of(19_999, 8_001, 8_000);
    const [first, nextToLast, last] = [0, 11_998, 11_999].map((i) => rows.slice(i * width, (i + 1) * width));
    expect(wide.read(asked)).toEqual(Float32Array.of(...first, ...nextToLast, ...last));
  });

  it('must be rows of the table', () => {
    expect(() => table(10).touch([Int32Array.of(0, 10)])).toThrow('10 rows');
    expect(() => table(10).touch([Int32Array.of(-1)])).toThrow('row -1');
    expect(() => table(10).read(Int32Array.of(10))).toThrow('row 10');
    expect(() => table(0)).toThrow('"users"');
  });

  it('must get as many gradients', () => {
    const one = table(10);
    one.touch([Int32Array.of(1, 2)]);
    expect(() => one.update(new Float32Array(WIDTH), STEP)).toThrow('2 rows touched, not 1');
  });
});

it('an average that keeps nothing is the row itself', () => {
  const one = table(10, { average: true });
  for (let step = 0; step < 4; step++) {
    one.touch([Int32Array.of(1, step % 2)]);
    one.update(new Float32Array(2 * WIDTH).fill(step - 1.2).subarray(0, (step % 2 === 1 ? 1 : 2) * WIDTH), {
      ...STEP,
      averageKeep: 0,
    });
  }
  const rows = Int32Array.of(0, 1, 2);
  expect(one.read(rows, 'average')).toEqual(one.read(rows));
  expect(one.read(rows)).not.toEqual(table(10).read(rows));
});

describe('the memory of a table', () => {
  it('is read by others while it is trained', () => {
    const one = table(1000);
    one.touch([Int32Array.of(5)]);
    // As a thread gets it by a message.
    const seen = structuredClone(one.memory());
    one.touch([Int32Array.of(5, 6)]);
    one.update(new Float32Array(2 * WIDTH).fill(1), STEP);
    const target = new Float32Array(3 * WIDTH);
    [5, 6, 7].forEach((row, i) => void readWeights(seen, row, target, i * WIDTH));
    expect(target).toEqual(one.read(Int32Array.of(5, 6, 7)));
    expect(target.subarray(0, WIDTH)).not.toEqual(table(1000).read(Int32Array.of(5)));
  });

  it('has starting values for rows whose block came later', () => {
    const one = table(1000);
    const seen = structuredClone(one.memory());
    one.touch([Int32Array.of(5)]);
    one.update(new Float32Array(WIDTH).fill(1), STEP);
    const target = new Float32Array(WIDTH);
    readWeights(seen, 5, target, 0);
    expect(target).toEqual(table(1000).read(Int32Array.of(5)));
  });
});

describe('training with tables', () => {
  const SIZES = { users: 40, items: 30 };
  const { layout, forward } = pairModel();
  const program = trainingProgram(forward, ADAM_DEFAULTS, tableInputs([{ shape: USERS }, { shape: ITEMS }]));
  const batches = pairBatches(1, 20, { ...SIZES, pairs: 9 });
  let device: Device;
  beforeAll(async () => {
    device = await openDevice('cpu');
  });
  afterAll(() => device.dispose());

  const open = async (options: Partial<TableOptions> = { average: true }) => {
    const tables = [
      new EmbeddingTable(USERS, { rows: SIZES.users, start: START, ...options }, ADAM_DEFAULTS),
      new EmbeddingTable(ITEMS, { rows: SIZES.items, start: START, ...options }, ADAM_DEFAULTS),
    ];
    const executable = new TableExecutable(await device.compile(program), tables);
    const state: Record<string, Float32Array> = initialTrainingState(
      layout,
      layout.initialise(new Random(1)),
    );
    for (const [name, values] of Object.entries(state)) await executable.setState(name, values);
    return { tables, executable };
  };
  const run = async ({ executable }: { executable: TableExecutable }, from: number, to: number) => {
    const losses: number[] = [];
    for (let i = from; i < to; i++)
      losses.push(
        (await executable.run({ ...batches[i], ...stepScalars(i + 1, 0.05, ADAM_DEFAULTS) })).loss[0],
      );
    return losses;
  };

  it('goes on after a snapshot to the same bits', async () => {
    const whole = await open();
    const losses = await run(whole, 0, 20);

    const first = await open();
    await run(first, 0, 8);
    const snapshots = first.tables.map((one) => structuredClone(one.snapshot()));
    const state: [string, Float32Array][] = [];
    for (const { name } of program.state) state.push([name, await first.executable.getState(name)]);
    const resumed = await open();
    resumed.tables.forEach((one, i) => void one.restore(snapshots[i]));
    for (const [name, values] of state) await resumed.executable.setState(name, values);
    expect(await run(resumed, 8, 20)).toEqual(losses.slice(8));
    expect(resumed.tables.map((one) => one.snapshot())).toEqual(whole.tables.map((one) => one.snapshot()));
  });

  it('takes one batch after the other when they are not awaited', async () => {
    const [awaited, handed] = [await open(), await open()];
    const losses = await run(awaited, 0, 6);
    const calls = Array.from({ length: 6 }, (_, i) =>
      handed.executable.run({ ...batches[i], ...stepScalars(i + 1, 0.05, ADAM_DEFAULTS) }),
    );
    const state = handed.executable.getState('parameters');
    expect((await Promise.all(calls)).map(({ loss }) => loss[0])).toEqual(losses);
    expect(await state).toEqual(await awaited.executable.getState('parameters'));
    expect(handed.tables.map((one) => one.snapshot())).toEqual(awaited.tables.map((one) => one.snapshot()));
  });

  it('lowers the loss of what it is trained on', async () => {
    const trained = await open();
    const before = await lossOf(trained, 'weights');
    for (let i = 0; i < 10; i++) await run(trained, 0, 5);
    expect(await lossOf(trained, 'weights')).toBeLessThan(0.5 * before);
  });

  it('resumes in the loop after any epoch', async () => {
    const epochs = 4;
    const trainFrom = async (
      { tables, executable }: Awaited<ReturnType<typeof open>>,
      start: TrainingSnapshot,
    ) => {
      const kept: { snapshot: TrainingSnapshot; tables: TableSnapshot[] }[] = [];
      const task: TrainingTask = {
        executable,
        options: ADAM_DEFAULTS,
        epochs,
        patience: epochs,
        learningRate: () => 0.05,
        batches: (epoch) => batches.slice(5 * epoch, 5 * epoch + 5),
        validate: async (average) => ({ score: average[0], metrics: {} }),
        onEpoch: ({ snapshot }) => void kept.push({ snapshot, tables: tables.map((one) => one.snapshot()) }),
      };
      await runTraining(task, start, { ...quietContext, stop: new AbortController().signal });
      return kept;
    };
    const arrays = initialTrainingState(layout, layout.initialise(new Random(1)));
    const best = { bestScore: Number.POSITIVE_INFINITY, bestEpoch: 0 };
    const whole = await trainFrom(await open(), { epoch: 0, step: 0, ...best, arrays });
    const { snapshot, tables } = structuredClone(whole[1]);
    const resumed = await open();
    resumed.tables.forEach((one, i) => void one.restore(tables[i]));
    expect(await trainFrom(resumed, snapshot)).toEqual(whole.slice(2));
  });

  it('follows a learning rate that is learned', async () => {
    const options = { ...ADAM_DEFAULTS, meta: META_DEFAULTS };
    const taught = trainingProgram(forward, options, tableInputs([{ shape: USERS }, { shape: ITEMS }]));
    const start = initialTrainingState(layout, layout.initialise(new Random(1)), options);
    const [one, other] = [await open(), await open()];
    const [inner, twin] = [await device.compile(taught), await device.compile(taught)];
    for (const [name, values] of Object.entries(start))
      for (const each of [inner, twin]) await each.setState(name, values);
    const executable = new TableExecutable(inner, one.tables);
    const rates = new Set<number>();
    for (let i = 0; i < 6; i++) {
      const scalars = stepScalars(i + 1, 0.05, options);
      const { learningRate } = await executable.run({ ...batches[i], ...scalars });
      rates.add(learningRate[0]);
      // The same by hand, with the rate that the program says it took.
      const fed: Record<string, Float32Array | Int32Array> = { ...batches[i], ...scalars };
      for (const each of other.tables) {
        const names = Object.keys(each.shape.lookups);
        const { rows, indices } = each.touch(names.map((name) => batches[i][name] as Int32Array));
        Object.assign(fed, Object.fromEntries(names.map((name, k) => [name, indices[k]])));
        fed[`${each.shape.name}.rows`] = rows;
      }
      const outputs = await twin.run(fed);
      const step = { learningRate: outputs.learningRate[0], averageKeep: scalars.averageKeep[0] };
      for (const each of other.tables) each.update(outputs[`${each.shape.name}.rows.gradient`], step);
    }
    expect(rates.size).toBeGreaterThan(2);
    expect(one.tables.map((each) => each.snapshot())).toEqual(other.tables.map((each) => each.snapshot()));
    const weighted = { ...options, meta: { ...META_DEFAULTS, lossWeights: { loss: 1 } } };
    expect(() => trainingProgram(forward, weighted, ['users.rows'])).toThrow('cannot be learned');
  });

  it('is judged by averages, untouched rows at their start', async () => {
    const trained = await open();
    await run(trained, 0, 3);
    const [fed] = [readTables(trained.tables, batches[0], 'average')];
    expect(fed['users.rows']).toEqual(trained.tables[0].read(batches[0].user as Int32Array, 'average'));
    expect(fed['users.rows']).not.toEqual(trained.tables[0].read(batches[0].user as Int32Array));
    const touched = trained.tables[0].touchedRows;
    const untouched = Array.from({ length: SIZES.users }, (_, row) => row).filter((row) =>
      batches.slice(0, 3).every(({ user }) => !user.includes(row)),
    );
    const rows = Int32Array.from(untouched);
    expect(trained.tables[0].read(rows, 'average')).toEqual(table(SIZES.users).read(rows));
    expect(trained.tables[0].touchedRows).toBe(touched);
  });

  it('takes a batch without a pair', async () => {
    const trained = await open();
    await run(trained, 0, 1);
    const rows = trained.tables.map(({ touchedRows }) => touchedRows);
    const none: Feed = {
      user: new Int32Array(0),
      liked: new Int32Array(0),
      other: new Int32Array(0),
      y: new Float32Array(0),
    };
    await trained.executable.run({ ...none, ...stepScalars(2, 0.05, ADAM_DEFAULTS) });
    expect(trained.tables.map(({ touchedRows }) => touchedRows)).toEqual(rows);
    expect(trained.tables.map(({ step }) => step)).toEqual([2, 2]);
  });

  it('refuses what is missing, and a snapshot of another kind', async () => {
    const { executable, tables } = await open();
    const scalars = stepScalars(1, 0.05, ADAM_DEFAULTS);
    const { user: _user, ...without } = batches[0];
    await expect(executable.run({ ...without, ...scalars })).rejects.toThrow('"user"');
    const { averageKeep: _keep, ...lacking } = scalars;
    await expect(executable.run({ ...batches[0], ...lacking })).rejects.toThrow('"averageKeep"');
    await run({ executable }, 0, 1);
    expect(() => tables[0].restore(tables[0].snapshot())).toThrow('before its restore');
    expect(() => table(SIZES.users).restore(tables[0].snapshot())).toThrow('another kind');
    expect(() => table(1).read(Int32Array.of(0), 'average')).toThrow('keeps no average');
    const trace = new Trace();
    const x = trace.input('x', []);
    expect(() => trainingProgram(trace.program({ loss: x }), ADAM_DEFAULTS, ['rows'])).toThrow();
  });

  /** The loss over the first batches, of the forward program alone. */
  async function lossOf(
    { tables, executable }: Awaited<ReturnType<typeof open>>,
    which: 'weights' | 'average',
  ) {
    const parameters = await executable.getState('parameters');
    const plain = await device.compile(forward);
    let total = 0;
    for (const batch of batches.slice(0, 5))
      total += (await plain.run({ ...readTables(tables, batch, which), parameters })).loss[0];
    await plain.dispose();
    return total;
  }
});
