import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import { type Device, type Feed, openDevice } from '../../../core/device/index.ts';
import { groupBy, ringsOf, spectralPositions } from '../../../core/graph/index.ts';
import { friendsOf, InteractionData, rowOf, withFriendships } from '../../../core/interactions/index.ts';
import { DAY_S, SAMPLE_START_S } from '../../../fixtures/interactions/clock.ts';
import { socialNetwork } from '../../../fixtures/interactions/social/index.ts';
import { FriendshipBatches } from '../../../models/grafrank/batches.ts';
import { SocialHistory } from '../../../models/grafrank/history.ts';
import { parseGrafrankSettings } from '../../../models/grafrank/settings.ts';
import { grafrankSystem as system } from '../../../models/grafrank/system.ts';

const { data: raw } = await socialNetwork({ users: 200, days: 16, seed: 2 });
const data = withFriendships(raw, 'friend');
const settings = parseGrafrankSettings({
  epochs: 2,
  hardEpochs: 1,
  negatives: 3,
  width: 4,
  embedding: 4,
  positions: 4,
  historyDays: 5,
  recentEpochs: 1,
});
const history = new SocialHistory(data, 'friend', settings);
const users = history.users;

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu');
});
afterAll(() => device.dispose());

describe('a snapshot', () => {
  it('is the same whether or not the data go on after it', () => {
    const timeS = SAMPLE_START_S + 9 * DAY_S;
    const before = new SocialHistory(data.asOf(timeS), 'friend', settings, history.encodings);
    expect(history.at(timeS).feed).toEqual(before.at(timeS).feed);
    expect(history.at(timeS + DAY_S).feed).not.toEqual(history.at(timeS).feed);
  });

  it('has four modalities, and requests and contacts of each link both ways', () => {
    const columns = Object.fromEntries(history.modalities.map(({ name, columns: own }) => [name, own]));
    expect(columns.profile).toContain('age');
    expect(columns.interests).toContain('music');
    expect(columns.friending).toContain('friends');
    expect(columns.friending).toContain('request channel search met');
    expect(columns.engagement).toContain('contact texts made lately');
    const { links, senders, receivers } = history.now().feed;
    const width = history.linkColumns.length;
    const [sent, received] = ['contact sent', 'contact received'].map((name) =>
      history.linkColumns.indexOf(name),
    );
    const contacts = data.edges('contact');
    const since = history.nowS - 28 * DAY_S;
    const countOf = (from: number, to: number) =>
      contacts.where(
        (edge) =>
          contacts.fromRows[edge] === from && contacts.toRows[edge] === to && contacts.timesS![edge] >= since,
      ).length;
    // Both are monotonous in the number of contacts: pairs of links are in the order of their counts.
    for (let edge = 0; edge + 2 < 60; edge += 2)
      for (const [column, ends] of [
        [sent, [senders, receivers]],
        [received, [receivers, senders]],
      ] as const) {
        const [a, b] = [edge, edge + 2].map((at) => countOf(ends[0][at], ends[1][at]));
        const scaleAt = (at: number) => links[at * width + column];
        // Scaling differs by column alone, the deviations of the two are those of their own columns.
        expect(Math.sign(scaleAt(edge) - scaleAt(edge + 2))).toBe(Math.sign(a - b));
      }
  });

  it('without some friendships has neither their edges nor their part in the number of friends', () => {
    const left = Int32Array.of(0, 6);
    const { feed } = history.without(left);
    expect(feed.senders.length).toBe(history.edges.count - 4);
    const pairs = new Set(Array.from(feed.senders, (from, edge) => `${from} ${feed.receivers[edge]}`));
    for (const edge of left) {
      const [u, v] = [history.edges.fromRows[edge], history.edges.toRows[edge]];
      expect(pairs.has(`${u} ${v}`) || pairs.has(`${v} ${u}`)).toBe(false);
    }
    const columns = history.modalities.flatMap((modality) => modality.columns);
    const at = history.edges.fromRows[0] * columns.length + columns.indexOf('friends');
    expect(feed.features[at]).toBeLessThan(history.now().feed.features[at]);
  });
});

describe('positions', () => {
  const width = settings.positions;

  it('have friends the nearer, the more contacts they had in 28 days, either way, and the newer the friendship', () => {
    const contacts = data.edges('contact');
    const { senders, receivers } = history.now().feed;
    const weightOf = (edge: number) => {
      let number = 0;
      for (let at = 0; at < contacts.count; at++) {
        const ends = [contacts.fromRows[at], contacts.toRows[at]];
        const isOfBoth = ends.includes(senders[edge]) && ends.includes(receivers[edge]);
        if (isOfBoth && contacts.timesS![at] >= history.nowS - 28 * DAY_S) number++;
      }
      // Counts are told as of 28 days, though fewer were seen.
      const [first] = Float64Array.from(contacts.timesS!).sort();
      const scale = (28 * DAY_S) / Math.min(28 * DAY_S, Math.max(DAY_S, history.nowS - first));
      const days = (history.nowS - history.edges.timesS![edge]) / DAY_S;
      return (1 + settings.closeness * Math.log1p(number * scale)) * 2 ** (-days / settings.halfLifeDays);
    };
    const { offsets, entries } = groupBy(senders as Int32Array, users);
    const friends = { offsets, entries: entries.map((edge) => receivers[edge]) };
    const weights = Array.from(entries, weightOf);
    expect(Math.max(...weights)).toBeGreaterThan(2);
    expect(Math.min(...weights)).toBeLessThan(0.5);
    const expected = spectralPositions(friends, { width, rounds: 8, seed: 1 }, weights);
    const told = history.now().feed.positions;
    for (let at = 0; at < told.length; at += width) {
      const row = expected.subarray(at, at + width);
      const length = Math.hypot(...row);
      for (let k = 0; k < width; k++) expect(told[at + k]).toBeCloseTo(row[k] / Math.sqrt(length || 1), 4);
    }
    for (const alike of [{ closeness: 0 }, { halfLifeDays: 0 }]) {
      const other = new SocialHistory(data, 'friend', { ...settings, ...alike });
      expect(other.now().feed.positions).not.toEqual(told);
    }
  });

  it('are what the score multiplies, each times how ready the network finds a user', async () => {
    const network = system.network(system.prepare(data, 'friend', settings), settings);
    const forward = await device.compile(network.forward);
    const { feed } = history.now();
    const positions = feed.positions as Float32Array;
    const start = network.layout.initialise(new Random(1));
    const states = async (parameters: Float32Array) => (await forward.run({ ...feed, parameters })).users;
    // Nobody is found readier than others before anything is learned.
    expect([...(await states(start))]).toEqual([...positions]);
    const learned = start.map((value, at) => value + 0.1 * Math.sin(at));
    const rows = await states(learned);
    const readiness = Array.from({ length: users }, (_, user) => {
      const [own, position] = [rows, positions].map((all) => all.subarray(user * width, (user + 1) * width));
      // Who has no friends is nowhere.
      const ratio = Math.hypot(...own) / (Math.hypot(...position) || 1);
      own.forEach((value, k) => {
        expect(value).toBeCloseTo(ratio * position[k], 3);
      });
      return ratio;
    });
    expect(new Set(readiness.map((ratio) => ratio.toFixed(3))).size).toBeGreaterThan(10);
  });
});

describe('batches', () => {
  it.each([
    ['anybody who is no friend at first', 0],
    ['friends of friends in the last epochs', 1],
  ])('compare new friends with %s', (_name, epoch) => {
    const batches = new FriendshipBatches(history, settings);
    const friends = friendsOf(data, 'friend');
    const all = [...batches.epoch({ seed: 1, epoch })];
    expect(all).toHaveLength(batches.count);
    let [far, wrong] = [0, 0];
    for (const { user, positive, negative, senders, receivers } of all) {
      const ring = ringsOf(csrOf(senders, receivers), 2);
      const known = new Set(Array.from(senders, (from, edge) => from * users + receivers[edge]));
      for (let i = 0; i < user.length; i++) {
        const own = rowOf(friends, user[i]);
        // What is asked for is not known yet.
        const isNew = own.includes(positive[i]) && !known.has(user[i] * users + positive[i]);
        wrong += Number(!isNew || own.includes(negative[i]) || negative[i] === user[i]);
        // Who has no friends' friends is compared with anybody.
        const hard = rowOf(ring, user[i]).filter((other) => !own.includes(other));
        far += Number(hard.length > 0 && !hard.includes(negative[i])) / user.length;
      }
    }
    expect(wrong).toBe(0);
    if (epoch === 1) expect(far).toBe(0);
    else expect(far / all.length).toBeGreaterThan(0.1);
  });

  it('ask for every friendship from both ends, in the last epochs for those of the last days alone', () => {
    const given = { ...settings, batchPairs: 50, snapshotDays: 2, recentEpochs: 1 };
    const batches = new FriendshipBatches(history, given);
    const asked = (epoch: number) =>
      [...batches.epoch({ seed: 1, epoch })].map(({ user, positive }) =>
        Array.from(user, (of, i) => of * users + positive[i]),
      );
    const { fromRows, toRows, timesS } = history.edges;
    const first = asked(0);
    expect(new Set(first.flat()).size).toBe(history.edges.count);
    expect(first.flat()).toHaveLength(history.edges.count * given.negatives);
    const last = asked(1);
    expect(last).toHaveLength(first.length);
    const firstS = Math.ceil(history.nowS / DAY_S) * DAY_S - given.historyDays * DAY_S;
    const recent = [...timesS!.keys()].filter((edge) => timesS![edge] >= firstS);
    expect(new Set(last.flat())).toEqual(
      new Set(recent.map((edge) => fromRows[edge] * users + toRows[edge])),
    );
    const without = new FriendshipBatches(history, { ...given, past: 'no' });
    expect(
      new Set([...without.epoch({ seed: 1, epoch: 0 })].flatMap(({ user }) => [...user])).size,
    ).toBeLessThan(new Set(fromRows).size);
  });

  it('are made of parts of the friendships where no times are known', () => {
    const friend = raw.edges('friend');
    const plain = { ...friend, timesS: null };
    const untimed = withFriendships(new InteractionData([raw.nodes('user')], [plain]), 'friend');
    const prepared = system.prepare(untimed, 'friend', settings);
    expect(prepared.history.modalities.map(({ name }) => name)).toEqual([
      'profile',
      'interests',
      'friending',
    ]);
    const asked = [...prepared.batches.epoch({ seed: 1, epoch: 0 })];
    expect(asked).toHaveLength(prepared.batches.count);
    for (const { user, positive, senders, receivers } of asked) {
      const known = new Set(Array.from(senders, (from, edge) => from * users + receivers[edge]));
      for (let i = 0; i < user.length; i++) expect(known.has(user[i] * users + positive[i])).toBe(false);
    }
  });
});

it('has layers that read the layer below: with two, what friends of friends are counts', async () => {
  const { feed } = history.now();
  const friends = csrOf(feed.senders, feed.receivers);
  const user = 3;
  const [far] = rowOf(ringsOf(friends, 2), user);
  const columns = history.modalities.flatMap((modality) => modality.columns).length;
  const features = (feed.features as Float32Array).slice();
  for (let k = 0; k < columns; k++) features[far * columns + k] += 2;
  const change = async (layers: number) => {
    const given = { ...settings, layers, score: 'states' as const };
    const network = system.network(system.prepare(data, 'friend', given), given);
    const parameters = network.layout.initialise(new Random(1));
    const forward = await device.compile(network.forward);
    const stateOf = async (of: Feed) => {
      const { users: states } = await forward.run({ ...of, parameters });
      return states.slice(user * settings.embedding, (user + 1) * settings.embedding);
    };
    const [before, after] = [await stateOf(feed), await stateOf({ ...feed, features })];
    return Math.max(...before.map((value, k) => Math.abs(value - after[k])));
  };
  expect(await change(1)).toBe(0);
  expect(await change(2)).toBeGreaterThan(1e-5);
});

function csrOf(senders: Feed[string], receivers: Feed[string]) {
  const edges = { fromRows: senders as Int32Array, toRows: receivers as Int32Array };
  const table = { name: 'friend', from: 'user', to: 'user', ...edges };
  return friendsOf(new InteractionData([data.nodes('user')], [table]), 'friend');
}
