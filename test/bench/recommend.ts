/**
 * The walkthrough with LightGCN propagation beside item-kNN and BPR-MF, on full rankings of the test, three seeds:
 *   npm run bench:recommend [-- --data ml-100k|lastfm] [--set key=value …]
 * `--validation` judges on the validation part instead, after each so many epochs: settings are chosen there, never on the test.
 * ml-100k: every rating is a positive; of each user the last 20 % by time are the test, the 10 % before them validation.
 * lastfm: `data1.txt` is known, `test1.txt` the test, as published; 10 % of each user's known listens are validation, at random.
 * Settings of the baselines are what `npm run bench:recommend-baselines` chose on the same validation parts.
 */
import { parseArgs } from 'node:util';
import { quietContext, Random } from '../../core/base/index.ts';
import { openDevice } from '../../core/device/index.ts';
import {
  bprMf,
  compareScorers,
  evaluateRanking,
  type HeldOutData,
  HOLD_OUT_SEED,
  holdOut,
  type ItemKnnSettings,
  itemKnn,
  popularity,
  type RankingEvaluation,
  rankingTask,
  readInteractionFiles,
  type Scorer,
  splitUsersAtRandom,
} from '../../core/interactions/index.ts';
import { dotScorer } from '../../models/recommend/scorer.ts';
import { trainSystem } from '../../models/recommend/training.ts';
import { walkthroughSystem as system } from '../../models/walkthrough/system.ts';
import { recommendData } from '../support/recommendData.ts';

const SEEDS = [1, 2, 3];
const SHOWN = ['ndcg@10', 'recall@20', 'mrr'];

interface Benchmark {
  type: string;
  heldOut: HeldOutData;
  knn: ItemKnnSettings;
  /** Of the walkthrough, beside its defaults. */
  settings: Record<string, unknown>;
}

const BPR = { factors: 64, learningRate: 0.05, regularisation: 0.01, epochs: 60 };

const BENCHMARKS: Record<string, () => Promise<Benchmark>> = {
  async 'ml-100k'() {
    const files = ['inter', 'user', 'item'].map((ending) => ({
      path: recommendData('ml-100k', `ml-100k.${ending}`),
    }));
    const { data } = await readInteractionFiles(files, {}, quietContext);
    const how = { way: 'userTime', test: 0.2, validation: 0.1, seed: HOLD_OUT_SEED } as const;
    const type = 'interaction';
    return {
      type,
      heldOut: holdOut(data, type, how),
      knn: { neighbours: 800, shrinkage: 0 },
      settings: { features: 'no' },
    };
  },
  async lastfm() {
    const type = 'listened';
    const files = ['data1.txt', 'test1.txt'].map((name) => ({
      path: recommendData('lastfm', name),
      choices: { type },
    }));
    const { data: first } = await readInteractionFiles(files.slice(0, 1), {}, quietContext);
    const { data } = await readInteractionFiles(files, {}, quietContext);
    const edges = data.edges(type);
    const knownCount = first.edges(type).count;
    const shares = { validation: 0.1, test: 0 };
    const split = splitUsersAtRandom(first.edges(type), { shares }, new Random(HOLD_OUT_SEED));
    const known = edges.where((edge) => edge < knownCount);
    const test = edges.where((edge) => edge >= knownCount);
    return {
      type,
      heldOut: {
        train: data.withEdges(edges.take(split.train)),
        known: data.withEdges(edges.take(known)),
        validation: rankingTask(data, type, { known: split.train, relevant: split.validation }),
        test: rankingTask(data, type, { known, relevant: test }),
        heldOut: { validation: edges.take(split.validation), test: edges.take(test) },
      },
      knn: { neighbours: 400, shrinkage: 0 },
      settings: { features: 'no', learningRate: 0.05, penalty: 0.1, epochs: 50 },
    };
  },
};

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'ml-100k' },
    set: { type: 'string', multiple: true, default: [] },
    validation: { type: 'boolean', default: false },
  },
});
const { type, heldOut, knn, settings: own } = await BENCHMARKS[values.data]();
const given = Object.fromEntries(
  values.set
    .map((text) => text.split('='))
    .map(([key, value]) => [key, Number.isNaN(Number(value)) ? value : Number(value)]),
);
const settings = system.parseSettings({ ...own, ...given });
const learned = values.validation ? heldOut.train : heldOut.known;
const task = (values.validation ? heldOut.validation : heldOut.test)!;
const device = await openDevice('cpu');

if (values.validation) {
  await walkthrough(SEEDS[0], true);
} else {
  console.log(`${values.data}: ${task.users.length} users, ${task.items} items ranked`);
  await report('popularity', popularity(learned, type));
  const neighbours = await report(
    `item-kNN, ${knn.neighbours} neighbours, shrinkage ${knn.shrinkage}`,
    itemKnn(learned, type, knn),
  );
  const ours: RankingEvaluation[] = [];
  for (const seed of SEEDS) {
    const judged = await report(`walkthrough, seed ${seed}`, await walkthrough(seed, false));
    ahead('item-kNN', judged, neighbours);
    ours.push(judged);
  }
  for (const [i, seed] of SEEDS.entries()) {
    const scorer = await bprMf(learned, type, { ...BPR, seed }, quietContext);
    const factors = await report(`BPR-MF, seed ${seed}`, scorer);
    ahead('BPR-MF, by the walkthrough of this seed', ours[i], factors);
  }
}
await device.dispose();
process.exit(0);

/** Trains, and tells after some epochs how well validation goes where it is watched. */
async function walkthrough(seed: number, watched: boolean): Promise<Scorer> {
  const prepared = system.prepare(learned, type, settings);
  const network = system.network(prepared, settings);
  const forward = await device.compile(network.forward);
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  let parameters = new Float32Array();
  await trainSystem(
    {
      system,
      network,
      prepared,
      settings,
      seed,
      device,
      heldBack: { ...heldOut, validation: watched ? task : null },
    },
    null,
    { ...quietContext, stop: new AbortController().signal },
    ({ snapshot, training, validation, isBest }) => {
      if (isBest) parameters = snapshot.arrays.average as Float32Array<ArrayBuffer>;
      if (watched)
        console.log(
          `  epoch ${snapshot.epoch}: loss ${training.loss.toFixed(4)}, validation ndcg@10 ${(-validation.score).toFixed(4)}`,
        );
    },
  );
  const { user, system: kernel } = process.cpuUsage(cpu);
  console.log(
    `    trained in ${((performance.now() - wall) / 1000).toFixed(0)} s, ${((user + kernel) / 1e6).toFixed(0)} s of processor time`,
  );
  const states = await forward.run({ ...prepared.feed, parameters });
  await forward.dispose();
  return dotScorer(states, task.items);
}

function ahead(name: string, first: RankingEvaluation, second: RankingEvaluation): void {
  const { value, low, high } = compareScorers(first, second)['ndcg@10'];
  console.log(`    ndcg@10 over ${name}: ${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`);
}

async function report(name: string, scorer: Scorer): Promise<RankingEvaluation> {
  const evaluation = await evaluateRanking(scorer, task);
  const shown = SHOWN.map((figure) => {
    const { value, low, high } = evaluation.figures[figure];
    return `${figure} ${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`;
  });
  console.log(`${name}\n    ${shown.join('  ')}`);
  return evaluation;
}
