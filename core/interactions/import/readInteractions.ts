import { basename } from 'node:path';
import { EtalonError, type TaskContext } from '../../base/index.ts';
import { eachRecord } from '../../tables/eachRecord.ts';
import type { ImportReport } from '../../tables/importReport.ts';
import { assertReadable } from '../../tables/malformed.ts';
import { type PreviewProblem, previewProblems } from '../../tables/previewProblems.ts';
import { RowTally } from '../../tables/rowTally.ts';
import { firstRecords, type TableRecord } from '../../tables/table.ts';
import type { InteractionData } from '../data.ts';
import { choosePlan } from './choosePlan.ts';
import { DataBuilder } from './dataBuilder.ts';
import { guessPlan } from './guessPlan.ts';
import { openInteractionFile } from './openFile.ts';
import type { FilePlan, InteractionFile } from './plan.ts';
import { INTERACTION_DROPS, rowReader } from './rowReader.ts';

const PREVIEW_ROWS = 200;
const SAMPLES = 5;

export interface ReadOptions {
  /** IANA name of the wall clock of times without an offset. */
  readonly timeZone?: string;
  /** Whether rows that cannot be read are left out; else they stop the import. */
  readonly skipMalformed?: boolean;
}

export interface FilePreview {
  path: string;
  format: string;
  sizeBytes: number;
  columns: { name: string; samples: string[] }[];
  /** The first 200 rows as read. */
  rows: string[][];
  /** What the rows are taken for, choices included. */
  plan: FilePlan;
  /** Rows (from 0, as in `rows`) that would not be kept. */
  problems: PreviewProblem[];
}

/**
 * Reads the first rows of each file, for a person to check what they are taken for. Throws `not-found`, `input` for what is no
 * table, `usage` for a choice that does not fit.
 */
export async function previewInteractions(
  files: readonly InteractionFile[],
  { timeZone = 'UTC' }: ReadOptions = {},
): Promise<FilePreview[]> {
  const builder = new DataBuilder();
  const previews: FilePreview[] = [];
  for (const file of files) {
    const { table, plan, first } = await planned(file);
    const reader = rowReader(table, plan, timeZone, builder);
    const rows = first.map(({ fields }) => fields);
    previews.push({
      path: file.path,
      format: table.format,
      sizeBytes: table.sizeBytes,
      columns: table.columns.map((name, i) => ({
        name,
        samples: rows.slice(0, SAMPLES).map((row) => row[i] ?? ''),
      })),
      rows,
      plan,
      problems: previewProblems(first, (record) => {
        assertReadable(table, record);
        const row = reader.read(record);
        return 'reason' in row ? { ...row, description: INTERACTION_DROPS[row.reason].description } : null;
      }),
    });
  }
  return previews;
}

/**
 * Reads the files of one data set: each gives nodes or edges. Throws `usage` for a choice that does not fit, `input` for rows that
 * cannot be read (see `core/tables/malformed.ts`), where more than half are at fault, and where no file has edges.
 */
export async function readInteractionFiles(
  files: readonly InteractionFile[],
  { timeZone = 'UTC', skipMalformed = false }: ReadOptions,
  context: TaskContext,
): Promise<{ data: InteractionData; report: ImportReport }> {
  const builder = new DataBuilder();
  const reports: ImportReport[] = [];
  for (const file of files) reports.push(await readFile(file, timeZone, skipMalformed, builder, context));
  const data = builder.build();
  if (data.edgeTypes.every((type) => data.edges(type).count === 0))
    throw new EtalonError('input', 'None of the files has edges.', {
      where: { file: files[0].path },
      remedy: 'Give a file that says who took what, or say which columns do: --map role=edges from=… to=….',
    });
  return { data, report: merged(reports, data) };
}

async function readFile(
  file: InteractionFile,
  timeZone: string,
  skipMalformed: boolean,
  builder: DataBuilder,
  context: TaskContext,
): Promise<ImportReport> {
  const { plan } = await planned(file);
  const { table } = await openInteractionFile(file.path);
  try {
    const reader = rowReader(table, plan, timeZone, builder);
    const tally = new RowTally(table, INTERACTION_DROPS, skipMalformed);
    const options = { wanted: reader.columns, stage: `Reading ${basename(file.path)}`, context };
    await eachRecord(table, options, (record) => {
      tally.count(record);
      const row = tally.malformed.read(() => reader.read(record));
      if (!row || tally.malformed.failed) return;
      if ('reason' in row) tally.drop(record, row);
      else noteOthers(tally, row.keep(), table.place(record));
    });
    tally.malformed.stopIfFailed();
    tally.refuseMostlyBad();
    tally.report.read.rows = tally.rows;
    return tally.report.finish(file.path, table.format);
  } finally {
    await table.close();
  }
}

function noteOthers(
  tally: RowTally<keyof typeof INTERACTION_DROPS>,
  names: readonly string[],
  place: string,
): void {
  for (const name of names)
    tally.report.note(`Nodes with several values of ${name}, the first of which stays`, place);
}

/** Opens a file, looks at its first rows and closes it. */
async function planned(file: InteractionFile): Promise<{
  table: Awaited<ReturnType<typeof openInteractionFile>>['table'];
  plan: FilePlan;
  first: TableRecord[];
}> {
  const opened = await openInteractionFile(file.path);
  const first = await firstRecords(opened.table, PREVIEW_ROWS);
  const { columns } = opened.table;
  const whole = first.filter(({ broken, fields }) => !broken && fields.length === columns.length);
  const guessed = guessPlan(
    file.path,
    opened,
    whole.map(({ fields }) => fields),
  );
  try {
    return { table: opened.table, plan: choosePlan(guessed, file.choices ?? {}, columns), first };
  } catch (error) {
    if (!(error instanceof EtalonError)) throw error;
    const { code, message, where, remedy } = error;
    throw new EtalonError(code, message, { where: { file: file.path, ...where }, ...(remedy && { remedy }) });
  }
}

/** One report of all files: what they have in common is added up, what was kept is that of the data. */
function merged(reports: readonly ImportReport[], data: InteractionData): ImportReport {
  const kept: Record<string, number> = {};
  for (const type of data.nodeTypes) kept[`${type} nodes`] = data.nodes(type).count;
  for (const type of data.edgeTypes) kept[`${type} edges`] = data.edges(type).count;
  const dropped = new Map<string, ImportReport['dropped'][number]>();
  for (const reason of reports.flatMap((report) => report.dropped)) {
    const before = dropped.get(reason.reason);
    const examples = [...(before?.examples ?? []), ...reason.examples].slice(0, SAMPLES);
    dropped.set(reason.reason, { ...reason, count: reason.count + (before?.count ?? 0), examples });
  }
  return {
    source: reports.map(({ source }) => source).join(', '),
    format: [...new Set(reports.map(({ format }) => format))].join(', '),
    read: { rows: reports.reduce((sum, { read }) => sum + read.rows, 0) },
    kept,
    dropped: [...dropped.values()],
    notes: reports.flatMap(({ notes }) => notes),
    seconds: reports.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}
