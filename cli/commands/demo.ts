import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ApiSegmentInfo, EtaEvaluation } from '@etalon/core/api/contract';
import type { App } from '@etalon/core/app';
import { travelTimes } from '@etalon/core/app';
import { EtalonError } from '@etalon/core/base';
import { type Command, Option } from 'commander';
import { count, percent } from '../format.ts';
import { carriedOut, type Invocation, type Parts } from '../invocation.ts';
import { describeEvaluation } from '../runs.ts';
import { describeExport } from './export.ts';
import { describeRoute } from './predict.ts';

const DAY_MS = 86_400_000;
/**
 * Those that are told less than the network. Others learn from the network's own inputs and are about as good on these trips: that
 * comparison is `etalon evaluate --baselines all`.
 */
const PLAIN_BASELINES = ['freeFlow', 'historical', 'live', 'blend', 'ridge', 'segmentModel'];
/** Four epochs take twice as long, and are no better on the sample. */
const EPOCHS = 2;
/** The test's days: the sample's last week. */
const TEST_DAYS = 7;

interface DemoOptions {
  out?: string;
  device: 'auto' | 'cpu' | 'webgpu' | 'webgpu:software';
}

export function addDemo(program: Command, parts: Parts): void {
  program
    .command('demo')
    .description('the whole way on a sample city: build it, train, test on its last week, predict, export')
    .option('--out <folder>', 'folder for the project and the ONNX file; a new temporary one by default')
    .addOption(
      new Option('--device <device>', 'what computes')
        .choices(['auto', 'cpu', 'webgpu', 'webgpu:software'])
        .default('auto'),
    )
    .addHelpText('after', '\nExample:\n  etalon demo --out sample')
    .action(carriedOut(parts, (invocation, options: DemoOptions) => demo(invocation, options)));
}

async function demo({ app, out, follow }: Invocation, { out: folder, device }: DemoOptions): Promise<object> {
  const place = demoFolder(folder);
  const stage = stages(5, out.say.bind(out));

  stage('Building the sample city');
  await follow('sample', await app.createSample(join(place, 'sample.etalon')));
  const project = app.projectInfo()!;
  out.say(
    `${count(project.segments)} segments, ${count(project.trips)} trips from ${project.firstDay} to ${project.lastDay}.`,
  );

  const until = testFrom(project.lastDay!);
  stage(`Training on the days before ${until}`);
  const { job, runId } = app.train({ model: 'eta', seed: 1, device, until, settings: { epochs: EPOCHS } });
  await follow('train', job);
  const run = app.run(runId);
  out.say(`Trained ${run.name} on ${run.device}.`);

  stage(`Testing on the unseen last week, from ${until}`);
  const evaluation = travelTimes(
    await follow('evaluate', app.evaluate(runId, { from: until, baselines: PLAIN_BASELINES })),
  );
  const gain = gainOverBaselines(evaluation);
  out.say(describeEvaluation(run.name, evaluation));
  out.say(
    `\nMAE ${percent(Math.abs(gain.share))} ${gain.share < 0 ? 'over' : 'under'} the best of these baselines (${gain.baseline}). Trees and networks that learn from the same inputs: etalon evaluate ${project.path} --baselines all`,
  );

  stage('Predicting a route');
  const route = await app
    .reader()
    .predict.route({ runId, ...(await acrossTown(app)), depart: `${until}T08:30` });
  out.say(describeRoute(route));

  stage('Exporting the model');
  const exported = await follow('export', app.exportOnnx(runId, join(place, 'eta.onnx')));
  out.say(`${describeExport(exported)}\n\nEverything is in ${place}. See it: etalon serve ${project.path}`);

  const { metrics, baselines } = evaluation;
  return { project: project.path, run, metrics, baselines, gain, evaluation, route, export: exported };
}

function demoFolder(folder: string | undefined): string {
  if (!folder) return mkdtempSync(join(tmpdir(), 'etalon-demo-'));
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new EtalonError('input', 'The folder cannot be made.', { where: { file: folder }, cause });
  }
  return resolve(folder);
}

function stages(steps: number, say: (text: string) => void): (title: string) => void {
  let step = 0;
  return (title) => say(`${step === 0 ? '' : '\n'}${++step} of ${steps}  ${title}`);
}

function testFrom(lastDay: string): string {
  return new Date(Date.parse(lastDay) - (TEST_DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
}

/** By which share the model's MAE lies under the best baseline's. */
function gainOverBaselines({ metrics, baselines }: EtaEvaluation): { baseline: string; share: number } {
  const [baseline, best] = Object.entries(baselines).reduce((a, b) => (b[1].maeS < a[1].maeS ? b : a));
  return { baseline, share: 1 - metrics.maeS / best.maeS };
}

/** From near one corner of the map to near the opposite one. */
async function acrossTown(app: App): Promise<{ from: [number, number]; to: [number, number] }> {
  const [west, south, east, north] = app.projectInfo()!.bounds!;
  const at = async (share: number) => {
    const point: [number, number] = [west + share * (east - west), south + share * (north - south)];
    const found: ApiSegmentInfo | null = await app.reader().roads.nearest({ point, maxM: 5000 });
    if (!found) throw new EtalonError('internal', 'The sample city has no road where one was expected.');
    return found.coordinates[0];
  };
  return { from: await at(0.25), to: await at(0.75) };
}
