import { describe, expect, it } from 'vitest';
import {
  bothWays,
  friendsOf,
  holdOut,
  InteractionData,
  lastActiveS,
  rowOf,
  withFriendships,
} from '../../core/interactions/index.ts';

const NAMES = ['a', 'b', 'c', 'd'];

type Row = readonly [from: number, to: number, timeS: number];

function table(name: string, rows: readonly Row[]) {
  return {
    name,
    from: 'user',
    to: 'user',
    fromRows: Int32Array.from(rows, ([from]) => from),
    toRows: Int32Array.from(rows, ([, to]) => to),
    timesS: Float64Array.from(rows, ([, , timeS]) => timeS),
  };
}

function network(friends: readonly Row[], talks: readonly Row[] = []): InteractionData {
  return new InteractionData(
    [{ name: 'user', ids: NAMES }],
    [table('friend', friends), table('talk', talks)],
  );
}

const rowsOf = (data: InteractionData, type: string) => {
  const { fromRows, toRows, timesS } = data.edges(type);
  return [...fromRows].map((from, edge) => [from, toRows[edge], timesS![edge]]);
};

describe('friendships', () => {
  it('are each way once, from their earliest known time on, and nobody is their own friend', () => {
    const edges = network([
      [0, 1, 5],
      [1, 0, 3],
      [2, 2, 1],
      [3, 2, Number.NaN],
      [2, 3, 9],
    ]).edges('friend');
    const { fromRows, toRows, timesS } = bothWays(edges);
    expect([...fromRows]).toEqual([0, 3, 1, 2]);
    expect([...toRows]).toEqual([1, 2, 0, 3]);
    expect([...timesS!]).toEqual([3, 9, 3, 9]);
  });

  it('list the different friends of each, whichever way an edge leads', () => {
    const data = network([
      [0, 1, 5],
      [2, 0, 3],
      [0, 2, 4],
      [1, 1, 4],
    ]);
    const friends = friendsOf(data, 'friend');
    expect(NAMES.map((_, user) => [...rowOf(friends, user)])).toEqual([[1, 2], [0], [0], []]);
  });

  it('are none between users and items', () => {
    const data = new InteractionData(
      [
        { name: 'user', ids: ['a'] },
        { name: 'item', ids: ['x'] },
      ],
      [{ ...table('took', [[0, 0, 1]]), to: 'item' }],
    );
    expect(() => friendsOf(data, 'took')).toThrow(
      '"took" leads from a user to a item: that is no friendship.',
    );
  });
});

describe('holding out friendships', () => {
  const friends: Row[] = [
    [0, 1, 1],
    [1, 2, 2],
    [2, 3, 3],
    [3, 0, 4],
    [0, 2, 8],
  ];
  const talks: Row[] = [
    [1, 0, 3],
    [3, 1, 8],
    [2, 0, 9],
  ];

  it('by one cut leaves nothing of any type from the cut on, and asks both ends', () => {
    const data = withFriendships(network(friends, talks), 'friend');
    const { train, known, validation, test } = holdOut(data, 'friend', {
      way: 'time',
      test: 0.2,
      validation: 0.2,
      seed: 1,
    });
    expect(rowsOf(known, 'talk')).toEqual([[1, 0, 3]]);
    expect(Math.max(...rowsOf(known, 'friend').map(([, , timeS]) => timeS))).toBe(4);
    expect(Math.max(...rowsOf(train, 'friend').map(([, , timeS]) => timeS))).toBe(3);
    expect([...test!.users]).toEqual([0, 2]);
    expect([...rowOf(test!.relevant, 2)]).toEqual([0]);
    expect([...rowOf(test!.known, 2)]).toEqual([1, 2, 3]);
    expect([...validation!.users]).toEqual([0, 3]);
  });

  it('at random keeps both directions of a pair together', () => {
    const data = withFriendships(network(friends), 'friend');
    for (let seed = 1; seed <= 5; seed++) {
      const { known, test } = holdOut(data, 'friend', { way: 'random', test: 0.4, validation: 0, seed });
      const left = new Set(rowsOf(known, 'friend').map(([from, to]) => `${from} ${to}`));
      expect(left.size).toBe(6);
      for (const pair of left) expect(left).toContain([...pair].reverse().join(''));
      for (const user of test!.users)
        for (const other of rowOf(test!.relevant, user))
          expect([...rowOf(test!.relevant, other)]).toContain(user);
    }
  });
});

it('the last edge of any type, from either end, tells when somebody was active', () => {
  const data = network(
    [[0, 1, 5]],
    [
      [1, 2, 7],
      [2, 0, Number.NaN],
    ],
  );
  expect([...lastActiveS(data, 'user')]).toEqual([5, 7, 7, Number.NaN]);
});
