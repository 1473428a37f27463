/**
 * PinSage beside the same network on plain neighbourhoods, with mean pooling and on features alone, and beside scorers that learn less, on
 * the sample pins, full rankings of all pins for each held-out pair, three seeds:
 *   npm run bench:pins [-- --set key=value … --only pins,kHop]
 * `--validation` trains without the last 10 % of the known pairs and judges on those, of another sample (`--sample 7`): settings are
 * chosen so, never on the test. `--data ml-100k` or `lastfm` takes users for boards and judges as `npm run bench:recommend` does.
 * Exit code 1 where hit rates are not 25 % above mean-pooled k-hop, or those of walks not 20 % above k-hop, seed by seed.
 */
import { parseArgs } from 'node:util';
import { quietContext } from '../../core/base/index.ts';
import { openDevice } from '../../core/device/index.ts';
import {
  evaluateRanking,
  type HeldOutData,
  HOLD_OUT_SEED,
  holdOut,
  itemKnn,
  pairQuestions,
  popularity,
  type RankingEvaluation,
  readInteractionFiles,
  type Scorer,
} from '../../core/interactions/index.ts';
import { pins as samplePins } from '../../fixtures/interactions/pins.ts';
import { PIN_BASELINES, PIN_LISTS, rivals } from '../../models/pins/evaluate.ts';
import { parsePinsSettings } from '../../models/pins/settings.ts';
import { trainedScorer } from '../../models/pins/train.ts';
import { recommendData } from '../support/recommendData.ts';

const SEEDS = [1, 2, 3];
const KNN = { neighbours: 800, shrinkage: 0 };
const SHOWN = ['hit@10', 'hit@20', 'hit@40', 'mrr'];
const NAMES: Readonly<Record<string, string>> = {
  pins: 'PinSage',
  ...PIN_BASELINES,
  popularity: 'Popularity',
  itemKnn: 'Item-kNN',
};
/** By how much one must be ahead of the other in each hit rate. */
const BARS = [
  { first: 'pins', second: 'kHop', factor: 1.25 },
  { first: 'walksMean', second: 'kHop', factor: 1.2 },
];

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'sample' },
    sample: { type: 'string', default: '1' },
    set: { type: 'string', multiple: true, default: [] },
    only: { type: 'string' },
    seeds: { type: 'string', default: SEEDS.join() },
    validation: { type: 'boolean', default: false },
  },
});
const given = values.set
  .map((text) => text.split('='))
  .map(([key, value]) => [key, Number.isNaN(Number(value)) ? value : Number(value)]);
const settings = parsePinsSettings(Object.fromEntries(given));
const seeds = values.seeds.split(',').map(Number);
const device = await openDevice('cpu');
const missed = values.data === 'sample' ? await onSample() : await onUsers();
await device.dispose();
process.exit(missed ? 1 : 0);

async function onSample(): Promise<boolean> {
  const edges = 'savedNext';
  const { data } = samplePins({ seed: Number(values.sample) });
  const heldOut = heldBack(holdOut(data, edges, { ...shares(), way: 'time', seed: HOLD_OUT_SEED }));
  const questions = pairQuestions(heldOut.test!);
  console.log(`${questions.users.length} pairs, ${questions.task.items} pins ranked`);
  let failed = false;
  for (const seed of seeds) {
    const all = {
      pins: async () => trainedScorer({ device, settings, seed, heldOut, edges }, quietContext),
      ...rivals({ device, settings, seed, heldOut, edges, context: quietContext }),
      popularity: async () => popularity(heldOut.known, edges),
      itemKnn: async () => itemKnn(heldOut.known, edges, KNN),
    };
    const asked = values.only?.split(',') ?? Object.keys(all);
    const judged: Record<string, RankingEvaluation> = {};
    for (const [name, make] of Object.entries(all)) {
      if (!asked.includes(name)) continue;
      const judge = (scorer: Scorer) =>
        evaluateRanking(questions.scorer(scorer), questions.task, { ks: PIN_LISTS });
      judged[name] = await report(`${NAMES[name]}, seed ${seed}`, make, judge);
    }
    for (const { first, second, factor } of BARS) {
      if (!judged[first] || !judged[second]) continue;
      const gains = PIN_LISTS.map(
        (k) => judged[first].figures[`hit@${k}`].value / judged[second].figures[`hit@${k}`].value,
      );
      const isMissed = gains.some((gain) => gain < factor);
      failed ||= isMissed;
      const shown = gains.map((gain, i) => `hit@${PIN_LISTS[i]} ${((gain - 1) * 100).toFixed(0)} %`);
      console.log(`  ${first} above ${second}: ${shown.join(', ')}${isMissed ? ' MISSED' : ''}`);
    }
  }
  return failed;
}

/** Users for boards, what they took for pins. */
async function onUsers(): Promise<boolean> {
  const { heldOut: all, edges } = await userData();
  const heldOut = heldBack(all);
  const { known } = heldOut;
  const judge = (scorer: Scorer) => evaluateRanking(scorer, heldOut.test!);
  const shown = ['ndcg@10', 'recall@20', 'hit@10', 'mrr'];
  await report('Popularity', async () => popularity(known, edges), judge, shown);
  await report('Item-kNN', async () => itemKnn(known, edges, KNN), judge, shown);
  for (const seed of seeds)
    await report(
      `PinSage, seed ${seed}`,
      () => trainedScorer({ device, settings, seed, heldOut, edges }, quietContext),
      judge,
      shown,
    );
  return false;
}

async function userData(): Promise<{ heldOut: HeldOutData; edges: string }> {
  if (values.data === 'lastfm') {
    const edges = 'listened';
    const files = ['data1.txt', 'test1.txt'].map((name) => ({
      path: recommendData('lastfm', name),
      choices: { type: edges },
    }));
    const { data } = await readInteractionFiles(files, {}, quietContext);
    return { heldOut: holdOut(data, edges, { ...shares(), way: 'random', seed: HOLD_OUT_SEED }), edges };
  }
  const edges = 'interaction';
  const files = ['inter', 'user', 'item'].map((ending) => ({
    path: recommendData('ml-100k', `ml-100k.${ending}`),
  }));
  const { data } = await readInteractionFiles(files, {}, quietContext);
  return { heldOut: holdOut(data, edges, { ...shares(), way: 'userTime', seed: HOLD_OUT_SEED }), edges };
}

function shares() {
  return { test: 0.2, validation: values.validation ? 0.1 : 0 };
}

/** For validation: what is known ends before it, and it takes the place of the test. Nothing ends training early. */
function heldBack(heldOut: HeldOutData): HeldOutData {
  return values.validation
    ? { ...heldOut, known: heldOut.train, test: heldOut.validation, validation: null }
    : heldOut;
}

async function report(
  name: string,
  make: () => Promise<Scorer>,
  judge: (scorer: Scorer) => Promise<RankingEvaluation>,
  shown = SHOWN,
): Promise<RankingEvaluation> {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const scorer = await make();
  const { user, system } = process.cpuUsage(cpu);
  const judged = await judge(scorer);
  const figures = shown.map((figure) => {
    const { value, low, high } = judged.figures[figure];
    return `${figure} ${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`;
  });
  const seconds = (performance.now() - wall) / 1000;
  console.log(`${name}\n    ${figures.join('  ')}`);
  console.log(
    `    ${seconds.toFixed(0)} s, ${((user + system) / 1e6).toFixed(0)} s of processor time to train`,
  );
  return judged;
}
