import { expect, it } from 'vitest';
import { type EdgeColumns, InteractionData, type NodeColumns } from '../../../core/interactions/index.ts';
import { menuOf } from '../../../models/food/menu.ts';
import { occasionAt, occasionsOf } from '../../../models/food/orders.ts';

const places = {
  kind: 'coordinates' as const,
  longitude: Float64Array.of(11, 12),
  latitude: Float64Array.of(48, 49),
};
const users: NodeColumns = { name: 'user', ids: ['a', 'b'] };
const cuisines = { kind: 'categorical' as const, categories: ['Thai', 'Greek'], codes: Int32Array.of(1, -1) };
const edges = (name: string, from: string, to: string, pairs: [number, number][]): EdgeColumns => ({
  name,
  from,
  to,
  fromRows: Int32Array.from(pairs, ([row]) => row),
  toRows: Int32Array.from(pairs, ([, row]) => row),
});

it('places of dishes are those of the restaurants that offer them, whichever way the edges run', () => {
  const dishes: NodeColumns = { name: 'dish', ids: ['x', 'y'], features: { cuisine: cuisines } };
  const restaurants: NodeColumns = { name: 'restaurant', ids: ['p', 'q'], features: { place: places } };
  const ordered = edges('ordered', 'user', 'dish', [[0, 0]]);
  for (const offers of [
    edges('offers', 'restaurant', 'dish', [[1, 0]]),
    edges('offered by', 'dish', 'restaurant', [[0, 1]]),
  ]) {
    const menu = menuOf(new InteractionData([users, dishes, restaurants], [ordered, offers]), 'ordered');
    expect(menu.restaurantType).toBe('restaurant');
    expect([...menu.restaurantOf]).toEqual([1, -1]);
    expect([menu.places!.longitude[0], menu.places!.latitude[0]]).toEqual([12, 49]);
    expect(menu.places!.longitude[1]).toBeNaN();
    expect([[...menu.kindOf], menu.kinds]).toEqual([[1, -1], 2]);
  }
});

it('items with places of their own are restaurants, and what they have several of offers nothing', () => {
  const kinds: NodeColumns = { name: 'cuisine', ids: ['Thai', 'Greek'] };
  const rated = edges('rated', 'user', 'place', [[0, 1]]);
  const own: NodeColumns = { name: 'place', ids: ['p', 'q'], features: { place: places } };
  const served = edges('serves', 'place', 'cuisine', [[0, 0]]);
  const menu = menuOf(new InteractionData([users, own, kinds], [rated, served]), 'rated');
  expect([menu.restaurantType, [...menu.restaurantOf], menu.places]).toEqual([null, [-1, -1], places]);
  const several = edges('serves', 'place', 'cuisine', [
    [0, 0],
    [0, 1],
  ]);
  const without = new InteractionData([users, { name: 'place', ids: ['p', 'q'] }, kinds], [rated, several]);
  expect(menuOf(without, 'rated').restaurantType).toBeNull();
});

it('the moment of an order is told by its features, else by its time, and its place by itself, else by the home', () => {
  // 2025-03-15 was a Saturday.
  const timesS = Float64Array.of(Date.parse('2025-03-15T21:40Z') / 1000, Number.NaN);
  const table = (features: EdgeColumns['features']) =>
    new InteractionData(
      [users, { name: 'dish', ids: ['x', 'y'] }],
      [
        {
          ...edges('ordered', 'user', 'dish', [
            [0, 0],
            [1, 1],
          ]),
          timesS,
          ...(features && { features }),
        },
      ],
    ).edges('ordered');
  const told = occasionsOf(table({}), places);
  expect(told(0)).toEqual({ hour: 21, weekday: 5, place: [11, 48] });
  expect(told(1)).toEqual({ hour: Number.NaN, weekday: Number.NaN, place: [12, 49] });
  const features = {
    hour: { kind: 'numeric' as const, values: Float64Array.of(22, 7) },
    weekday: { kind: 'categorical' as const, categories: ['Sunday', 'Monday'], codes: Int32Array.of(0, 1) },
    to: {
      kind: 'coordinates' as const,
      longitude: Float64Array.of(1, Number.NaN),
      latitude: Float64Array.of(2, 0),
    },
  };
  const known = occasionsOf(table(features), null);
  expect(known(0)).toEqual({ hour: 22, weekday: 6, place: [1, 2] });
  expect(known(1)).toEqual({ hour: 7, weekday: 0, place: null });
  expect(occasionAt('2025-03-15T21:40', null)).toEqual({ hour: 21, weekday: 5, place: null });
});
