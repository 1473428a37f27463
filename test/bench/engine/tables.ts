import { Random } from '../../../core/base/index.ts';
import { type Device, type DeviceChoice, type Feed, openDevice } from '../../../core/device/index.ts';
import {
  bindParameters,
  bindTable,
  type Layer,
  mlp,
  ParameterLayout,
  type TableShape,
} from '../../../core/gnn/index.ts';
import { mean, mul, neg, type Program, softplus, sub, sum, Trace } from '../../../core/tensor/index.ts';
import {
  ADAM_DEFAULTS,
  EmbeddingTable,
  initialTrainingState,
  stepScalars,
  TableExecutable,
  tableInputs,
  trainingProgram,
} from '../../../core/train/index.ts';
import { median } from './median.ts';

/**
 * Whether a training step costs what its batch costs and not what its table does: the steps of a table of 5 million rows
 * beside those of a table of 5 thousand, in turns, at equal batch: 2,048 pairs, each with the other side of another pair as its
 * negative, and a pairwise logistic loss. `npm run bench:tables [device]`; exit code 1 where the target is missed.
 *
 * The target is for training two towers (64-256-64) on uniform batches of 4,096 different rows, so that both sides touch the same
 * number: rows of a table that was touched all over, and rows touched for the first time. Beside it, without a target: Zipf's law,
 * which repeats rows and leaves the small table fewer of them to update, and bare dot products, which show the table with nothing
 * beside it.
 */
const TARGET = 0.8;
const LARGE = 5_000_000;
const SMALL = 5_000;
const WIDTH = 64;
const PAIRS = 2048;
const ROUNDS = 40;
const STEPS = 5;
const SEED = 1;

type Draw = (random: Random, rows: number) => Int32Array;

/** Two rows for each pair, all different. */
const uniform: Draw = (random, rows) => {
  const drawn = new Set<number>();
  while (drawn.size < 2 * PAIRS) drawn.add(random.int(rows));
  return Int32Array.from(drawn);
};
/** Exponent 1, by the inverse of the continuous law; ranks are spread over the table. */
const zipf: Draw = (random, rows) =>
  Int32Array.from({ length: 2 * PAIRS }, () => {
    const rank = Math.floor((rows + 1) ** random.uniform()) - 1;
    return (rank * 2_654_435_761) % rows;
  });

const MODELS = [
  { name: 'two towers', widths: [256, WIDTH], isTarget: true },
  { name: 'dot products', widths: [], isTarget: false },
] as const;

const SCENARIOS: { name: string; draw: Draw; touchedBefore: boolean; isTarget: boolean }[] = [
  { name: 'uniform, touched before', draw: uniform, touchedBefore: true, isTarget: true },
  { name: 'uniform, first touches', draw: uniform, touchedBefore: false, isTarget: true },
  { name: 'Zipf', draw: zipf, touchedBefore: false, isTarget: false },
];

const shape: TableShape = {
  name: 'items',
  width: WIDTH,
  lookups: { anchor: 'pairs', positive: 'pairs', negative: 'pairs' },
};

const device = await openDevice((process.argv[2] as DeviceChoice | undefined) ?? 'cpu');
console.log(`${device.description}; ${PAIRS} pairs, width ${WIDTH}, seed ${SEED}`);
let isMet = true;
for (const model of MODELS)
  for (const scenario of SCENARIOS) {
    const ratio = await compare(device, model, scenario);
    if (model.isTarget && scenario.isTarget && ratio < TARGET) isMet = false;
  }
await device.dispose();
console.log(
  `${isMet ? 'met' : 'MISSED'}: two towers on ${LARGE} rows at ≥ ${TARGET} of the speed of ${SMALL}`,
);
process.exitCode = isMet ? 0 : 1;

async function compare(
  on: Device,
  model: (typeof MODELS)[number],
  { name, draw, touchedBefore }: (typeof SCENARIOS)[number],
): Promise<number> {
  const { layout, program } = network(model.widths);
  const sides: Awaited<ReturnType<typeof openSide>>[] = [];
  for (const rows of [SMALL, LARGE]) sides.push(await openSide(on, layout, program, rows, touchedBefore));

  for (let round = -1; round < ROUNDS; round++)
    for (const side of round % 2 === 0 ? sides : [...sides].reverse()) {
      const batches = Array.from({ length: STEPS }, () => drawBatch(side.random, draw, side.rows));
      for (const batch of batches) side.rowsAStep.push(distinctRows(batch));
      const begin = performance.now();
      for (const batch of batches) {
        const scalars = stepScalars(side.table.step + 1, 1e-3, ADAM_DEFAULTS);
        await side.executable.run({ ...batch, ...scalars });
      }
      // The first round only warms up.
      if (round >= 0) side.stepMs.push((performance.now() - begin) / STEPS);
    }
  for (const { executable } of sides) await executable.dispose();

  const [small, large] = sides.map(({ stepMs }) => median(stepMs));
  // Of turns next to each other, so that what else runs on the machine meets both.
  const ratio = median(sides[0].stepMs.map((ms, round) => ms / sides[1].stepMs[round]));
  const [fewer, more] = sides.map(({ rowsAStep }) => median(rowsAStep));
  console.log(
    `${model.name.padEnd(12)} ${name.padEnd(24)} ${small.toFixed(2)} ms and ${large.toFixed(2)} ms a step: ` +
      `${ratio.toFixed(2)} of the speed (${fewer} and ${more} rows a step)`,
  );
  return ratio;
}

async function openSide(
  on: Device,
  layout: ParameterLayout,
  program: Program,
  rows: number,
  touchedBefore: boolean,
) {
  const start = { seed: SEED, spread: 1 / Math.sqrt(WIDTH) };
  const table = new EmbeddingTable(shape, { rows, start }, ADAM_DEFAULTS);
  if (touchedBefore) {
    const piece = 4096;
    for (let first = 0; first < rows; first += piece)
      table.touch([Int32Array.from({ length: Math.min(piece, rows - first) }, (_, i) => first + i)]);
  }
  const executable = new TableExecutable(await on.compile(program), [table]);
  const state = initialTrainingState(layout, layout.initialise(new Random(SEED)));
  for (const [name, values] of Object.entries(state)) await executable.setState(name, values);
  return {
    rows,
    table,
    executable,
    random: new Random(SEED),
    stepMs: [] as number[],
    rowsAStep: [] as number[],
  };
}

/** −log σ(a · (p − n)), the anchor and the others each through a tower of the given layers, or as they are where it has none. */
function network(widths: readonly number[]): { layout: ParameterLayout; program: Program } {
  const layout = new ParameterLayout();
  const factor = layout.declare('factor', [1], 'ones');
  const tower = (name: string): Layer =>
    widths.length > 0 ? mlp(layout, name, WIDTH, widths) : (_weights, x) => x;
  const [ofAnchor, ofOthers] = [tower('anchor'), tower('others')];
  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const rows = bindTable(trace, shape);
  const difference = sub(ofOthers(weights, rows.positive), ofOthers(weights, rows.negative));
  const margin = mul(sum(mul(ofAnchor(weights, rows.anchor), difference), [1], true), weights(factor));
  const forward = trace.program({ loss: mean(softplus(neg(margin))) });
  return { layout, program: trainingProgram(forward, ADAM_DEFAULTS, tableInputs([{ shape }])) };
}

function drawBatch(random: Random, draw: Draw, rows: number): Feed {
  const drawn = draw(random, rows);
  const positive = drawn.slice(PAIRS);
  return {
    anchor: drawn.slice(0, PAIRS),
    positive,
    negative: positive.map((_, i) => positive[(i + 1) % PAIRS]),
  };
}

function distinctRows({ anchor, positive }: Feed): number {
  return new Set([...anchor, ...positive]).size;
}
