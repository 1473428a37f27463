import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiRecommenderChoice, ApiRunInfo } from '@etalon/core/api/contract';
import type { DeviceChoice } from '@etalon/core/app/model';
import { EtalonError } from '@etalon/core/base';
import { HOLD_OUT_WAYS } from '@etalon/core/interactions';
import { type Command, Option } from 'commander';
import { duration } from '../format.ts';
import { carriedOut, type Invocation, type Parts } from '../invocation.ts';
import { describeRanking, describeRecommendations, figureValues } from '../recommending.ts';
import { chosenRun } from '../runs.ts';
import { latLon, list, localTime, number, positive, setting, wholeNumber } from '../values.ts';
import { describeExport } from './export.ts';
import { train } from './train.ts';

interface RecommendOptions {
  sample?: true;
  data?: string;
  edges?: string;
  split?: ApiRecommenderChoice['split'];
  test: number;
  set?: Record<string, unknown>;
  seed: number;
  device: DeviceChoice;
  name?: string;
  run?: string;
  evaluate?: true;
  for?: string[];
  count: number;
  text?: string;
  at?: string;
  place?: [number, number];
  within?: number;
  tasteOfTenMinutes?: number;
  all?: true;
  output?: string;
  embeddings?: string;
  onnx?: string;
}

export function addRecommend(program: Command, parts: Parts): void {
  program
    .command('recommend')
    .description('train a recommender on the interactions of a project and judge it; or ask a trained one')
    .argument('<system>', 'which one: walkthrough, friends, grafrank, stories, search, pins, food, graph')
    .argument('[project]', 'project file, with interactions; none with --sample')
    .option('--sample', 'run on sample data in a new project in a temporary folder')
    .option('--data <name>', 'data set of interactions; may be left out where there is one')
    .option('--edges <type>', 'type of edges that is predicted; the first by default')
    .addOption(
      new Option('--split <way>', 'what is held out; by time of each user where times are known').choices(
        HOLD_OUT_WAYS,
      ),
    )
    .option('--test <share>', 'share of the edges that is held out', Number, 0.2)
    .option('--set <key=value>', 'a setting of the system; may be repeated', setting)
    .option('--seed <n>', 'seed of all randomness', wholeNumber, 1)
    .addOption(
      new Option('--device <device>', 'what computes')
        .choices(['auto', 'cpu', 'webgpu', 'webgpu:software'])
        .default('auto'),
    )
    .option('--name <name>', "the run's name")
    .option('--run <run>', 'a trained run by name or number, instead of training one')
    .option(
      '--for <users>',
      'what to recommend to them, with reasons; identifiers, commas between',
      list(String),
    )
    .option('--evaluate', 'judge the run of --run again, as after its training')
    .option('--text <words>', 'what they search for, of systems that are asked in words')
    .option('--at <time>', 'when, on the wall clock, YYYY-MM-DDTHH:MM', localTime)
    .option('--place <lat,lon>', 'from where', latLon)
    .option('--within <minutes>', 'longest way to an item', positive)
    .option('--taste-of-ten-minutes <taste>', 'how much taste ten minutes are worth', number)
    .option('--count <n>', 'items of a list', wholeNumber, 10)
    .option('--all', 'recommend to everyone, into the file of --output')
    .option('-o, --output <file>', 'name.csv or name.parquet for --all')
    .option('--embeddings <file>', 'write the states of users and items: name.csv or name.parquet')
    .option('--onnx <file>', 'write the network as name.onnx, checked against the engine')
    .addHelpText(
      'after',
      '\nExamples:\n  etalon recommend walkthrough --sample\n  etalon recommend walkthrough shop.etalon --data movies --set convolution=sage\n  etalon recommend walkthrough shop.etalon --run walkthrough-1 --for 196,22\n  etalon recommend walkthrough shop.etalon --run walkthrough-1 --all -o lists.parquet',
    )
    .action(
      carriedOut(
        parts,
        (invocation, system: string, project: string | undefined, options: RecommendOptions) =>
          recommend(invocation, system, project, options),
      ),
    );
}

async function recommend(
  invocation: Invocation,
  system: string,
  project: string | undefined,
  options: RecommendOptions,
): Promise<object> {
  const { app, out, follow } = invocation;
  if (options.all && !options.output)
    throw new EtalonError('usage', 'Where should the recommendations for everyone go?', {
      where: { field: '--output' },
      remedy: 'Name a file: --all -o lists.csv.',
    });
  const path = await openProject(invocation, system, project, options);
  const result: Record<string, unknown> = { project: path };
  const run = options.run ? chosenRun(app, options.run) : await trained(invocation, system, path, options);
  result.run = run;

  const { for: users, count, output, embeddings, onnx } = options;
  if (!options.run || options.evaluate) {
    const evaluation = await follow('evaluate-ranking', app.evaluateRanking(run.id));
    out.say(describeRanking(run.name, evaluation, await baselineNames(system)));
    result.metrics = figureValues(evaluation);
    result.baselines = Object.fromEntries(
      Object.entries(evaluation.baselines).map(([name, figures]) => [name, figureValues(figures)]),
    );
    result.evaluation = evaluation;
  }
  if (users) {
    const lists = await follow(
      'recommend',
      app.recommend(run.id, {
        users,
        count,
        withReasons: true,
        ...(options.text !== undefined && { text: options.text }),
        ...(options.at !== undefined && { at: options.at }),
        ...(options.place && { place: options.place }),
        ...(options.within !== undefined && { withinMinutes: options.within }),
        ...(options.tasteOfTenMinutes !== undefined && { tasteOfTenMinutes: options.tasteOfTenMinutes }),
      }),
    );
    out.say(describeRecommendations(lists));
    result.recommendations = lists;
  }
  if (options.all) {
    const written = await follow('recommend-all', app.recommendAll(run.id, output!, count));
    out.say(`Wrote ${written.rows} rows to ${written.path}.`);
    result.all = written;
  }
  if (embeddings) {
    const written = await follow('export-embeddings', app.exportEmbeddings(run.id, embeddings));
    out.say(`Wrote ${written.rows} embeddings to ${written.path}.`);
    result.embeddings = written;
  }
  if (onnx) {
    const report = await follow('export', app.exportOnnx(run.id, onnx));
    out.say(describeExport(report));
    result.export = report;
  }
  return result;
}

/** Opens the project, or makes one of sample data. Its path. */
async function openProject(
  { app, out, follow }: Invocation,
  system: string,
  project: string | undefined,
  { sample }: RecommendOptions,
): Promise<string> {
  if (sample && !project) {
    const path = join(mkdtempSync(join(tmpdir(), 'etalon-recommend-')), `${system}.etalon`);
    app.settings(system);
    await follow('sample', await app.createSample(path, system));
    out.say(`Sample data in ${path}.`);
    return path;
  }
  if (!project || sample)
    throw new EtalonError('usage', 'Give either a project file or --sample.', {
      remedy: 'For a first look: etalon recommend walkthrough --sample.',
    });
  return (await app.open(project)).path;
}

async function trained(
  invocation: Invocation,
  system: string,
  project: string,
  options: RecommendOptions,
): Promise<ApiRunInfo> {
  const { data, edges, split, test } = options;
  const run = await train(
    invocation,
    { ...options, model: system, interactions: { data, edges, split, test } },
    project,
  );
  invocation.out.say(
    `Trained ${run.name} in ${duration(run.seconds)} on ${run.device ?? 'an unknown device'}.`,
  );
  return run;
}

/** What the system calls baselines of its own. */
async function baselineNames(system: string): Promise<Readonly<Record<string, string>>> {
  const { models } = await import('@etalon/models');
  const model = models[system];
  return model && 'baselines' in model ? (model.baselines ?? {}) : {};
}
