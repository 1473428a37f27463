import fc from 'fast-check';
import { type EdgeTable, InteractionData } from '../../core/interactions/index.ts';

export interface PlainEdge {
  user: number;
  item: number;
  timeS?: number;
}

/** Users u0 … and items i0 … with edges of the type `took`; times where every edge has one. */
export function interactionsOf(users: number, items: number, edges: readonly PlainEdge[]): InteractionData {
  const timed = edges.length > 0 && edges.every(({ timeS }) => timeS !== undefined);
  return new InteractionData(
    [
      { name: 'user', ids: Array.from({ length: users }, (_, i) => `u${i}`) },
      { name: 'item', ids: Array.from({ length: items }, (_, i) => `i${i}`) },
    ],
    [
      {
        name: 'took',
        from: 'user',
        to: 'item',
        fromRows: Int32Array.from(edges, ({ user }) => user),
        toRows: Int32Array.from(edges, ({ item }) => item),
        timesS: timed ? Float64Array.from(edges, ({ timeS }) => timeS!) : null,
      },
    ],
  );
}

/** Few users, items and moments, so that edges share them. */
export function anyEdges(users: number, items: number, maxLength = 60): fc.Arbitrary<Required<PlainEdge>[]> {
  return fc.array(
    fc.record({
      user: fc.nat(users - 1),
      item: fc.nat(items - 1),
      timeS: fc.oneof(
        { weight: 9, arbitrary: fc.nat(15) },
        { weight: 1, arbitrary: fc.constant(Number.NaN) },
      ),
    }),
    { minLength: 1, maxLength },
  );
}

export function edgesOf(edges: readonly PlainEdge[], users: number, items: number): EdgeTable {
  return interactionsOf(users, items, edges).edges('took');
}
