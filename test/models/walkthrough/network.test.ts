import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import { type Device, openDevice } from '../../../core/device/index.ts';
import { InteractionData } from '../../../core/interactions/index.ts';
import { dotScorer } from '../../../models/recommend/scorer.ts';
import { CONVOLUTIONS } from '../../../models/walkthrough/settings.ts';
import { walkthroughSystem as system } from '../../../models/walkthrough/system.ts';
import { interactionsOf } from '../../support/interactions.ts';

const EDGES = [
  [0, 0],
  [0, 1],
  [1, 1],
  [1, 2],
  [2, 0],
  [2, 3],
  [3, 3],
] as const;
const [USERS, ITEMS, WIDTH] = [4, 5, 4];

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu');
});
afterAll(() => device.dispose());

describe('LightGCN propagation', () => {
  it('is the mean of the powers of the normalised adjacency, dense and in float64', async () => {
    const data = tookData(EDGES);
    const { states, parameters } = await statesOf(data, { layers: 3 });
    const expected = meanOfPowers(
      denseAdjacency(() => 1),
      parameters,
      3,
    );
    expectClose([...states.users, ...states.items], expected);
  });

  it('weighs edges by how many items their user took since', async () => {
    const data = tookData(EDGES, true);
    const { states, parameters } = await statesOf(data, { layers: 2, halfLife: 2 });
    // Times rise along EDGES: the last edge of a user has been followed by none.
    const since = (edge: number) => EDGES.filter(([user], at) => at > edge && user === EDGES[edge][0]).length;
    const expected = meanOfPowers(
      denseAdjacency((edge) => 0.5 ** (since(edge) / 2)),
      parameters,
      2,
    );
    expectClose([...states.users, ...states.items], expected);
  });
});

describe.each(CONVOLUTIONS)('%s', (convolution) => {
  it('gives the same scores however users and items are numbered', async () => {
    const data = tookData(EDGES);
    const [userOrder, itemOrder] = [
      [2, 0, 3, 1],
      [4, 2, 0, 1, 3],
    ];
    const moved = tookData(
      EDGES.map(([user, item]) => [userOrder.indexOf(user), itemOrder.indexOf(item)] as const),
    );
    const plain = await statesOf(data, { convolution });
    const tables = USERS * WIDTH + ITEMS * WIDTH;
    const reordered = Float32Array.from([
      ...userOrder.flatMap((user) => rowOf(plain.parameters, user)),
      ...itemOrder.flatMap((item) => rowOf(plain.parameters, USERS + item)),
      ...plain.parameters.subarray(tables),
    ]);
    const other = await statesOf(moved, { convolution }, reordered);
    const score = (states: typeof plain.states) => dotScorer(states, ITEMS);
    const before = await score(plain.states)(Int32Array.from(userOrder));
    const after = await score(other.states)(Int32Array.of(0, 1, 2, 3));
    expectClose(
      [...after],
      userOrder.flatMap((_, i) => itemOrder.map((item) => before[i * ITEMS + item])),
    );
    expect(new Set(before).size).toBeGreaterThan(1);
  });
});

it('scores by the cosine where it is told to', async () => {
  const { states } = await statesOf(tookData(EDGES), { similarity: 'cosine' });
  for (let row = 0; row < USERS; row++) expect(Math.hypot(...rowOf(states.users, row))).toBeCloseTo(1, 5);
});

it('says that edges between users are none for it', () => {
  const data = new InteractionData(
    [{ name: 'user', ids: ['a', 'b'] }],
    [{ name: 'friend', from: 'user', to: 'user', fromRows: Int32Array.of(0), toRows: Int32Array.of(1) }],
  );
  expect(() => system.prepare(data, 'friend', system.parseSettings({}))).toThrow(
    /join users with each other/,
  );
});

function tookData(edges: readonly (readonly [number, number])[], timed = false): InteractionData {
  return interactionsOf(
    USERS,
    ITEMS,
    edges.map(([user, item], at) => ({ user, item, ...(timed && { timeS: 100 + at }) })),
  );
}

async function statesOf(data: InteractionData, given: Record<string, unknown>, weights?: Float32Array) {
  const settings = system.parseSettings({ width: WIDTH, layers: 2, halfLife: 0, lossHalfLife: 0, ...given });
  const prepared = system.prepare(data, 'took', settings);
  const network = system.network(prepared, settings);
  const parameters = weights ?? network.layout.initialise(new Random(3));
  const forward = await device.compile(network.forward);
  const { users, items } = await forward.run({ ...prepared.feed, parameters });
  return { states: { users, items }, parameters };
}

function rowOf(values: Float32Array, row: number): number[] {
  return [...values.subarray(row * WIDTH, (row + 1) * WIDTH)];
}

/** w / √(Σ w of the one · Σ w of the other), users before items. */
function denseAdjacency(weight: (edge: number) => number): number[][] {
  const size = USERS + ITEMS;
  const plain = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  EDGES.forEach(([user, item], edge) => {
    plain[user][USERS + item] = plain[USERS + item][user] = weight(edge);
  });
  const degree = plain.map((row) => row.reduce((sum, value) => sum + value, 0));
  return plain.map((row, a) =>
    row.map((value, b) => (value === 0 ? 0 : value / Math.sqrt(degree[a] * degree[b]))),
  );
}

function meanOfPowers(adjacency: number[][], tables: Float32Array, layers: number): number[] {
  let current = adjacency.map((_, row) => rowOf(tables, row));
  let total = current;
  for (let layer = 0; layer < layers; layer++) {
    const before = current;
    current = adjacency.map((row) =>
      before[0].map((_, k) => row.reduce((sum, value, node) => sum + value * before[node][k], 0)),
    );
    total = total.map((row, node) => row.map((value, k) => value + current[node][k]));
  }
  return total.flat().map((value) => value / (layers + 1));
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 5);
  });
}
