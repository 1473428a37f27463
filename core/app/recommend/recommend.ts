import type { RecommendQuestion, UserRecommendations, WrittenRows } from '../../api/recommenders.ts';
import { breathe, EtalonError, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { type NodeTable, pairsOf, rowOf } from '../../interactions/index.ts';
import type { OpenRecommender } from './definition.ts';
import { assertWritable, type TableColumn, writeTable } from './tables.ts';

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
 * `withReasons` is set. Throws `not-found` for a user that the data do not have.
 */
export async function recommendFor(
  opened: OpenRecommender,
  question: RecommendQuestion,
  context: TaskContext,
): Promise<UserRecommendations[]> {
  if (opened.answer) return opened.answer(question, context);
  const { users, count, withReasons } = question;
  const { from, to } = opened.data.edges(opened.edges);
  const [userNodes, itemNodes] = [opened.data.nodes(from), opened.data.nodes(to)];
  const rows = Int32Array.from(users, (id) => userNodes.row(id));
  const answers: UserRecommendations[] = [];
  for await (const { user, items, scores } of topLists(opened, rows, count, context)) {
    const listed: UserRecommendations['items'] = [];
    for (const item of items) {
      throwIfCancelled(context.signal);
      const reasons = withReasons ? await opened.explain(user, item, context) : null;
      listed.push({
        item: itemNodes.ids[item],
        title: titleOf(itemNodes, item),
        score: scores[item],
        reasons,
        details: {},
      });
    }
    answers.push({ user: userNodes.ids[user], items: listed });
  }
  return answers;
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
      context.report({ stage: `Writing ${nodes}s`, done: 0, total: ids.length, unit: 'rows' });
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
      const items = Array.from(scores.keys()).filter(
        (item) => !taken.has(item) && scores[item] !== Number.NEGATIVE_INFINITY,
      );
      yield { user, items: items.sort((a, b) => scores[b] - scores[a] || a - b).slice(0, count), scores };
    }
    await breathe();
  }
}

/** A name or title among its features, in texts or one word each; null where there is none. */
export function titleOf({ features }: NodeTable, row: number): string | null {
  for (const name of TITLES) {
    const column = features[name];
    if (column?.kind === 'text') return column.values[row] || null;
  }
  return null;
}
