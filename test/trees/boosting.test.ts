import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../core/base/index.ts';
import { Binning } from '../../core/trees/bins.ts';
import { boostTrees } from '../../core/trees/index.ts';

/** One step of the whole way, nothing sampled, nothing pulled to 0. */
const PLAIN = { trees: 1, learningRate: 1, leaves: 2, leafWeight: 1, ridge: 0, rowShare: 1, columnShare: 1 };

const columnsOf = (rows: number, width: number, random: Random) =>
  Array.from({ length: width }, () => Float32Array.from({ length: rows }, () => random.normal()));

describe('bins', () => {
  it('keep the order of values, know what is no number, and put few values one into each', () => {
    const column = [3, 1, Number.NaN, 2, 1, 3];
    const binning = new Binning([column]);
    expect(binning.counts).toEqual([4]);
    expect([...binning.apply([column])[0]]).toEqual([3, 1, 0, 2, 1, 3]);
    expect([...binning.apply([[-9, 1.4, 1.6, 99]])[0]]).toEqual([1, 1, 2, 3]);
  });

  it('hold about equally many rows where there are many values', () => {
    const [column] = columnsOf(20_000, 1, new Random(1));
    const binning = new Binning([column]);
    const [bins] = binning.apply([column]);
    const counts = new Array<number>(256).fill(0);
    for (const bin of bins) counts[bin]++;
    const used = counts.filter((n) => n > 0);
    expect(used.length).toBe(254);
    expect(Math.min(...used)).toBeGreaterThan(70);
    expect(Math.max(...used)).toBeLessThan(90);
    const order = [...column.keys()].sort((a, b) => column[a] - column[b]);
    for (let i = 1; i < order.length; i++) expect(bins[order[i]]).toBeGreaterThanOrEqual(bins[order[i - 1]]);
  });
});

describe('a stump', () => {
  it.each([1, 2, 3])('is the best split that trying all of them finds (seed %i)', async (seed) => {
    const random = new Random(seed);
    const columns = columnsOf(60, 4, random);
    const target = Float64Array.from({ length: 60 }, () => random.normal());
    const weight = Float64Array.from({ length: 60 }, () => 0.5 + random.uniform());
    const stump = await boostTrees({ columns, target, weight }, PLAIN, new Random(0), quietContext);
    const predicted = stump.predict(columns);
    const loss = (values: ArrayLike<number>) =>
      target.reduce((sum, y, i) => sum + weight[i] * (y - values[i]) ** 2, 0);
    const best = bestStump(columns, target, weight, loss);
    expect(loss(predicted)).toBeCloseTo(loss(best), 10);
    predicted.forEach((value, i) => {
      expect(value).toBeCloseTo(best[i], 10);
    });
  });
});

/** Every threshold of every column, weighted means on either side. */
function bestStump(
  columns: readonly Float32Array[],
  target: Float64Array,
  weight: Float64Array,
  loss: (values: ArrayLike<number>) => number,
): Float64Array {
  let best = new Float64Array(target.length);
  let least = Number.POSITIVE_INFINITY;
  for (const column of columns)
    for (const threshold of column) {
      const mean = (isLeft: boolean) => {
        const side = [...target.keys()].filter((i) => column[i] <= threshold === isLeft);
        const total = side.reduce((sum, i) => sum + weight[i] * target[i], 0);
        return total / side.reduce((sum, i) => sum + weight[i], 0);
      };
      const [left, right] = [mean(true), mean(false)];
      const values = Float64Array.from(column, (x) => (x <= threshold ? left : right));
      if (values.some(Number.isNaN) || loss(values) >= least) continue;
      least = loss(values);
      best = values;
    }
  return best;
}

describe('boosted trees', () => {
  it('fit a piecewise constant function exactly', async () => {
    const random = new Random(4);
    const columns = [0, 1, 2].map(() => Float32Array.from({ length: 500 }, () => random.int(6)));
    const target = Float64Array.from(
      columns[0],
      (x, i) => (x < 3 ? 10 : 20) + (columns[1][i] === 2 ? 5 : 0) - (x < 1 && columns[2][i] > 3 ? 7 : 0),
    );
    const options = { ...PLAIN, leaves: 12, trees: 1 };
    const [left, right] = await Promise.all(
      [1, 2].map((seed) => boostTrees({ columns, target }, options, new Random(seed), quietContext)),
    );
    left.predict(columns).forEach((value, i) => {
      expect(value).toBeCloseTo(target[i], 9);
    });
    // Nothing is sampled: the seed has no say.
    expect(right.predict(columns)).toEqual(left.predict(columns));
  });

  it.each(['squared', 'absolute'] as const)(
    'are those of a slow, direct implementation (%s)',
    async (loss) => {
      const random = new Random(5);
      const columns = columnsOf(120, 3, random);
      const target = Float64Array.from({ length: 120 }, (_, i) => columns[0][i] * 2 + random.normal());
      const weight = Float64Array.from({ length: 120 }, () => 0.5 + random.uniform());
      const options = { loss, trees: 6, learningRate: 0.3, leaves: 5, leafWeight: 4, ridge: 0.7 };
      const trees = await boostTrees(
        { columns, target, weight },
        { ...PLAIN, ...options },
        new Random(0),
        quietContext,
      );
      const direct = directBoosting(columns, target, weight, options);
      trees.predict(columns).forEach((value, i) => {
        expect(value).toBeCloseTo(direct[i], 8);
      });
    },
  );

  it('stop where held-out rows grow worse, and learn nothing from these', async () => {
    const random = new Random(6);
    const columns = columnsOf(600, 3, random);
    const target = Float64Array.from({ length: 600 }, (_, i) => columns[0][i] + 2 * random.normal());
    const heldOut = Uint8Array.from({ length: 600 }, (_, i) => (i % 3 === 0 ? 1 : 0));
    const options = { leafWeight: 5, patience: 20, learningRate: 0.2 };
    const grow = (data: Float64Array) =>
      boostTrees({ columns, target: data, heldOut }, options, new Random(1), quietContext);
    const trees = await grow(target);
    expect(trees.trees.length).toBeGreaterThan(0);
    expect(trees.trees.length).toBeLessThan(100);
    const predicted = trees.predict(columns);
    const held = [...target.keys()].filter((i) => heldOut[i]);
    const loss = held.reduce((sum, i) => sum + 0.5 * (predicted[i] - target[i]) ** 2, 0) / held.length;
    expect(trees.heldOutLoss).toBeCloseTo(loss, 9);
    // Other held-out targets change where it stops, not the trees themselves.
    const others = await grow(target.map((y, i) => (heldOut[i] ? columns[0][i] : y)));
    const common = Math.min(others.trees.length, trees.trees.length);
    expect(others.trees.slice(0, common)).toEqual(trees.trees.slice(0, common));
  });

  it('are the same for the same seed, and use a value that is missing', async () => {
    const random = new Random(7);
    const columns = columnsOf(400, 2, random);
    const missing = columns[1].map((x) => (x > 1 ? Number.NaN : x));
    const target = Float64Array.from(columns[1], (x) => (x > 1 ? 5 : 0));
    const grow = (seed: number) =>
      boostTrees(
        { columns: [columns[0], missing], target },
        { trees: 30, learningRate: 0.3 },
        new Random(seed),
        quietContext,
      );
    const trees = await grow(3);
    expect((await grow(3)).predict([columns[0], missing])).toEqual(trees.predict([columns[0], missing]));
    expect((await grow(4)).trees).not.toEqual(trees.trees);
    expect(
      trees.predictRows(Float64Array.of(columns[0][5], missing[5], columns[0][6], missing[6]), 2),
    ).toEqual(trees.predict([columns[0].subarray(5, 7), missing.subarray(5, 7)]));
    const [absent] = trees.predict([[0], [Number.NaN]]);
    expect(absent).toBeGreaterThan(4.5);
  });

  it('refuse a target that is no number, and rows of other columns', async () => {
    const columns = [Float32Array.of(1, 2, 3)];
    const grow = (target: number[]) => boostTrees({ columns, target }, {}, new Random(0), quietContext);
    await expect(grow([1, Number.NaN, 2])).rejects.toThrow('target is a number');
    const trees = await grow([1, 2, 3]);
    expect(() => trees.predict([[1], [2]])).toThrow('2 columns');
  });
});

/** Leaf-wise boosting with sums taken row by row for every threshold: nothing binned, cached or subtracted. */
function directBoosting(
  columns: readonly Float32Array[],
  target: Float64Array,
  givenWeight: Float64Array,
  {
    loss,
    trees,
    learningRate,
    leaves,
    leafWeight,
    ridge,
  }: { loss: 'squared' | 'absolute' } & Record<
    'trees' | 'learningRate' | 'leaves' | 'leafWeight' | 'ridge',
    number
  >,
): Float64Array {
  const mean = givenWeight.reduce((a, b) => a + b) / givenWeight.length;
  const weight = givenWeight.map((w) => w / mean);
  const all = [...target.keys()];
  const median = (rows: number[], error: (i: number) => number) => {
    const sorted = rows.toSorted((a, b) => error(a) - error(b));
    const half = rows.reduce((sum, i) => sum + weight[i], 0) / 2;
    let below = 0;
    for (const i of sorted) {
      below += weight[i];
      if (below >= half) return error(i);
    }
    throw new Error('no rows');
  };
  const constant = (rows: number[], error: (i: number) => number, pull: number) =>
    loss === 'absolute'
      ? median(rows, error)
      : rows.reduce((sum, i) => sum + weight[i] * error(i), 0) /
        (rows.reduce((sum, i) => sum + weight[i], 0) + pull);
  const start = constant(all, (i) => target[i], 0);
  const predicted = target.map(() => start);
  for (let tree = 0; tree < trees; tree++) {
    const errors = target.map((y, i) => y - predicted[i]);
    const slope = errors.map((e) => (loss === 'absolute' ? Math.sign(e) : e));
    const score = (rows: number[]) =>
      rows.reduce((sum, i) => sum + weight[i] * slope[i], 0) ** 2 /
      (rows.reduce((sum, i) => sum + weight[i], 0) + ridge);
    const heavy = (rows: number[]) => rows.reduce((sum, i) => sum + weight[i], 0) >= leafWeight;
    let parts: number[][] = [all];
    while (parts.length < leaves) {
      let best: { gain: number; at: number; sides: [number[], number[]] } | undefined;
      parts.forEach((rows, at) => {
        for (const column of columns)
          for (const i of rows) {
            const left = rows.filter((j) => column[j] <= column[i]);
            const right = rows.filter((j) => column[j] > column[i]);
            if (!heavy(left) || !heavy(right)) continue;
            const gain = score(left) + score(right) - score(rows);
            if (gain > (best?.gain ?? 1e-9)) best = { gain, at, sides: [left, right] };
          }
      });
      if (!best) break;
      const { at, sides } = best;
      parts = parts.flatMap((rows, i) => (i === at ? sides : [rows]));
    }
    for (const rows of parts) {
      const value = learningRate * constant(rows, (i) => errors[i], ridge);
      for (const i of rows) predicted[i] += value;
    }
  }
  return predicted;
}
