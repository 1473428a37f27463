import { afterAll, beforeAll, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import { type Device, openDevice } from '../../../core/device/index.ts';
import { bindParameters } from '../../../core/gnn/index.ts';
import { rowOf, withFriendships } from '../../../core/interactions/index.ts';
import { Trace } from '../../../core/tensor/index.ts';
import { type FriendGraph, friendGraph } from '../../../models/friends/graph.ts';
import { FriendsEncoder, FriendsRanker } from '../../../models/friends/network.ts';
import { parseFriendsSettings } from '../../../models/friends/settings.ts';
import { embed } from '../../../models/friends/train.ts';
import { communities } from '../../support/friendsData.ts';

const SETTINGS = parseFriendsSettings({ hidden: 5, width: 4, negatives: 3, margin: 0.3, rankerNegatives: 2 });
const graph = friendGraph(withFriendships(communities(30), 'friend'), 'friend', SETTINGS);

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu');
});
afterAll(() => device.dispose());

/** Two layers of GraphSAGE in float64, user by user, as the equations say. */
function plainStates(
  { x, columns, friends, count }: FriendGraph,
  encoder: FriendsEncoder,
  flat: Float32Array,
) {
  const matrix = (name: string) => {
    const { offset, shape } = encoder.layout.parameters.find((parameter) => parameter.name === name)!;
    const width = shape[1] ?? shape[0];
    return (row: number, column: number) => flat[offset + row * width + column];
  };
  const layer = (name: string, h: number[][], outputs: number, last: boolean) => {
    const [own, others, bias] = ['self.kernel', 'neighbours.kernel', 'neighbours.bias'].map((part) =>
      matrix(`${name}.${part}`),
    );
    return h.map((state, user) => {
      const near = [...rowOf(friends, user)];
      const mean = state.map((_, k) => near.reduce((sum, v) => sum + h[v][k], 0) / Math.max(1, near.length));
      return Array.from({ length: outputs }, (_, j) => {
        const sum = state.reduce(
          (total, value, k) => total + value * own(k, j) + mean[k] * others(k, j),
          bias(0, j),
        );
        return last ? sum : Math.max(0, sum);
      });
    });
  };
  const first = Array.from({ length: count }, (_, user) => [
    ...x.subarray(user * columns.length, (user + 1) * columns.length),
  ]);
  const z = layer('sage.1', layer('sage.0', first, 5, false), 4, true);
  return z.map((row) => row.map((value) => value / Math.hypot(...row)));
}

const encoder = new FriendsEncoder(graph.columns.length, SETTINGS);
const parameters = encoder.layout.initialise(new Random(1)).map((value) => value + 0.05);
const expected = plainStates(graph, encoder, parameters);

it('embeds by the mean of friends beside oneself, layer by layer and at once', async () => {
  const layerwise = await embed(graph, encoder, parameters, device, quietContext);
  expected.flat().forEach((value, i) => {
    expect(layerwise[i]).toBeCloseTo(value, 4);
  });
  const trace = new Trace();
  const forward = await device.compile(
    trace.program({ z: encoder.states(trace, bindParameters(trace, encoder.layout)) }),
  );
  const { from: senders, to: receivers, x } = graph;
  const { z } = await forward.run({ x, senders, receivers, parameters });
  z.forEach((value, i) => {
    expect(value).toBeCloseTo(layerwise[i], 5);
  });
});

it('loses what a friend is less than a margin ahead of each negative, but for those that are none', async () => {
  const program = await device.compile(encoder.loss());
  // Every user is in the flow, with all friends: states are those of the whole graph.
  const everyone = Int32Array.from({ length: graph.count }, (_, row) => row);
  const block = { senders: graph.from, receivers: graph.to, self: everyone };
  const feed = Object.fromEntries(
    [0, 1].flatMap((layer) => Object.entries(block).map(([name, values]) => [`${name}${layer}`, values])),
  );
  const [asked, friends, negatives] = [Int32Array.of(0, 5), Int32Array.of(3, 7), Int32Array.of(1, 2, 9)];
  const hits = Float32Array.of(0, 1, 0, 0, 0, 0);
  const { loss } = await program.run({ ...feed, x: graph.x, asked, friends, negatives, hits, parameters });
  const dot = (a: number, b: number) =>
    expected[a].reduce((sum, value, k) => sum + value * expected[b][k], 0);
  const hinges = [...asked].flatMap((user, i) =>
    [...negatives].map((other, j) =>
      hits[i * 3 + j] ? 0 : Math.max(0, dot(user, other) - dot(user, friends[i]) + 0.3),
    ),
  );
  expect(loss[0]).toBeCloseTo(hinges.reduce((sum, value) => sum + value, 0) / 6, 4);
});

it('ranks by the logistic loss of a new friend against each other candidate', async () => {
  const scaling = { names: ['similarity', 'common'], mean: [0.5, 1], deviation: [0.25, 2] };
  const ranker = new FriendsRanker(scaling, SETTINGS);
  const weights = ranker.layout.initialise(new Random(2));
  const program = await device.compile(ranker.program());
  const rows = Float32Array.of(0.9, 3, 0.1, 0, 0.4, 1);
  const { score } = await program.run({ pairs: rows, parameters: weights });
  const loss = await device.compile(ranker.loss());
  const fed = await loss.run({ friend: rows.slice(0, 2), others: rows.slice(2), parameters: weights });
  const worth = [1, 2].map((i) => Math.log1p(Math.exp(score[i] - score[0])));
  expect(fed.loss[0]).toBeCloseTo((worth[0] + worth[1]) / 2, 5);
  expect(new Set(score).size).toBe(3);
});
