import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EdgeTable,
  type FeatureColumn,
  featureText,
  InteractionData,
  isMissing,
  kCore,
  takeFeature,
} from '../../core/interactions/index.ts';

const FEATURES: Record<string, FeatureColumn> = {
  age: { kind: 'numeric', values: Float64Array.of(24, Number.NaN, 31) },
  gender: { kind: 'categorical', codes: Int32Array.of(1, 0, -1), categories: ['f', 'm'] },
  about: { kind: 'text', values: ['likes jazz', null, 'no'] },
  genres: {
    kind: 'multi',
    offsets: Uint32Array.of(0, 2, 2, 3),
    codes: Int32Array.of(1, 0, 1),
    categories: ['jazz', 'pop'],
  },
  home: {
    kind: 'coordinates',
    longitude: Float64Array.of(8.7, Number.NaN, 2),
    latitude: Float64Array.of(49.4, Number.NaN, 1),
  },
};

function shop(): InteractionData {
  return new InteractionData(
    [
      { name: 'user', ids: ['7', 'anna', '9'], features: FEATURES },
      { name: 'item', ids: ['a', 'b'] },
    ],
    [
      {
        name: 'bought',
        from: 'user',
        to: 'item',
        fromRows: Int32Array.of(0, 2, 0, 1),
        toRows: Int32Array.of(1, 0, 1, 0),
        weights: Float32Array.of(1, 2, 3, 4),
        timesS: Float64Array.of(100, 200, 300, Number.NaN),
        features: { price: { kind: 'numeric', values: Float64Array.of(10, 20, 30, 40) } },
      },
      { name: 'knows', from: 'user', to: 'user', fromRows: Int32Array.of(1), toRows: Int32Array.of(2) },
    ],
  );
}

const pairs = ({ fromRows, toRows }: EdgeTable) => [...fromRows].map((from, edge) => [from, toRows[edge]]);

describe('nodes and edges', () => {
  it('finds rows by identifier, whether it is written as text or as a number', () => {
    const users = shop().nodes('user');
    expect([users.rowOf('7'), users.rowOf(7), users.row('anna'), users.rowOf('b')]).toEqual([
      0,
      0,
      1,
      undefined,
    ]);
    expect(() => users.row(8)).toThrow('There is no user "8".');
    expect(() => shop().nodes('song')).toThrow('no nodes of type "song"');
    expect(() => shop().edges('sold')).toThrow('no edges of type "sold"');
  });

  it('lists neighbours from both sides and counts edges', () => {
    const data = shop();
    const out = data.adjacency('bought', 'out');
    expect([...out.neighbours.subarray(out.offsets[0], out.offsets[1])]).toEqual([1, 1]);
    expect([...out.weights!.subarray(out.offsets[0], out.offsets[1])]).toEqual([1, 3]);
    const into = data.adjacency('bought', 'in');
    expect([...into.neighbours.subarray(into.offsets[0], into.offsets[1])]).toEqual([2, 1]);
    expect(data.adjacency('bought', 'in')).toBe(into);
    expect([...data.degrees('bought', 'out')]).toEqual([2, 1, 1]);
    expect([...data.degrees('bought', 'in')]).toEqual([2, 2]);
  });

  it('refuses broken data', () => {
    const build =
      (edge: object, node: object = {}) =>
      () =>
        new InteractionData(
          [{ name: 'u', ids: ['1', '2'], ...node }],
          [{ name: 'e', from: 'u', to: 'u', fromRows: Int32Array.of(0), toRows: Int32Array.of(1), ...edge }],
        );
    expect(build({})).not.toThrow();
    expect(build({ toRows: Int32Array.of(2) })).toThrow('outside of the nodes u');
    expect(build({ to: 'v' })).toThrow('no nodes of type "v"');
    expect(build({ timesS: new Float64Array(2) })).toThrow('differ in length');
    expect(build({ weights: Float32Array.of(0) })).toThrow('not positive');
    expect(build({ features: FEATURES })).toThrow('has 3 rows, not 1');
    expect(
      build({}, { features: { f: { kind: 'categorical', codes: Int32Array.of(0, 2), categories: ['x'] } } }),
    ).toThrow('a code without a category');
    expect(() =>
      build({}, { ids: ['1', '1'] })()
        .nodes('u')
        .rowOf('1'),
    ).toThrow('one identifier');
  });

  it('is as it was at any moment: what happened then or later, or nobody knows when, is not there', () => {
    const data = shop();
    expect(pairs(data.asOf(300).edges('bought'))).toEqual([
      [0, 1],
      [2, 0],
    ]);
    expect(data.asOf(100).edges('bought').count).toBe(0);
    const then = data.asOf(301).edges('bought');
    expect([...then.weights!]).toEqual([1, 2, 3]);
    expect(then.features.price).toEqual({ kind: 'numeric', values: Float64Array.of(10, 20, 30) });
    expect(data.asOf(100).edges('knows')).toBe(data.edges('knows'));
    expect(data.edges('bought').count).toBe(4);
  });

  it('drops nodes with their edges and numbers the rest anew', () => {
    const rest = shop().filterNodes('user', (row) => row !== 0);
    expect(rest.nodes('user').ids).toEqual(['anna', '9']);
    expect(pairs(rest.edges('bought'))).toEqual([
      [1, 0],
      [0, 0],
    ]);
    expect(pairs(rest.edges('knows'))).toEqual([[0, 1]]);
    expect(featureText(rest.nodes('user').features.genres, 1)).toBe('pop');
  });
});

describe('features', () => {
  it('keep values with their rows and say what is missing', () => {
    const rows = Int32Array.of(2, 0, 1, 0);
    for (const column of Object.values(FEATURES)) {
      const taken = takeFeature(column, rows);
      rows.forEach((row, i) => {
        expect(isMissing(taken, i)).toBe(isMissing(column, row));
        expect(featureText(taken, i)).toBe(featureText(column, row));
      });
      expect(isMissing(column, 1)).toBe(column.kind !== 'categorical');
    }
    expect(featureText(FEATURES.genres, 0)).toBe('pop, jazz');
    expect(featureText(FEATURES.gender, 0)).toBe('m');
    expect(featureText(FEATURES.gender, 2)).toBe('');
    expect(featureText(FEATURES.home, 0)).toBe('8.7, 49.4');
  });
});

describe('kCore', () => {
  const edgesOf = (left: number, right: number) =>
    fc.array(fc.tuple(fc.nat(left - 1), fc.nat(right - 1)), { maxLength: 40 });

  it('takes poor nodes away, one after another, until none is left, of either type', () => {
    fc.assert(
      fc.property(edgesOf(7, 6), fc.integer({ min: 1, max: 4 }), (edges, k) => {
        const names = (core: InteractionData) =>
          pairs(core.edges('e')).map(([u, v]) => `${core.nodes('u').ids[u]} ${core.nodes('v').ids[v]}`);
        expect(names(kCore(bipartite(edges), 'e', k))).toEqual(
          plainCore(edges, k).map(([u, v]) => `u${u} v${v}`),
        );
      }),
    );
  });

  it('counts friends in either direction where both ends are of one type', () => {
    const ring = [
      [0, 1],
      [1, 2],
      [2, 0],
      [2, 1],
      [3, 0],
      [4, 4],
      [4, 4],
    ];
    const data = new InteractionData(
      [{ name: 'u', ids: ['a', 'b', 'c', 'd', 'e'] }],
      [
        {
          name: 'e',
          from: 'u',
          to: 'u',
          fromRows: Int32Array.from(ring, ([u]) => u),
          toRows: Int32Array.from(ring, ([, v]) => v),
        },
      ],
    );
    const core = kCore(data, 'e', 2);
    expect(core.nodes('u').ids).toEqual(['a', 'b', 'c']);
    expect(pairs(core.edges('e'))).toEqual(ring.slice(0, 4));
  });

  function bipartite(edges: readonly (readonly [number, number])[]): InteractionData {
    return new InteractionData(
      [
        { name: 'u', ids: Array.from({ length: 7 }, (_, i) => `u${i}`) },
        { name: 'v', ids: Array.from({ length: 6 }, (_, i) => `v${i}`) },
      ],
      [
        {
          name: 'e',
          from: 'u',
          to: 'v',
          fromRows: Int32Array.from(edges, ([u]) => u),
          toRows: Int32Array.from(edges, ([, v]) => v),
        },
      ],
    );
  }

  function plainCore(edges: (readonly [number, number])[], k: number): (readonly [number, number])[] {
    const poor = ([u, v]: readonly [number, number]) =>
      new Set(edges.filter(([x]) => x === u).map(([, y]) => y)).size < k ||
      new Set(edges.filter(([, y]) => y === v).map(([x]) => x)).size < k;
    const rest = edges.filter((edge) => !poor(edge));
    return rest.length === edges.length ? rest : plainCore(rest, k);
  }
});
