import type { RecommendQuestion, UserRecommendations, WrittenRows } from '../../api/recommenders.ts';
import { breathe, EtalonError, plural, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { type NodeTable, pairsOf, rowOf } from '../../interactions/index.ts';
import type { OpenRecommender, Reasons } from './definition.ts';
import { type AskedGroup, groupReasons, groupScores } from './group.ts';
import { assertWritable, type TableColumn, writeTable } from './tables.ts';
import { NO_ROADS, type TravelTimes } from './travelTimes.ts';

const BLOCK_USERS = 64;
/** Features that say what an item is called, as files name them. */
const TITLES = ['title', 'name', 'movie_title', 'label'];
const LIST_COLUMNS: readonly TableColumn[] = [
  { name: 'user', type: 'STRING' },
  { name: 'rank', type: 'INT32' },
  { name: 'item', type: 'STRING' },
  { name: 'score', type: 'FLOAT' },
];

/** What a user is recommended, best first: rows of items and their scores. */
interface TopList {
  user: number;
  items: readonly number[];
  scores: Float32Array;
}

/**
 * The best `count` items for some users, by identifier, none of them known to go with the user yet; with what made each score where
 * `withReasons` is set. Of a group of users, the best by the mean of their scores. Throws `not-found` for a user that the data do not have.
 */
export async function recommendFor(
  opened: OpenRecommender,
  question: RecommendQuestion,
  context: TaskContext,
  travel: TravelTimes = NO_ROADS,
): Promise<UserRecommendations[]> {
  if (opened.answer) return opened.answer(question, context, travel);
  const { users, count, withReasons } = question;
  const { from, to } = opened.data.edges(opened.edges);
  const [userNodes, itemNodes] = [opened.data.nodes(from), opened.data.nodes(to)];
  const answers: UserRecommendations[] = [];
  for (const id of users) {
    const group = userNodes.rowOf(id) === undefined ? opened.groupOf?.(id) : undefined;
    const { items, scores, reasonsOf } = group
      ? await groupList(opened, group, count, context)
      : await userList(opened, userNodes.row(id), count, context);
    const listed: UserRecommendations['items'] = [];
    for (const item of items) {
      throwIfCancelled(context.signal);
      const reasons = withReasons ? await reasonsOf(item) : null;
      listed.push({
        item: itemNodes.ids[item],
        title: titleOf(itemNodes, item),
        score: scores[item],
        reasons,
        details: {},
        ...placeOf(itemNodes, item),
      });
    }
    answers.push({ user: id, items: listed });
  }
  return answers;
}

/** A list, and how to ask for the reasons of one of its items. */
type AnsweredList = Omit<TopList, 'user'> & { reasonsOf: (item: number) => Promise<Reasons> };

async function userList(
  opened: OpenRecommender,
  user: number,
  count: number,
  context: TaskContext,
): Promise<AnsweredList> {
  for await (const list of topLists(opened, Int32Array.of(user), count, context))
    return { ...list, reasonsOf: (item) => opened.explain(user, item, context) };
  throw new EtalonError('internal', 'internal: a user has no list');
}

async function groupList(
  { data, edges, scorer }: OpenRecommender,
  { members, taken }: AskedGroup,
  count: number,
  context: TaskContext,
): Promise<AnsweredList> {
  context.report({ stage: 'Recommending', done: 0 });
  const { from, to } = data.edges(edges);
  const itemCount = data.nodes(to).count;
  const byMember = await scorer(members);
  const scores = groupScores(byMember, members.length, itemCount);
  const ids = Array.from(members, (member) => data.nodes(from).ids[member]);
  return {
    items: best(scores, new Set(taken), count),
    scores,
    reasonsOf: async (item) =>
      groupReasons(
        ids,
        ids.map((_, member) => byMember[member * itemCount + item]),
      ),
  };
}

/** The same for everyone, as a table of user, rank, item and score. */
export async function recommendAll(
  opened: OpenRecommender,
  { path, count }: { path: string; count: number },
  context: TaskContext,
): Promise<WrittenRows> {
  const { from, to } = opened.data.edges(opened.edges);
  const [users, items] = [opened.data.nodes(from), opened.data.nodes(to)];
  const everyone = Int32Array.from(users.ids.keys());
  async function* rows() {
    for await (const list of topLists(opened, everyone, count, context))
      for (const [place, item] of list.items.entries())
        yield [users.ids[list.user], place + 1, items.ids[item], list.scores[item]];
  }
  return { path, rows: await writeTable(path, LIST_COLUMNS, rows()) };
}

/** The final states of users and items: type, identifier, and a column for each number. */
export async function exportEmbeddings(
  { embeddings }: OpenRecommender,
  path: string,
  context: TaskContext,
): Promise<WrittenRows> {
  assertWritable(path);
  const [{ width }] = embeddings;
  const columns: TableColumn[] = [
    { name: 'type', type: 'STRING' },
    { name: 'id', type: 'STRING' },
    ...Array.from({ length: width }, (_, k) => ({ name: `e${k}`, type: 'FLOAT' as const })),
  ];
  async function* rows() {
    for (const { nodes, ids, values } of embeddings) {
      context.report({ stage: `Writing ${plural(nodes)}`, done: 0, total: ids.length, unit: 'rows' });
      throwIfCancelled(context.signal);
      for (const [row, id] of ids.entries())
        yield [nodes, id, ...values.subarray(row * width, (row + 1) * width)];
    }
  }
  return { path, rows: await writeTable(path, columns, rows()) };
}

/** Blocks of users are scored at a time; equal scores are in the order of the items. A score of −Infinity is never recommended. */
async function* topLists(
  { data, edges, scorer, offersKnown = false }: OpenRecommender,
  users: Int32Array,
  count: number,
  context: TaskContext,
): AsyncGenerator<TopList> {
  const table = data.edges(edges);
  const itemCount = data.nodes(table.to).count;
  if (count < 1)
    throw new EtalonError('usage', `A list of ${count} items is none.`, {
      remedy: 'Ask for one item at least.',
    });
  const known = pairsOf(table, data.nodes(table.from).count);
  for (let begin = 0; begin < users.length; begin += BLOCK_USERS) {
    throwIfCancelled(context.signal);
    context.report({ stage: 'Recommending', done: begin, total: users.length, unit: 'users' });
    const block = users.subarray(begin, begin + BLOCK_USERS);
    const all = await scorer(block);
    for (const [i, user] of block.entries()) {
      const scores = all.subarray(i * itemCount, (i + 1) * itemCount);
      const taken = new Set(offersKnown ? [] : rowOf(known, user));
      if (table.from === table.to) taken.add(user);
      yield { user, items: best(scores, taken, count), scores };
    }
    await breathe();
  }
}

function best(scores: Float32Array, taken: ReadonlySet<number>, count: number): number[] {
  const items = Array.from(scores.keys()).filter(
    (item) => !taken.has(item) && scores[item] !== Number.NEGATIVE_INFINITY,
  );
  return items.sort((a, b) => scores[b] - scores[a] || a - b).slice(0, count);
}

/** A name or title among its features, in texts or one word each; null where there is none. */
export function titleOf({ features }: NodeTable, row: number): string | null {
  for (const name of TITLES) {
    const column = features[name];
    if (column?.kind === 'text') return column.values[row] || null;
  }
  return null;
}

/** Where a node is, by the first of its features that are coordinates; nothing where none are known. */
export function placeOf({ features }: NodeTable, row: number): { place?: [number, number] } {
  for (const column of Object.values(features))
    if (column.kind === 'coordinates' && !Number.isNaN(column.longitude[row]))
      return { place: [column.longitude[row], column.latitude[row]] };
  return {};
}
