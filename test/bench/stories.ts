/**
 * Friend story ranking (ELR) beside its paper's baselines, by squared and absolute errors on held-out pairs, three seeds:
 *   npm run bench:stories [-- --data sample|college-messages] [--users 5000] [--seeds 1,2,3] [--baselines linear,trees] [--set key=value …]
 * `--ablate` trains the network once more without each of its parts instead; `--validation` judges on the validation pairs, where settings are
 * chosen (with `--set validationShare=0.1`); `--sample 7` is another sample. The sample holds out viewers with all of their pairs; college-messages holds out the latest weeks.
 */
import { parseArgs } from 'node:util';
import { quietContext } from '../../core/base/index.ts';
import { openDevice } from '../../core/device/index.ts';
import { type InteractionData, readInteractionFiles } from '../../core/interactions/index.ts';
import { compareRegressions, evaluateRegression, type RegressionEvaluation } from '../../core/train/index.ts';
import { socialNetwork, stories } from '../../fixtures/index.ts';
import {
  fitBaseline,
  STORY_BASELINES,
  type StoryBaseline,
  targetsOf,
} from '../../models/stories/baselines.ts';
import { storyNetwork } from '../../models/stories/network.ts';
import { parseStorySettings } from '../../models/stories/settings.ts';
import { type StoryData, storyData, viewersOf } from '../../models/stories/snapshots.ts';
import { PairPredictor, trainPairs, within } from '../../models/stories/training.ts';
import { recommendData } from '../support/recommendData.ts';

const ABLATIONS: Readonly<Record<string, Record<string, string | number>>> = {
  'messages without gates, as published': { messages: 'edges' },
  'links without the product, as published': { links: 'linear' },
  'messages without features of edges': { messages: 'nodes' },
  'within egos: mean': { intraEgo: 'mean' },
  'nothing within egos': { intraEgo: 'none' },
  'nothing between egos': { interEgo: 'none' },
  'pairwise alone': { intraEgo: 'none', interEgo: 'none' },
  'pair not at the end': { edgeHead: 'no' },
  'no messages': { layers: 0 },
};

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'sample' },
    users: { type: 'string', default: '5000' },
    sample: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1,2,3' },
    set: { type: 'string', multiple: true, default: [] },
    baselines: { type: 'string', default: Object.keys(STORY_BASELINES).join(',') },
    ablate: { type: 'boolean', default: false },
    validation: { type: 'boolean', default: false },
  },
});
const given = Object.fromEntries(
  values.set
    .map((text) => text.split('='))
    .map(([key, value]) => [key, Number.isNaN(Number(value)) ? value : Number(value)]),
);
const { data, type, way } = await benchmarkData();
const device = await openDevice('cpu');
const context = { ...quietContext, stop: new AbortController().signal };
const judgedPart = values.validation ? 'validation' : 'test';

let known: { key: string; questions: StoryData } | undefined;

for (const seed of values.seeds.split(',').map(Number)) {
  console.log(`${values.data}, seed ${seed}`);
  const own = await report('ELR', () => trained({}, seed));
  if (values.ablate)
    for (const [name, parts] of Object.entries(ABLATIONS)) await report(name, () => trained(parts, seed));
  else
    for (const id of values.baselines.split(',').filter((name) => name) as StoryBaseline[]) {
      const settings = parseStorySettings(given);
      const questions = prepared(settings);
      const other = await report(STORY_BASELINES[id], async () => {
        const predict = await fitBaseline(id, { data: questions, settings, seed, device, context });
        return judged(questions, await predict(questions.parts[judgedPart]));
      });
      const gains = compareRegressions(own, other);
      const shares = ['mse', 'mae'].map((name) => {
        const { value, low, high } = gains[name];
        return `${name} lower by ${((100 * value) / other.figures[name].value).toFixed(1)} % (${value.toFixed(5)} [${low.toFixed(5)}, ${high.toFixed(5)}])`;
      });
      console.log(`    ELR ahead: ${shares.join(', ')}`);
    }
}
await device.dispose();
process.exit(0);

async function benchmarkData(): Promise<{ data: InteractionData; type: string; way: 'random' | 'time' }> {
  if (values.data === 'sample') {
    const seed = Number(values.sample);
    const network = await socialNetwork({ seed, users: Number(values.users) });
    return { data: stories(network, { seed }).data, type: 'affinity', way: 'random' };
  }
  const path = recommendData('college-messages', 'CollegeMsg.txt');
  const { data } = await readInteractionFiles([{ path, choices: { type: 'message' } }], {}, quietContext);
  return { data, type: 'message', way: 'time' };
}

/** Kept from one network to the next: ablations of the network ask the same of the data. */
function prepared(settings: ReturnType<typeof parseStorySettings>): StoryData {
  const { egoSize, windowDays, windows, mostWindows, validationShare } = settings;
  const key = [egoSize, windowDays, windows, mostWindows, validationShare].join();
  if (key !== known?.key) known = { key, questions: questionsOf(settings) };
  return known.questions;
}

function questionsOf(settings: ReturnType<typeof parseStorySettings>): StoryData {
  return storyData(data, type, settings, { way, test: 0.2, validation: settings.validationShare, seed: 1 });
}

async function trained(parts: Record<string, string | number>, seed: number): Promise<RegressionEvaluation> {
  const settings = parseStorySettings({ ...given, ...parts });
  const questions = prepared(settings);
  const network = storyNetwork(questions.kept.scales, settings);
  let parameters = new Float32Array();
  await trainPairs({ network, data: questions, settings, seed, device }, null, context, (epoch) => {
    if (epoch.isBest) parameters = epoch.snapshot.arrays.average as Float32Array<ArrayBuffer>;
    if (settings.validationShare > 0)
      console.log(`  epoch ${epoch.snapshot.epoch}: ${epoch.validation.score.toFixed(5)} on validation`);
  });
  const predictor = await PairPredictor.compile(device, network, questions.kept);
  return judged(questions, await predictor.predict(questions.parts[judgedPart], parameters));
}

function judged({ kept, parts }: StoryData, predicted: Float64Array): RegressionEvaluation {
  const asked = parts[judgedPart];
  return evaluateRegression({
    predicted: predicted.map((value) => within(value, kept.range)),
    observed: targetsOf(asked),
    group: viewersOf(asked),
  });
}

async function report(
  name: string,
  judge: () => Promise<RegressionEvaluation>,
): Promise<RegressionEvaluation> {
  const cpu = process.cpuUsage();
  const evaluation = await judge();
  const { user, system } = process.cpuUsage(cpu);
  const shown = Object.entries(evaluation.figures).map(
    ([figure, { value, low, high }]) =>
      `${figure} ${value.toFixed(5)} [${low.toFixed(5)}, ${high.toFixed(5)}]`,
  );
  console.log(`${name}, ${((user + system) / 1e6).toFixed(0)} s of processor time\n    ${shown.join('  ')}`);
  return evaluation;
}
