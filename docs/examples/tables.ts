import { Random } from '@etalon/core/base';
import type { Device, Feed } from '@etalon/core/device';
import { bindParameters, bindTable, linear, ParameterLayout, type TableShape } from '@etalon/core/gnn';
import { mean, mul, neg, type Program, softplus, sub, sum, Trace } from '@etalon/core/tensor';
import {
  ADAM_DEFAULTS,
  EmbeddingTable,
  initialTrainingState,
  readTables,
  stepScalars,
  TableExecutable,
  tableInputs,
  trainingProgram,
} from '@etalon/core/train';

/** People of as many groups, who know people of their own group alone; the table has room for many more. */
export const ROOM = 2_000_000;
const PEOPLE = 1000;
const GROUPS = 10;
const PAIRS = 256;
const WIDTH = 16;

const PERSON: TableShape = {
  name: 'people',
  width: WIDTH,
  lookups: { person: 'pairs', friend: 'pairs', stranger: 'pairs' },
};

/** Learns an embedding of each person from who knows whom; returns how often a friend then scores above a stranger. */
export async function friendship(device: Device) {
  const { layout, forward } = scorer();
  const start = { seed: 1, spread: 1 / Math.sqrt(WIDTH) };
  const people = new EmbeddingTable(PERSON, { rows: ROOM, start, average: true }, ADAM_DEFAULTS);
  const program = trainingProgram(forward, ADAM_DEFAULTS, tableInputs([people]));
  const step = new TableExecutable(await device.compile(program), [people]);
  const random = new Random(1);
  const state = initialTrainingState(layout, layout.initialise(random));
  for (const [name, values] of Object.entries(state)) await step.setState(name, values);
  for (let i = 1; i <= 400; i++)
    await step.run({ ...drawPairs(random), ...stepScalars(i, 0.03, ADAM_DEFAULTS) });

  const parameters = await step.getState('average');
  const judge = await device.compile(forward);
  const asked = readTables([people], drawPairs(random), 'average');
  const { margin } = await judge.run({ ...asked, parameters });
  await judge.dispose();
  await step.dispose();
  const right = margin.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
  return { right: right / PAIRS, touched: people.touchedRows };
}

/** Scores are inner products, a person's side after a linear layer; the loss is pairwise logistic. */
function scorer(): { layout: ParameterLayout; forward: Program } {
  const layout = new ParameterLayout();
  const turned = linear(layout, 'turned', WIDTH, WIDTH);
  const trace = new Trace();
  const { person, friend, stranger } = bindTable(trace, PERSON);
  const asking = turned(bindParameters(trace, layout), person);
  const margin = sum(mul(asking, sub(friend, stranger)), [1], true);
  return { layout, forward: trace.program({ margin, loss: mean(softplus(neg(margin))) }) };
}

/** People, a friend and a stranger of each, spread over the whole table. */
function drawPairs(random: Random): Feed {
  const rowOf = (person: number) => person * (ROOM / PEOPLE);
  const pairs = Array.from({ length: PAIRS }, () => {
    const person = random.int(PEOPLE);
    const friend = (person + GROUPS * (1 + random.int(PEOPLE / GROUPS - 1))) % PEOPLE;
    const stranger = (friend + 1 + random.int(GROUPS - 1)) % PEOPLE;
    return [person, friend, stranger].map(rowOf);
  });
  const column = (at: number) => Int32Array.from(pairs, (pair) => pair[at]);
  return { person: column(0), friend: column(1), stranger: column(2) };
}
