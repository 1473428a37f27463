import { answerOf } from '@etalon/core/api/client';
import type { ApiSupersegmentCatalogue, ApiSupersegmentRow } from '@etalon/core/api/contract';
import { csvLine } from '@etalon/core/app';
import { EtalonError } from '@etalon/core/base';
import { type Command, InvalidArgumentError } from 'commander';
import { count, percent, table } from '../format.ts';
import { feature, writeGeoJson } from '../geoJson.ts';
import { carriedOut, type Parts } from '../invocation.ts';
import { chosenRun } from '../runs.ts';
import { wholeNumber } from '../values.ts';
import { writeText } from '../writeText.ts';

/** Rows that are printed; a file has all. */
const SHOWN = 20;

interface SupersegmentOptions {
  length: number;
  count: number;
  seed: number;
  neighbours: number;
  run?: string;
  out?: string;
}

export function addSupersegments(program: Command, parts: Parts): void {
  program
    .command('supersegments')
    .description(
      'draw supersegments from the traffic: what they cover of the roads, where they run, how long they take',
    )
    .argument('<project>', 'project file, with roads and trips')
    .option('--length <n>', 'segments of each', within(2, 200), 20)
    .option('--count <n>', 'how many', within(1, 20_000), 2000)
    .option('--seed <n>', 'the same seed draws the same', within(0, 2 ** 31 - 1), 1)
    .option(
      '--neighbours <n>',
      'turns up to which off-route segments belong to the extension',
      within(0, 3),
      1,
    )
    .option('--run <run>', "the catalogue that a run learned embeddings of, by the run's name or number")
    .option('--out <file>', 'also write all to name.csv or name.geojson')
    .addHelpText(
      'after',
      '\nExample:\n  etalon supersegments porto.etalon --count 5000 --out supersegments.geojson',
    )
    .action(
      carriedOut(parts, async ({ app, out }, project: string, options: SupersegmentOptions) => {
        const write = options.out === undefined ? null : writerOf(options.out);
        await app.open(project);
        const { length, count, seed, neighbours } = options;
        const runId = options.run === undefined ? null : chosenRun(app, options.run).id;
        const question = { runId, length, count, seed, neighbours };
        const reader = app.reader().supersegments;
        const { rows, coverage, note } = await answerOf(reader.catalogue(question));
        out.say(describeCoverage(coverage));
        out.say(`\n${describeRows(rows)}`);
        if (note) out.say(`\n${note}`);
        if (write) await write(rows, () => reader.lines(question));
        return {
          ...question,
          coverage,
          note,
          supersegments: rows,
          ...(options.out && { path: options.out }),
        };
      }),
    );
}

type Lines = [number, number][][];
type Write = (rows: readonly ApiSupersegmentRow[], lines: () => Promise<Lines>) => Promise<void>;

/** By the file's ending, which is judged before anything is computed. */
function writerOf(path: string): Write {
  if (/\.csv$/i.test(path)) return async (rows) => writeText(path, csvOf(rows));
  if (/\.geojson$/i.test(path))
    return async (rows, lines) => {
      const coordinates = await lines();
      writeGeoJson(
        path,
        rows.map((row, i) => feature('LineString', coordinates[i], columnsOf(row))),
      );
    };
  throw new EtalonError('usage', 'The file’s name must end in .csv or .geojson.', { where: { file: path } });
}

/** Columns of both files. */
function columnsOf(row: ApiSupersegmentRow): Record<string, string | number | null> {
  const rounded = (value: number | null) => (value === null ? null : Number(value.toFixed(1)));
  return {
    id: row.id,
    name: row.name,
    length_m: rounded(row.lengthM),
    segments: row.segments,
    extended_segments: row.extended,
    mean_traversals: rounded(row.traversals),
    drives: row.drives,
    free_flow_s: rounded(row.freeFlowS),
    mean_s: rounded(row.meanS),
    median_s: rounded(row.medianS),
    low_s: rounded(row.lowS),
    high_s: rounded(row.highS),
  };
}

function csvOf(rows: readonly ApiSupersegmentRow[]): string {
  const records = rows.map(columnsOf);
  const head = Object.keys(records[0] ?? {});
  const lines = records.map((record) => head.map((column) => String(record[column] ?? '')));
  return [head, ...lines].map(csvLine).join('');
}

function describeCoverage(coverage: ApiSupersegmentCatalogue['coverage']): string {
  const share = (part: number, whole: number) => (whole > 0 ? percent(part / whole) : '–');
  return table(
    ['Road class', 'Segments', 'covered', 'Kilometres', 'covered', 'Traversals', 'covered'],
    coverage.map((row) => [
      row.roadClass,
      count(row.segments),
      share(row.coveredSegments, row.segments),
      row.km.toFixed(1),
      share(row.coveredKm, row.km),
      count(row.traversals),
      share(row.coveredTraversals, row.traversals),
    ]),
  );
}

function describeRows(rows: readonly ApiSupersegmentRow[]): string {
  const seconds = (value: number | null) => (value === null ? '–' : value.toFixed(0));
  const busiest = rows.toSorted((a, b) => b.traversals - a.traversals || a.id - b.id).slice(0, SHOWN);
  const shown = table(
    [
      'Supersegment',
      'Id',
      'km',
      'Segments',
      'extended',
      'Traversals',
      'Drives',
      'Free flow s',
      'Mean s',
      'Median s',
      '80 % s',
    ],
    busiest.map((row) => [
      row.name,
      String(row.id),
      (row.lengthM / 1000).toFixed(2),
      String(row.segments),
      String(row.extended),
      row.traversals.toFixed(0),
      String(row.drives),
      seconds(row.freeFlowS),
      seconds(row.meanS),
      seconds(row.medianS),
      row.lowS === null ? '–' : `${seconds(row.lowS)}–${seconds(row.highS)}`,
    ]),
  );
  const left = rows.length - busiest.length;
  return left > 0 ? `${shown}\nThe ${SHOWN} busiest; ${count(left)} more with --out or --json.` : shown;
}

function within(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(text);
    if (value < least || value > most)
      throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
    return value;
  };
}
