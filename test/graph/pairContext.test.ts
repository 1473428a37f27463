import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { type ContextRows, pairContext, takeContext } from '../../core/graph/index.ts';

const NODES = 12;

describe('the context of pairs', () => {
  it('is every edge within the two egos and between them, found by trying all edges', () => {
    const graph = randomEdges(new Random(4), 50);
    const asked = Int32Array.of(3, 11, 0, 27, 49);
    const context = pairContext(graph, asked, { most: 1000, random: new Random(1) });
    const expected = bruteForce(graph, asked);
    expect(pairsOf(context.fromFirst)).toEqual(expected.fromFirst);
    expect(pairsOf(context.toSecond)).toEqual(expected.toSecond);
    expect(pairsOf(context.between)).toEqual(expected.between);
    expect(expected.between.length).toBeGreaterThan(10);
  });

  it('is at most so many edges of each kind, drawn from all of them, the same for the same seed', () => {
    const graph = randomEdges(new Random(5), 60);
    const asked = Int32Array.of(1, 2, 30);
    const [all, some, again] = [1000, 2, 2].map((most) =>
      pairContext(graph, asked, { most, random: new Random(7) }),
    );
    expect(some).toEqual(again);
    for (const kind of ['fromFirst', 'toSecond', 'between'] as const) {
      const full = pairsOf(all[kind]);
      for (const row of pairsOf(some[kind])) expect(full).toContain(row);
      for (const pair of asked.keys()) {
        const had = all[kind].pair.filter((own) => own === pair).length;
        expect(some[kind].pair.filter((own) => own === pair).length).toBe(Math.min(2, had));
      }
    }
  });

  it('is taken for some of the pairs in any order', () => {
    const rows: ContextRows = { pair: Int32Array.of(0, 0, 2, 2, 3), edge: Int32Array.of(5, 6, 7, 8, 9) };
    expect(takeContext(rows, Int32Array.of(3, 1, 0), 4)).toEqual({
      pair: Int32Array.of(0, 2, 2),
      edge: Int32Array.of(9, 5, 6),
    });
  });
});

/** Different edges without loops. */
function randomEdges(random: Random, count: number) {
  const all = Array.from({ length: NODES * NODES }, (_, key) => key).filter(
    (key) => Math.floor(key / NODES) !== key % NODES,
  );
  const keys = random.shuffle(all).slice(0, count);
  return {
    nodeCount: NODES,
    senders: Int32Array.from(keys, (key) => Math.floor(key / NODES)),
    receivers: Int32Array.from(keys, (key) => key % NODES),
  };
}

function bruteForce({ senders, receivers }: ReturnType<typeof randomEdges>, asked: Int32Array) {
  const has = (u: number, v: number) => senders.some((s, e) => s === u && receivers[e] === v);
  const rows = (belongs: (u: number, v: number, x: number, y: number) => boolean) =>
    Array.from(asked).flatMap((edge, pair) =>
      Array.from(senders.keys())
        .filter((e) => belongs(senders[edge], receivers[edge], senders[e], receivers[e]))
        .map((e) => `${pair}: ${e}`),
    );
  return {
    fromFirst: rows((u, v, x, y) => x === u && y !== v).sort(),
    toSecond: rows((u, v, x, y) => y === v && x !== u).sort(),
    between: rows((u, v, x, y) => x !== v && y !== u && x !== u && y !== v && has(u, x) && has(y, v)).sort(),
  };
}

function pairsOf({ pair, edge }: ContextRows): string[] {
  return Array.from(pair, (own, i) => `${own}: ${edge[i]}`).sort();
}
