import { Random } from '../../core/base/index.ts';
import { InteractionData } from '../../core/interactions/index.ts';

export const TASTES = 4;
export const DAY_S = 86_400;

/**
 * User u has taste u mod 4 and lives in region ⌊u / 4⌋ mod 2; most friends share both. Three noisy numbers and the region are seen.
 * Friends talk at times; every tenth user has not done anything for a year.
 */
export function communities(users: number, seed = 3): InteractionData {
  const random = new Random(seed);
  const tasteOf = (user: number) => user % TASTES;
  const regionOf = (user: number) => Math.floor(user / TASTES) % 2;
  const isGone = (user: number) => user % 10 === 9;
  const friends: { from: number; to: number; timeS: number }[] = [];
  for (let from = 0; from < users; from++)
    for (let to = from + 1; to < users; to++) {
      const alike = tasteOf(from) === tasteOf(to) && regionOf(from) === regionOf(to);
      if (random.uniform() > (alike ? 0.4 : 0.02)) continue;
      const day = isGone(from) || isGone(to) ? random.uniform() * 30 : 400 + random.uniform() * 30;
      friends.push({ from, to, timeS: day * DAY_S });
    }
  const talks = friends.filter(({ timeS }) => timeS > 400 * DAY_S && random.uniform() < 0.5);
  const table = (name: string, edges: typeof friends) => ({
    name,
    from: 'user',
    to: 'user',
    fromRows: Int32Array.from(edges, ({ from }) => from),
    toRows: Int32Array.from(edges, ({ to }) => to),
    timesS: Float64Array.from(edges, ({ timeS }) => timeS),
  });
  const noisy = (axis: number) =>
    Float64Array.from(
      { length: users },
      (_, user) => (tasteOf(user) === axis ? 1 : 0) + 0.7 * random.normal(),
    );
  return new InteractionData(
    [
      {
        name: 'user',
        ids: Array.from({ length: users }, (_, user) => `u${user}`),
        features: {
          region: {
            kind: 'categorical',
            categories: ['North', 'South'],
            codes: Int32Array.from({ length: users }, (_, user) => regionOf(user)),
          },
          ...Object.fromEntries(
            [0, 1, 2].map((axis) => [`n${axis}`, { kind: 'numeric' as const, values: noisy(axis) }]),
          ),
        },
      },
    ],
    [
      table('friend', friends),
      table(
        'talk',
        talks.map((talk) => ({ ...talk, timeS: talk.timeS + DAY_S })),
      ),
    ],
  );
}
