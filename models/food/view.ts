import type { ReportTable } from '@etalon/core/api/contract';
import { titleOf } from '@etalon/core/app/recommend';
import { Random, randomStream, type TaskContext } from '@etalon/core/base';
import { onDevice } from '@etalon/core/device';
import { pairsOf, rowOf } from '@etalon/core/interactions';
import { principalAxes, project } from '@etalon/core/retrieval';
import type { Outputs } from '../recommend/system.ts';
import type { LoadedFood } from './load.ts';

/** Dishes that are shown of those ordered, and as many that were not. */
const SHOWN = 15;
const VIEW_STREAM = 11;

/**
 * The embeddings of one user and of dishes, ordered or not, before training and after it, on the two axes along which they differ most: the
 * user who ordered most different dishes. And over all users how similar ordered dishes and others are.
 */
export async function embeddingView(food: LoadedFood, context: TaskContext): Promise<ReportTable[]> {
  const { city, states: after, seed } = food;
  const before = await untrained(food, context);
  const { data, menu } = city;
  const pairs = pairsOf(data.edges(menu.type), data.nodes(menu.userType).count);
  const ordersOf = (user: number) => rowOf(pairs, user);
  const users = Int32Array.from({ length: data.nodes(menu.userType).count }, (_, user) => user);
  const shown = users.reduce((best, user) => (ordersOf(user).length > ordersOf(best).length ? user : best));
  const random = randomStream(seed, VIEW_STREAM);
  const others = (user: number, count: number) => {
    const own = new Set(ordersOf(user));
    return random
      .shuffle(Int32Array.from({ length: city.items }, (_, item) => item).filter((item) => !own.has(item)))
      .subarray(0, count);
  };
  const ordered = random.shuffle(ordersOf(shown).slice()).subarray(0, SHOWN);
  const rest = others(shown, ordered.length);
  const items = Int32Array.of(...ordered, ...rest);
  const [placesBefore, placesAfter] = [before, after].map((states) =>
    onTwoAxes(states, city.items, shown, items),
  );
  const dishes = data.nodes(menu.itemType);
  const kinds = ['user', ...Array.from(ordered, () => 'ordered'), ...Array.from(rest, () => 'not ordered')];
  const asked = users.filter((user) => ordersOf(user).length > 0 && ordersOf(user).length < city.items);
  const mean = (states: Outputs, ofUser: (user: number) => Int32Array) =>
    meanSimilarity(states, city.items, asked, ofUser);
  const drawnFor = new Map(Array.from(asked, (user) => [user, others(user, ordersOf(user).length)]));
  return [
    {
      title: 'Similarity before and after training',
      note: 'Mean similarity of users with dishes that they ordered, and with as many drawn ones that they did not; without training the layers are as they were drawn.',
      columns: ['', 'ordered', 'not ordered'],
      rows: [
        ['before', mean(before, ordersOf), mean(before, (user) => drawnFor.get(user)!)],
        ['after', mean(after, ordersOf), mean(after, (user) => drawnFor.get(user)!)],
      ],
    },
    {
      title: 'A user’s orders before and after training',
      note: 'Embeddings on their two main axes: the user who ordered most different dishes, dishes ordered and dishes not.',
      columns: ['', 'is', 'x before', 'y before', 'x after', 'y after'],
      rows: kinds.map((kind, i) => [
        i === 0
          ? data.nodes(menu.userType).ids[shown]
          : (titleOf(dishes, items[i - 1]) ?? dishes.ids[items[i - 1]]),
        kind,
        ...placesBefore[i],
        ...placesAfter[i],
      ]),
    },
  ];
}

/** The states by the weights that training began with. */
function untrained({ loaded, seed }: LoadedFood, { report }: TaskContext): Promise<Outputs> {
  const { network, prepared } = loaded;
  const parameters = network.layout.initialise(new Random(seed));
  return onDevice(
    'cpu',
    (stage) => report({ stage, done: 0 }),
    async (device) => {
      const forward = await device.compile(network.forward);
      return forward.run({ ...prepared.feed, parameters });
    },
  );
}

/** [1 + items] the user and items on the two main axes of their differences from their mean. */
function onTwoAxes(
  { users, items: all }: Outputs,
  count: number,
  user: number,
  items: Int32Array,
): number[][] {
  const width = all.length / count;
  const rows = [users.slice(user * width, (user + 1) * width)];
  for (const item of items) rows.push(all.slice(item * width, (item + 1) * width));
  const mean = Float64Array.from(
    { length: width },
    (_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length,
  );
  const centred = Float32Array.from(rows.flatMap((row) => Array.from(row, (value, k) => value - mean[k])));
  const places = project(principalAxes(centred, width, 2), centred);
  return rows.map((_, i) => [places[2 * i], places[2 * i + 1]]);
}

function meanSimilarity(
  { users, items }: Outputs,
  count: number,
  asked: Int32Array,
  ofUser: (user: number) => Int32Array,
): number {
  const width = items.length / count;
  let [sum, pairs] = [0, 0];
  for (const user of asked)
    for (const item of ofUser(user)) {
      for (let k = 0; k < width; k++) sum += users[user * width + k] * items[item * width + k];
      pairs++;
    }
  return sum / pairs;
}
