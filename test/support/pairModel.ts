import { Random } from '../../core/base/index.ts';
import type { Feed } from '../../core/device/index.ts';
import {
  bindParameters,
  bindTable,
  embedding,
  linear,
  ParameterLayout,
  type TableShape,
} from '../../core/gnn/index.ts';
import {
  mean,
  mul,
  type Program,
  square,
  sub,
  sum,
  type Tensor,
  Trace,
  tanh,
} from '../../core/tensor/index.ts';

export const WIDTH = 3;
export const USERS: TableShape = { name: 'users', width: WIDTH, lookups: { user: 'pairs' } };
export const ITEMS: TableShape = { name: 'items', width: WIDTH, lookups: { liked: 'pairs', other: 'pairs' } };

type Lookup = (name: 'user' | 'liked' | 'other') => Tensor;

/** Squared error of tanh(u·W + b) · (i − j) for a user u and two items i, j, over rows from wherever they are. */
function pairLoss(trace: Trace, hidden: Tensor, row: Lookup): Tensor {
  const score = sum(mul(tanh(hidden), sub(row('liked'), row('other'))), [1], true);
  return mean(square(sub(score, trace.input('y', ['pairs', 1]))));
}

/** With tables outside of the parameters. */
export function pairModel(): { layout: ParameterLayout; forward: Program } {
  const layout = new ParameterLayout();
  const layer = linear(layout, 'layer', WIDTH, WIDTH);
  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const rows = { ...bindTable(trace, USERS), ...bindTable(trace, ITEMS) };
  const loss = pairLoss(trace, layer(weights, rows.user), (name) => rows[name]);
  return { layout, forward: trace.program({ loss }) };
}

/** The same with tables among the parameters: those of `layer` first, then users, then items. */
export function densePairModel(users: number, items: number): { layout: ParameterLayout; forward: Program } {
  const layout = new ParameterLayout();
  const layer = linear(layout, 'layer', WIDTH, WIDTH);
  const userTable = embedding(layout, 'users', users, WIDTH);
  const itemTable = embedding(layout, 'items', items, WIDTH);
  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const row: Lookup = (name) =>
    (name === 'user' ? userTable : itemTable)(weights, trace.input(name, ['pairs'], 'i32'));
  const loss = pairLoss(trace, layer(weights, row('user')), row);
  return { layout, forward: trace.program({ loss }) };
}

/** Batches of pairs; `everyRow` has each user and each item in every batch. */
export function pairBatches(
  seed: number,
  count: number,
  {
    users,
    items,
    pairs,
    everyRow = false,
  }: { users: number; items: number; pairs: number; everyRow?: boolean },
): Feed[] {
  const random = new Random(seed);
  const draw = (rows: number) =>
    Int32Array.from({ length: pairs }, (_, i) => (everyRow ? i % rows : random.int(rows)));
  return Array.from({ length: count }, () => ({
    user: random.shuffle(draw(users)),
    liked: random.shuffle(draw(items)),
    other: draw(items),
    y: Float32Array.from({ length: pairs }, () => 3 * random.normal()),
  }));
}
