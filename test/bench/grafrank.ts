/**
 * GraFRank beside its paper's baselines, on new friends among friends of friends, three seeds:
 *   npm run bench:grafrank [-- --data sample|twitch] [--seeds 1,2,3] [--users 5000] [--sample 1] [--set key=value …]
 *   npm run bench:grafrank -- --ablation          each part left out, one seed
 *   npm run bench:grafrank -- --only grafrank,adamicAdar
 *   npm run bench:grafrank -- --only positions    products of positions, nothing learned
 *   npm run bench:grafrank -- --same              baselines are told which friends are close, as GraFRank is
 * Settings are chosen on another network, `--sample 7`, or on the validation part (`--validation`), never on the test.
 * sample: the social network of the fixtures, the last fifth of its friendships by time are the test, the tenth before it validation.
 * twitch: English-speaking streamers, a fifth of their friendships at random is the test, a tenth validation.
 * Graph networks among the baselines have the same features, loss, batches and negatives. Exit code 1 where GraFRank's MRR is not 20 %
 * above the best baseline's on the sample, or not above it on twitch.
 */
import { parseArgs } from 'node:util';
import { quietContext } from '../../core/base/index.ts';
import { openDevice } from '../../core/device/index.ts';
import {
  adamicAdar,
  compareScorers,
  evaluateRanking,
  friendsOfFriends,
  HOLD_OUT_SEED,
  holdOut,
  popularity,
  type RankingEvaluation,
  type Scorer,
  withFriendships,
} from '../../core/interactions/index.ts';
import { socialNetwork } from '../../fixtures/interactions/social/index.ts';
import {
  GRAPH_BASELINES,
  type GraphBaseline,
  graphEncoder,
} from '../../models/grafrank/baselines/graphNetworks.ts';
import { ALIKE, withoutCloseness } from '../../models/grafrank/baselines/pairs.ts';
import { pointwiseScorers } from '../../models/grafrank/baselines/pointwise.ts';
import { rankingNetwork } from '../../models/grafrank/network.ts';
import { grafrankSystem as system } from '../../models/grafrank/system.ts';
import { neighbourhoodTask } from '../../models/grafrank/task.ts';
import { dotScorer } from '../../models/recommend/scorer.ts';
import { trainSystem } from '../../models/recommend/training.ts';
import { twitchFriends } from '../support/twitch.ts';

const ABLATIONS: Record<string, Record<string, string | number>> = {
  whole: {},
  'without profile': { profile: 'no' },
  'without interests': { interests: 'no' },
  'without friending': { friending: 'no' },
  'without engagement': { engagement: 'no' },
  'without link features': { links: 'no' },
  'mean of modalities': { fusion: 'mean' },
  'one modality of all features': { fusion: 'none' },
  'without hard negatives': { hardEpochs: 0 },
  'without positions': { positions: 0 },
  'all friendships alike in positions': ALIKE,
  'score of states, as published': { score: 'states' },
  'without older friendships': { past: 'no', recentEpochs: 0 },
  'two layers': { layers: 2 },
};

/** What the other graph networks learn best with: all that they tell two users by has to be learned. */
const OTHERS = { learningRate: 0.01 };

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'sample' },
    users: { type: 'string', default: '5000' },
    sample: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1,2,3' },
    only: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    ablation: { type: 'boolean', default: false },
    validation: { type: 'boolean', default: false },
    same: { type: 'boolean', default: false },
  },
});
const isSample = values.data === 'sample';
const source = isSample
  ? (await socialNetwork({ seed: Number(values.sample), users: Number(values.users) })).data
  : await twitchFriends();
const heldOut = holdOut(withFriendships(source, 'friend'), 'friend', {
  way: isSample ? 'time' : 'random',
  test: 0.2,
  validation: values.validation ? 0.1 : 0,
  seed: HOLD_OUT_SEED,
});
const learned = values.validation ? heldOut.train : heldOut.known;
const whole = (values.validation ? heldOut.validation : heldOut.test)!;
const task = neighbourhoodTask(whole, learned, 'friend');
const given = Object.fromEntries(
  values.set
    .map((text) => text.split('='))
    .map(([key, value]) => [key, Number.isNaN(Number(value)) ? value : Number(value)]),
);
const only = values.only?.split(',');
const seeds = values.seeds.split(',').map(Number);
const device = await openDevice('cpu');
console.log(
  `${values.data}: ${task.users.length} users asked, ${learned.edges('friend').count / 2} friendships known`,
);

if (values.ablation) await ablate();
else await compare();
await device.dispose();
process.exit();

async function ablate(): Promise<void> {
  for (const [name, change] of Object.entries(ABLATIONS))
    await report(name, await trained({ ...given, ...change }, seeds[0]));
}

async function compare(): Promise<void> {
  const fixed: Record<string, Scorer> = {
    popularity: popularity(learned, 'friend'),
    friendsOfFriends: friendsOfFriends(learned, 'friend'),
    adamicAdar: adamicAdar(learned, 'friend'),
  };
  const judged: Record<string, RankingEvaluation> = {};
  for (const [name, scorer] of Object.entries(fixed))
    if (wants(name)) judged[name] = await report(name, scorer);
  if (only?.includes('positions')) {
    const { feed } = system.prepare(learned, 'friend', system.parseSettings(given));
    const positions = feed.positions as Float32Array;
    await report('positions, nothing learned', dotScorer({ users: positions, items: positions }, task.items));
  }
  for (const seed of seeds) {
    const baselines = { ...judged };
    if (wants('pointwise')) Object.assign(baselines, await pointwise(seed));
    for (const kind of GRAPH_BASELINES)
      if (wants(kind))
        baselines[kind] = await report(`${kind}, seed ${seed}`, await trained(given, seed, kind));
    if (!wants('grafrank')) continue;
    const ours = await report(`grafrank, seed ${seed}`, await trained(given, seed));
    ahead(ours, baselines);
  }
}

function wants(name: string): boolean {
  return only?.includes(name) ?? true;
}

async function pointwise(seed: number): Promise<Record<string, RankingEvaluation>> {
  const settings = system.parseSettings(given);
  const told = system.prepare(learned, 'friend', settings);
  const prepared = values.same ? told : withoutCloseness(learned, 'friend', told, settings);
  const { scorers, dispose } = await pointwiseScorers(prepared, settings, task, seed, quietContext);
  const judged: Record<string, RankingEvaluation> = {};
  for (const [name, scorer] of Object.entries(scorers))
    judged[name] = await report(`${name}, seed ${seed}`, scorer);
  await dispose();
  return judged;
}

/** GraFRank, or another graph network in its place. */
async function trained(
  changed: Record<string, unknown>,
  seed: number,
  kind?: GraphBaseline,
): Promise<Scorer> {
  // Edge-GraphSAGE alone among the others is told of links.
  const told = kind !== 'edgeSage' && !values.same ? ALIKE : {};
  const settings = system.parseSettings(kind ? { ...changed, ...told, ...OTHERS } : changed);
  const prepared = system.prepare(learned, 'friend', settings);
  const network = kind
    ? rankingNetwork(prepared.history, settings, (layout) =>
        graphEncoder(kind, layout, prepared.history, settings),
      )
    : system.network(prepared, settings);
  const forward = await device.compile(network.forward);
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  let parameters = new Float32Array();
  await trainSystem(
    { system, network, prepared, settings, seed, device, heldBack: { ...heldOut, validation: null } },
    null,
    { ...quietContext, stop: new AbortController().signal },
    ({ snapshot }) => {
      parameters = snapshot.arrays.average as Float32Array<ArrayBuffer>;
    },
  );
  const { user, system: kernel } = process.cpuUsage(cpu);
  const seconds = [(performance.now() - wall) / 1000, (user + kernel) / 1e6].map((value) => value.toFixed(0));
  console.log(`    trained in ${seconds[0]} s, ${seconds[1]} s of processor time`);
  const states = await forward.run({ ...prepared.feed, parameters });
  await forward.dispose();
  return dotScorer(states, task.items);
}

function ahead(ours: RankingEvaluation, baselines: Record<string, RankingEvaluation>): void {
  const [best] = Object.entries(baselines).sort(([, a], [, b]) => b.figures.mrr.value - a.figures.mrr.value);
  if (!best) return;
  const [name, judged] = best;
  const { value, low, high } = compareScorers(ours, judged).mrr;
  const share = value / judged.figures.mrr.value;
  console.log(
    `    mrr over ${name}: ${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}], ${(100 * share).toFixed(1)} %`,
  );
  if (!(share >= (isSample ? 0.2 : 0))) process.exitCode = 1;
}

async function report(name: string, scorer: Scorer): Promise<RankingEvaluation> {
  const evaluation = await evaluateRanking(scorer, task);
  const shown = ['mrr', 'ndcg@10', 'hit@10'].map((figure) => {
    const { value, low, high } = evaluation.figures[figure];
    return `${figure} ${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`;
  });
  console.log(`${name}\n    ${shown.join('  ')}`);
  return evaluation;
}
