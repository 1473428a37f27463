import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobRequest } from '../../core/app/jobTypes.ts';
import { performJob } from '../../core/app/tasks.ts';
import { EtalonError, formatError } from '../../core/base/index.ts';
import { createProject, openProject } from '../../core/project/index.ts';
import type { ImportReport } from '../../core/tables/index.ts';
import { city, MALFORMED_CASES, type MalformedCase, SENSOR_NETWORKS } from '../support/malformed/index.ts';
import { readCity } from '../support/osmCity.ts';
import { writePbfFile } from '../support/osmFiles.ts';
import { projectDump } from '../support/projectDump.ts';
import { roadsProject } from '../support/roadsProject.ts';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-malformed-'));
  const { network } = await readCity(city);
  roadsProject(join(folder, 'full.etalon'), network);
  createProject(join(folder, 'empty.etalon')).close();
  // A source of each kind, so that there is something to be lost.
  const [trips, speeds] = ['trips, CSV, a field too few', 'observations, a field too few'].map(
    (name) => MALFORMED_CASES.find((given) => given.name === name)!,
  );
  for (const given of [trips, speeds]) {
    const at = place({ ...given, files: sound(given) }, join(folder, 'first'));
    await run(join(folder, 'full.etalon'), { ...given.job(at), skipMalformed: false });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The files without the line that cannot be read, and with other trips. */
function sound({ files, at }: MalformedCase): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      String(text)
        .split('\n')
        .filter((_, i) => i + 1 !== at.line)
        .join('\n')
        .replaceAll(/^t/gm, 'old'),
    ]),
  );
}

function place({ files }: Pick<MalformedCase, 'files'>, into: string): (name: string) => string {
  mkdirSync(into, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(into, name), content);
  return (name) => join(into, name);
}

async function run(project: string, job: JobRequest): Promise<ImportReport> {
  const store = openProject(project);
  const never = new AbortController().signal;
  try {
    const parts = { models: {}, samples: {} };
    const result = await performJob(parts, store, job, {
      signal: never,
      stop: never,
      device: 'cpu',
      report() {},
    });
    return job.kind === 'import-gps' ? (result as { report: ImportReport }).report : (result as ImportReport);
  } finally {
    store.close();
  }
}

async function failure(promise: Promise<unknown>): Promise<EtalonError> {
  const error = await promise.then(
    () => new Error('Nothing was thrown.'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EtalonError);
  return error as EtalonError;
}

/** A copy of a project, and the files beside it. */
function scene(given: Pick<MalformedCase, 'files'>, template = 'full.etalon') {
  const into = join(folder, String(count++));
  const at = place(given, into);
  const project = join(into, 'project.etalon');
  copyFileSync(join(folder, template), project);
  return { at, project, before: projectDump(project) };
}

async function expectRefusal(given: MalformedCase, template?: string): Promise<void> {
  const { at, project, before } = scene(given, template);
  const error = await failure(run(project, { ...given.job(at), skipMalformed: false } as JobRequest));
  const { file, line, field } = given.at;
  expect(error.code).toBe('input');
  expect(error.where?.file).toBe(at(file));
  if (line !== undefined) expect(error.where?.line, error.message).toBe(line);
  if (field !== undefined) expect(error.where?.field).toBe(field);
  expect(error.message).toMatch(given.found);
  expect(error.remedy).toMatch(given.remedy);
  expect(formatError(error.toJSON())).toContain(basename(file));
  expect(error.malformed === undefined).toBe(given.kept === null);
  expect(projectDump(project)).toEqual(before);

  const skipping = run(project, { ...given.job(at), skipMalformed: true } as JobRequest);
  if (given.kept === null) {
    expect((await failure(skipping)).message).toMatch(given.found);
    expect(projectDump(project)).toEqual(before);
    return;
  }
  const { kept, dropped } = await skipping;
  expect(kept).toMatchObject(given.kept);
  const malformed = dropped.find(({ reason }) => reason === 'malformed');
  expect(malformed).toMatchObject({ count: 1 });
  expect(malformed!.examples[0]).toMatch(given.found);
  expect(malformed!.examples[0]).toMatch(
    file.endsWith('.parquet') ? `${file}, row ${line} (row group` : `${file}:${line}`,
  );
  expect(projectDump(project)).not.toEqual(before);
}

describe('what cannot be read stops the import, by file, line and remedy, and the project is as before', () => {
  it('is looked at in every format', () => {
    expect(MALFORMED_CASES.length).toBeGreaterThan(60);
    expect(new Set(MALFORMED_CASES.map(({ name }) => name)).size).toBe(MALFORMED_CASES.length);
  });

  it.each(MALFORMED_CASES)('$name', (given) => expectRefusal(given));

  it.each(SENSOR_NETWORKS)('$name, in a project without roads', (given) =>
    expectRefusal(given, 'empty.etalon'),
  );

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, -20), /ends in the middle of the block at byte/],
    [
      'with a block that is damaged',
      (bytes: Buffer) => bytes.fill(0xff, bytes.length - 60, bytes.length - 40),
      /block at byte \d+ is damaged/,
    ],
  ])('roads, OSM PBF %s, by the byte of its block', async (_, change, found) => {
    const { project, at, before } = scene({ files: {} });
    writePbfFile(at('a.osm.pbf'), city, { compression: 'zlib' });
    writeFileSync(at('a.osm.pbf'), change(readFileSync(at('a.osm.pbf'))));
    for (const skipMalformed of [false, true]) {
      const error = await failure(
        run(project, { kind: 'import-roads', path: at('a.osm.pbf'), skipMalformed }),
      );
      expect(error).toMatchObject({ code: 'input', where: { file: at('a.osm.pbf') } });
      expect(error.where?.field).toMatch(/^byte \d+$/);
      expect(error.message).toMatch(found);
      expect(error.remedy).toBeTruthy();
      expect(projectDump(project)).toEqual(before);
    }
  });
});

describe('malformed rows in plenty', () => {
  const trips = MALFORMED_CASES.find(({ name }) => name === 'trips, CSV, a text for a time')!;
  const [header, ...rows] = String(trips.files['trips.csv']).trimEnd().split('\n');
  const fileOf = (lines: readonly string[]) => ({
    files: { 'trips.csv': `${[header, ...lines].join('\n')}\n` },
  });
  const importing = ({ at }: { at(name: string): string }, skipMalformed: boolean) =>
    ({ ...trips.job(at), skipMalformed }) as JobRequest;

  it('are counted to the end of the file, with the first of them', async () => {
    const here = scene(fileOf([...rows, 'a,1', rows[1], ...rows.slice(2), 'b']));
    const error = await failure(run(here.project, importing(here, false)));
    expect(error.where).toMatchObject({ line: 3 });
    expect(error.message).toContain('3 more rows cannot be read, either. Nothing was imported.');
    expect(error.malformed).toEqual({
      count: 4,
      atLeast: false,
      examples: [
        'trips.csv:3: departure: "4 March" is no date and time',
        'trips.csv:6: The row has 2 fields instead of 4',
        'trips.csv:7: departure: "4 March" is no date and time',
        'trips.csv:10: The row has 1 field instead of 4',
      ],
    });
    expect(projectDump(here.project)).toEqual(here.before);
  });

  it('are counted no further than to a thousand', async () => {
    const here = scene(fileOf(Array.from({ length: 5000 }, () => rows[1])));
    const error = await failure(run(here.project, importing(here, false)));
    expect(error.malformed).toMatchObject({ count: 1000, atLeast: true });
    expect(error.malformed!.examples).toHaveLength(5);
  });

  it('that are more than the others stop the import even where they may be left out', async () => {
    const here = scene(fileOf([...rows, rows[1], rows[1], rows[1]]));
    const error = await failure(run(here.project, importing(here, true)));
    expect(error).toMatchObject({ code: 'input', where: { line: 3 } });
    expect(error.message).toContain('4 of 7 rows cannot be read');
    expect(projectDump(here.project)).toEqual(here.before);
  });

  it('come before damage that is further on', async () => {
    const here = scene(fileOf([rows[0], rows[1], rows[0], rows[2]]));
    await expect(run(here.project, importing(here, false))).rejects.toMatchObject({ where: { line: 3 } });
  });

  it('are not what can be read and is of no use', async () => {
    const elsewhere = 'x,2024-03-04T08:40:00,30,99/1/2';
    const here = scene(fileOf([rows[0], elsewhere, rows[2].replace('t2', 't9').replace(':12:', ':44:')]));
    const { dropped } = await run(here.project, importing(here, false));
    expect(dropped.map(({ reason }) => reason)).toContain('unknown-segment');
    expect(dropped.map(({ reason }) => reason)).not.toContain('malformed');
  });
});
