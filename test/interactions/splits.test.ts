import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  type EdgeTable,
  InteractionData,
  leaveOneOut,
  type Split,
  splitAtTimes,
  splitByTime,
  splitNewNodes,
  splitPairsAtRandom,
  splitUsersAtRandom,
  splitUsersByTime,
} from '../../core/interactions/index.ts';
import { anyEdges, edgesOf, interactionsOf } from '../support/interactions.ts';

const SHARES = { validation: 0.1, test: 0.2 };
const someShares = fc.record({
  validation: fc.constantFrom(0, 0.1, 0.3),
  test: fc.constantFrom(0, 0.2, 0.5),
});

/** Every edge exactly once, but for those that `lost` names. */
function expectPartition({ train, validation, test }: Split, count: number, lost: number[] = []): void {
  expect([...train, ...validation, ...test, ...lost].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
}

const untimed = ({ timesS }: EdgeTable) => [...timesS!.keys()].filter((edge) => Number.isNaN(timesS![edge]));

describe('splitByTime', () => {
  it('never trains on what came after the cut', () => {
    fc.assert(
      fc.property(anyEdges(5, 5), someShares, (plain, shares) => {
        const edges = edgesOf(plain, 5, 5);
        const split = splitByTime(edges, shares);
        expectPartition(split, edges.count, untimed(edges));
        const timesOf = (part: Int32Array) => [...part].map((edge) => edges.timesS![edge]);
        for (const time of timesOf(split.train)) expect(time).toBeLessThan(split.validationFromS);
        for (const time of timesOf(split.validation)) {
          expect(time).toBeGreaterThanOrEqual(split.validationFromS);
          expect(time).toBeLessThan(split.testFromS);
        }
        for (const time of timesOf(split.test)) expect(time).toBeGreaterThanOrEqual(split.testFromS);
        const timed = edges.count - untimed(edges).length;
        expect(split.test.length).toBeGreaterThanOrEqual(Math.floor(timed * shares.test));
      }),
    );
  });

  it('cuts a hundred moments at the shares asked for', () => {
    const plain = Array.from({ length: 100 }, (_, i) => ({
      user: i % 3,
      item: i % 4,
      timeS: (i * 37) % 100,
    }));
    const edges = edgesOf(plain, 3, 4);
    const { validationFromS, testFromS, ...parts } = splitByTime(edges, SHARES);
    expect([validationFromS, testFromS]).toEqual([70, 80]);
    expect([parts.train.length, parts.validation.length, parts.test.length]).toEqual([70, 10, 20]);
    expect(parts).toEqual(splitAtTimes(edges, 70, 80));
  });

  it('refuses edges without times and shares without a rest', () => {
    const bare = edgesOf([{ user: 0, item: 0 }], 1, 1);
    expect(() => splitByTime(bare, SHARES)).toThrow('not known when the edges "took" came to be');
    const timed = edgesOf([{ user: 0, item: 0, timeS: 1 }], 1, 1);
    expect(() => splitUsersByTime(timed, { shares: { validation: 0.5, test: 0.5 } })).toThrow(
      'nothing to train on',
    );
  });
});

describe('splitUsersByTime', () => {
  it('holds out the last of each user, and no user trains on a later edge than is asked for', () => {
    fc.assert(
      fc.property(anyEdges(4, 6), someShares, (plain, shares) => {
        const edges = edgesOf(plain, 4, 6);
        const split = splitUsersByTime(edges, { shares });
        expectPartition(split, edges.count, untimed(edges));
        for (let user = 0; user < 4; user++) {
          const own = (part: Int32Array) => [...part].filter((edge) => edges.fromRows[edge] === user);
          const times = (part: Int32Array) => own(part).map((edge) => edges.timesS![edge]);
          expect(Math.max(...times(split.train))).toBeLessThanOrEqual(
            Math.min(...times(split.validation), ...times(split.test)),
          );
          expect(Math.max(...times(split.validation))).toBeLessThanOrEqual(Math.min(...times(split.test)));
          const n = own(split.train).length + own(split.validation).length + own(split.test).length;
          if (n > 0) expect(own(split.train).length).toBeGreaterThan(0);
          expect(own(split.test).length).toBe(Math.floor(n * shares.test + 1e-9));
        }
      }),
    );
  });

  it('leaves one out: the last for the test, the one before for validation', () => {
    const plain = [
      { user: 0, item: 3, timeS: 30 },
      { user: 0, item: 1, timeS: 10 },
      { user: 1, item: 2, timeS: 5 },
      { user: 0, item: 2, timeS: 20 },
      { user: 0, item: 4, timeS: 30 },
      { user: 1, item: 1, timeS: 6 },
    ];
    const split = leaveOneOut(edgesOf(plain, 2, 5));
    expect([...split.test]).toEqual([4]);
    expect([...split.validation]).toEqual([0]);
    expect([...split.train]).toEqual([1, 2, 3, 5]);
    expect(split).toEqual(splitUsersByTime(edgesOf(plain, 2, 5), { counts: { validation: 1, test: 1 } }));
  });
});

describe('random splits', () => {
  it('hold out as many of each user as asked for, the same ones for a seed', () => {
    fc.assert(
      fc.property(anyEdges(4, 6), fc.integer(), (plain, seed) => {
        const edges = edgesOf(plain, 4, 6);
        const split = splitUsersAtRandom(edges, { shares: SHARES }, new Random(seed));
        expectPartition(split, edges.count);
        expect(split).toEqual(splitUsersAtRandom(edges, { shares: SHARES }, new Random(seed)));
        for (let user = 0; user < 4; user++) {
          const own = (part: Int32Array) => [...part].filter((edge) => edges.fromRows[edge] === user).length;
          const n = plain.filter((edge) => edge.user === user).length;
          expect(own(split.test)).toBe(Math.floor(n * 0.2 + 1e-9));
          expect(own(split.validation)).toBe(Math.floor(n * 0.1 + 1e-9));
        }
      }),
    );
    const many = edgesOf(
      Array.from({ length: 100 }, (_, item) => ({ user: 0, item })),
      1,
      100,
    );
    const [a, b] = [1, 2].map((seed) => splitUsersAtRandom(many, { shares: SHARES }, new Random(seed)));
    expect(a.test).not.toEqual(b.test);
  });

  it('keep both directions of a friendship, and its repetitions, in one part', () => {
    fc.assert(
      fc.property(anyEdges(6, 6), fc.integer(), (plain, seed) => {
        const friends = new InteractionData(
          [{ name: 'user', ids: ['0', '1', '2', '3', '4', '5'] }],
          [
            {
              name: 'knows',
              from: 'user',
              to: 'user',
              fromRows: Int32Array.from(plain, ({ user }) => user),
              toRows: Int32Array.from(plain, ({ item }) => item),
            },
          ],
        ).edges('knows');
        const split = splitPairsAtRandom(friends, { validation: 0.2, test: 0.4 }, new Random(seed));
        expectPartition(split, plain.length);
        const keys = (part: Int32Array) =>
          new Set([...part].map((edge) => [friends.fromRows[edge], friends.toRows[edge]].sort().join()));
        const [train, validation, test] = [split.train, split.validation, split.test].map(keys);
        for (const key of train) expect(validation.has(key) || test.has(key)).toBe(false);
        for (const key of validation) expect(test.has(key)).toBe(false);
        expect(test.size).toBe(Math.floor((train.size + validation.size + test.size) * 0.4 + 1e-9));
      }),
    );
  });
});

describe('splitNewNodes', () => {
  it.each(['out', 'in'] as const)('shows training nothing of new nodes (%s)', (side) => {
    fc.assert(
      fc.property(anyEdges(8, 8), fc.constantFrom(0, 0.5), fc.integer(), (plain, known, seed) => {
        const data = interactionsOf(8, 8, plain);
        const edges = data.edges('took');
        const options = { validation: 0.25, test: 0.25, known };
        const split = splitNewNodes(data, 'took', side, options, new Random(seed));
        expectPartition(split, plain.length, [...split.known]);
        const nodes = side === 'out' ? edges.fromRows : edges.toRows;
        const nodesOf = (part: Int32Array) => new Set([...part].map((edge) => nodes[edge]));
        const fresh = new Set([...split.newNodes.validation, ...split.newNodes.test]);
        for (const node of nodesOf(split.train)) expect(fresh.has(node)).toBe(false);
        for (const node of nodesOf(split.test)) expect(split.newNodes.test).toContain(node);
        for (const node of nodesOf(split.validation)) expect(split.newNodes.validation).toContain(node);
        for (const node of nodesOf(split.known)) expect(fresh).toContain(node);
        // What is given is not younger than what is asked for.
        const time = (edge: number) => (Number.isNaN(plain[edge].timeS) ? Infinity : plain[edge].timeS);
        for (const node of fresh) {
          const of = (part: Int32Array) => [...part].filter((edge) => nodes[edge] === node).map(time);
          const asked = [...of(split.test), ...of(split.validation)];
          expect(of(split.known).length).toBe(Math.floor(known * (of(split.known).length + asked.length)));
          if (edges.timesS) expect(Math.max(...of(split.known))).toBeLessThanOrEqual(Math.min(...asked));
        }
      }),
    );
  });
});
