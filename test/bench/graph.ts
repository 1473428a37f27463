/**
 * Graph basics beside the baselines of each task, three seeds:
 *   npm run bench:graph [-- --data sample|twitch] [--task nodes|graphs|links|reconstruction] [--seeds 1,2,3] [--set key=value …]
 * `--validation` tells the best figures on the validation part instead, where settings are chosen. What is held out is the same for all seeds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RecommenderConfig } from '../../core/app/model.ts';
import { evaluateRecommender } from '../../core/app/recommend/evaluateRanking.ts';
import { quietContext } from '../../core/base/index.ts';
import type { InteractionData } from '../../core/interactions/index.ts';
import { createProject } from '../../core/project/index.ts';
import { graphs } from '../../fixtures/index.ts';
import { graph } from '../../models/graph.ts';
import { emptyReport } from '../support/trips.ts';
import { twitchFriends } from '../support/twitch.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'sample' },
    task: { type: 'string', default: 'nodes' },
    seeds: { type: 'string', default: '1,2,3' },
    set: { type: 'string', multiple: true, default: [] },
    validation: { type: 'boolean', default: false },
  },
});
const SHOWN = ['accuracy', 'macroF1', 'logLoss', 'ndcg@10', 'recall@20', 'mrr', 'auc', 'ap'];
const settings = Object.fromEntries(
  values.set
    .map((text) => text.split('='))
    .map(([key, value]) => [key, Number.isNaN(Number(value)) ? value : Number(value)]),
);
const folder = mkdtempSync(join(tmpdir(), 'etalon-bench-graph-'));
const store = createProject(join(folder, 'bench.etalon'));
try {
  store.writeInteractions('bench', await benchmarkData(), emptyReport('generated'));
  for (const seed of values.seeds.split(',').map(Number)) await report(seed);
} finally {
  store.close();
  rmSync(folder, { recursive: true });
}
process.exit(0);

async function benchmarkData(): Promise<InteractionData> {
  return values.data === 'twitch' ? twitchFriends() : graphs().data;
}

async function report(seed: number): Promise<void> {
  const edges = values.data === 'twitch' ? 'friend' : values.task === 'graphs' ? 'bond' : 'cites';
  const config: RecommenderConfig = {
    seed,
    settings: { task: values.task, ...settings },
    interactions: {
      data: 'bench',
      edges,
      holdOut: { way: 'random', test: 0.2, validation: 0, seed: 1 },
    },
  };
  const cpu = process.cpuUsage();
  const { id } = store.createRun({ model: 'graph', config });
  const stop = new AbortController().signal;
  await graph.train(store, id, { ...quietContext, device: 'cpu', stop });
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `${values.data}, ${values.task}, seed ${seed}: ${((user + system) / 1e6).toFixed(0)} s of processor time to train`,
  );
  if (values.validation) {
    const points = store.metrics(id).filter(({ name }) => name.startsWith('val '));
    for (const [name, ofName] of Map.groupBy(points, ({ name: of }) => of)) {
      const best = name === 'val logLoss' ? Math.min : Math.max;
      console.log(
        `  best ${name}: ${best(...ofName.map(({ value }) => value)).toFixed(4)} of ${ofName.length} epochs`,
      );
    }
    return;
  }
  const evaluation = await evaluateRecommender(graph, store, id, quietContext);
  console.log(`  ${evaluation.note}`);
  const shown = SHOWN.filter((figure) => evaluation.figures[figure]);
  const tell = (name: string, figures: typeof evaluation.figures) =>
    console.log(
      `  ${name}: ${shown
        .map((figure) => {
          const { value, low, high } = figures[figure];
          return `${figure} ${value.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`;
        })
        .join('  ')}`,
    );
  tell('graph', evaluation.figures);
  for (const [name, { figures }] of Object.entries(evaluation.baselines)) {
    tell(name, figures);
    tell(`  ahead of ${name} by`, evaluation.gains[name]);
  }
  for (const { title, rows } of evaluation.reports)
    console.log(`  ${title}: ${rows.map((row) => row.join(' ')).join('; ')}`);
}
