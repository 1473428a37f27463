import { expect, it } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import { openDevice } from '../../../core/device/index.ts';
import { InteractionData } from '../../../core/interactions/index.ts';
import { interpret } from '../../../core/tensor/index.ts';
import { OrderBatches } from '../../../models/food/batches.ts';
import { type FoodGraph, foodGraph } from '../../../models/food/graph.ts';
import { foodNetwork } from '../../../models/food/network.ts';
import { orderWeights } from '../../../models/food/orders.ts';
import { parseFoodSettings } from '../../../models/food/settings.ts';
import { relativeError } from '../../support/relativeError.ts';

const SETTINGS = { width: 4, textBuckets: 8, fanout: 3, negatives: 2, batchPairs: 4 };
const [USERS, DISHES] = [4, 6];
const restaurantOf = [0, 0, 1, 1, 2, -1];
const NaNs = Number.NaN;

/** User 0 ordered dish 0 three times, dish 2 twice, dish 4 once; the last dish is nobody's. */
const orders = [
  ...[
    [0, 0, 5],
    [0, 0, NaNs],
    [0, 0, 4],
    [0, 2, NaNs],
    [0, 2, 1],
    [0, 4, NaNs],
  ],
  ...[
    [1, 1, 3],
    [1, 5, NaNs],
    [2, 3, 2],
    [2, 0, NaNs],
    [3, 5, 5],
  ],
];
const data = new InteractionData(
  [
    { name: 'user', ids: ['a', 'b', 'c', 'd'] },
    {
      name: 'dish',
      ids: Array.from({ length: DISHES }, (_, i) => `dish${i}`),
      features: {
        name: {
          kind: 'text',
          values: ['red curry', 'green curry', 'pizza', 'pizza salami', 'salad', 'green salad'],
        },
        price: { kind: 'numeric', values: Float64Array.of(8, 9, 7, 11, 6, 5) },
      },
    },
    {
      name: 'restaurant',
      ids: ['r0', 'r1', 'r2'],
      features: {
        place: {
          kind: 'coordinates',
          longitude: Float64Array.of(1, 1.1, 1.2),
          latitude: Float64Array.of(50, 50, 50),
        },
      },
    },
  ],
  [
    {
      name: 'ordered',
      from: 'user',
      to: 'dish',
      fromRows: Int32Array.from(orders, ([user]) => user),
      toRows: Int32Array.from(orders, ([, dish]) => dish),
      features: { rating: { kind: 'numeric', values: Float64Array.from(orders, ([, , rating]) => rating) } },
    },
    {
      name: 'offers',
      from: 'restaurant',
      to: 'dish',
      fromRows: Int32Array.from(restaurantOf.slice(0, -1)),
      toRows: Int32Array.of(0, 1, 2, 3, 4),
    },
  ],
);
const settings = parseFoodSettings(SETTINGS);
const graph = foodGraph(data, 'ordered', settings);

it('weighs edges by how often something was ordered and how it was rated', () => {
  const mean = (5 + 4 + 1 + 3 + 2 + 5) / 6;
  expect(graph.encoding.meanRating).toBeCloseTo(mean, 12);
  const [dishes, restaurants] = graph.graphs;
  const weightOf = ({ user, item, weight }: typeof dishes, u: number, i: number) =>
    weight[[...user.keys()].find((pair) => user[pair] === u && item[pair] === i)!];
  expect(weightOf(dishes, 0, 0)).toBeCloseTo(5 / mean + 1 + 4 / mean, 5);
  expect(weightOf(dishes, 0, 2)).toBeCloseTo(1 + 1 / mean, 5);
  expect(weightOf(restaurants, 2, 0)).toBe(1);
  expect(weightOf(restaurants, 0, 1)).toBeCloseTo(1 + 1 / mean, 5);
  expect(restaurants.user.length).toBe(dishes.user.length - 2);
  const alike = orderWeights(data.edges('ordered'), mean, 0);
  expect([...alike]).toEqual(new Array(orders.length).fill(1));
});

it('computes projections, weighted aggregation and both similarities as the equations have it', () => {
  const { forward, layout } = foodNetwork(graph.kinds, settings);
  const random = new Random(3);
  const parameters = Float64Array.from({ length: layout.size }, () => random.normal());
  const { outputs } = interpret(forward, { ...asDoubles(graph.feed), parameters });
  const { users, items } = byEquations(graph, (name) => {
    const { offset, size } = layout.parameters.find((own) => own.name === name)!;
    return [...parameters.subarray(offset, offset + size)];
  });
  expect(relativeError(outputs.users, users.flat())).toBeLessThan(1e-6);
  expect(relativeError(outputs.items, items.flat())).toBeLessThan(1e-6);
});

it('asks for what is above a dish ordered less and one never ordered, and does not tell the pairs asked for', () => {
  const batches = new OrderBatches(graph, settings);
  const taken = new Set(
    graph.graphs.flatMap(({ user, item, users, items }) =>
      Array.from(user, (row, pair) => `${users.first + row} ${items.first + item[pair]}`),
    ),
  );
  let lowRanks = 0;
  for (let number = 0; number < 60; number++) {
    const chosen = new Random(number).shuffle(batches.usable.slice());
    const { flow, feed } = batches.batch(chosen.subarray(0, 4), number, 1);
    const at = (name: string, pair: number) => flow.nodes[feed[name][pair] as number];
    const asked = new Set<string>();
    for (let pair = 0; pair < 4; pair++) {
      const [u, v, l] = ['user', 'positive', 'lowRank0'].map((name) => at(name, pair));
      asked.add(`${u} ${v}`).add(`${v} ${u}`);
      expect(taken).toContain(`${u} ${v}`);
      for (let k = 0; k < SETTINGS.negatives; k++)
        expect(taken).not.toContain(`${u} ${at(`negative${k}`, pair)}`);
      if (feed.hasLowRank[pair] === 0) continue;
      lowRanks++;
      expect(weightBetween(graph, u, l)).toBeLessThan(weightBetween(graph, u, v));
    }
    flow.blocks.forEach(({ senders, receivers, targetCount }, layer) => {
      const sums = new Float64Array(targetCount);
      feed[`share${layer}`].forEach((share, edge) => {
        const pair = `${flow.nodes[senders[edge]]} ${flow.nodes[receivers[edge]]}`;
        if (asked.has(pair)) expect(share).toBe(0);
        else expect(share).toBeGreaterThan(0);
        sums[receivers[edge]] += share as number;
      });
      for (const sum of sums) expect([0, 1]).toContain(Math.round(1e4 * sum) / 1e4);
    });
  }
  expect(lowRanks).toBeGreaterThan(20);
});

it('the loss is the one with two margins, and runs where a kind of nodes is absent from a batch', async () => {
  const { loss, layout } = foodNetwork(graph.kinds, settings);
  const device = await openDevice('cpu');
  const step = await device.compile(loss);
  const parameters = layout.initialise(new Random(1));
  for (const feed of new OrderBatches(graph, parseFoodSettings({ ...SETTINGS, batchPairs: 1 })).epoch({
    seed: 2,
    epoch: 0,
  })) {
    const { outputs } = interpret(loss, { ...asDoubles(feed), parameters: Float64Array.from(parameters) });
    const { loss: value } = await step.run({ ...feed, parameters });
    expect(value[0]).toBeCloseTo(outputs.loss[0], 5);
  }
  await device.dispose();
  expect(() => parseFoodSettings({ marginLowRank: 0.6, marginNegative: 0.6 })).toThrow('must be below');
});

function weightBetween({ graphs }: FoodGraph, u: number, v: number): number {
  for (const { users, items, user, item, weight } of graphs)
    for (let pair = 0; pair < user.length; pair++)
      if (users.first + user[pair] === u && items.first + item[pair] === v) return weight[pair];
  return 0;
}

function asDoubles(feed: Readonly<Record<string, Float32Array | Int32Array>>) {
  return Object.fromEntries(
    Object.entries(feed).map(([name, values]) => [
      name,
      values instanceof Float32Array ? Float64Array.from(values) : values,
    ]),
  );
}

/** h⁰ = W x + b by kind; h′ = σ(W₁ Σ α h_u + b + W₂ h_v); z = h / ‖h‖, node by node. */
function byEquations({ kinds, graphs, nodes, menu }: FoodGraph, weight: (name: string) => number[]) {
  const width = SETTINGS.width;
  const times = (x: readonly number[], kernel: readonly number[]) =>
    Array.from({ length: width }, (_, c) =>
      x.reduce((sum, value, r) => sum + value * kernel[r * width + c], 0),
    );
  const plus = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value + b[i]);
  let h: number[][] = kinds.flatMap(({ name, count, matrix }) =>
    Array.from({ length: count }, (_, row) => {
      const columns = matrix.names.length;
      const x = [...matrix.values.subarray(row * columns, (row + 1) * columns)];
      return plus(times(x, weight(`enter.${name}.kernel`)), weight(`enter.${name}.bias`));
    }),
  );
  for (const layer of [0, 1]) {
    const own = (part: string) => weight(`layers.${layer}.${part}`);
    h = h.map((state, node) => {
      const incoming = new Array<number>(width).fill(0);
      const neighbours = Array.from({ length: nodes }, (_, other) => other).map((other) => ({
        other,
        w:
          weightBetween({ graphs } as FoodGraph, node, other) +
          weightBetween({ graphs } as FoodGraph, other, node),
      }));
      const total = neighbours.reduce((sum, { w }) => sum + w, 0);
      for (const { other, w } of neighbours)
        if (w > 0)
          h[other].forEach((value, k) => {
            incoming[k] += (w / total) * value;
          });
      const sum = plus(
        plus(times(state, own('self.kernel')), times(incoming, own('neighbours.kernel'))),
        own('neighbours.bias'),
      );
      if (layer === 0) return sum.map((value) => Math.max(0, value));
      const norm = Math.sqrt(sum.reduce((total2, value) => total2 + value * value, 1e-12));
      return sum.map((value) => value / norm);
    });
  }
  const [user, item, guest, restaurant] = kinds;
  const nothing = new Array<number>(width).fill(0);
  return {
    users: Array.from({ length: USERS }, (_, row) => [...h[user.first + row], ...h[guest.first + row]]),
    items: Array.from({ length: DISHES }, (_, row) => [
      ...h[item.first + row],
      ...(menu.restaurantOf[row] < 0 ? nothing : h[restaurant.first + menu.restaurantOf[row]]),
    ]),
  };
}
