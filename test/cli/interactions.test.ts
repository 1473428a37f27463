import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withChoices } from '../../cli/commands/importInteractions.ts';
import { openProject } from '../../core/project/index.ts';
import { projectDump } from '../support/projectDump.ts';
import { hasRecommendData, needsRecommendData, recommendData } from '../support/recommendData.ts';
import { type CliRun, startCli } from '../support/runCli.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const cli = (...args: string[]): Promise<CliRun> =>
  startCli(args, { configFolder: join(folder, 'config') }).ended;
const file = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-cli-interactions-'));
  file('plays.csv', 'user,song_id,plays,at\na,1,3,2024-03-04 08:00\nb,2,1,2024-03-04 09:00\n');
  file('songs.csv', 'song_id,genre\n1,jazz|soul\n2,pop\n3,pop|jazz\n');
  await cli('new', at('a.etalon'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const importing = (...args: string[]) => cli('import', 'interactions', at('a.etalon'), ...args);

describe('import interactions', () => {
  test('--dry-run shows what files are taken for and leaves the project as it is', async () => {
    const before = projectDump(at('a.etalon'));
    const run = await importing(
      at('plays.csv'),
      at('songs.csv'),
      '--map',
      'plays.csv:time=at',
      '--dry-run',
      '--json',
    );
    expect(run.code).toBe(0);
    expect(run.events.at(-1)).toMatchObject({
      dryRun: true,
      files: [
        {
          plan: {
            role: 'edges',
            type: 'plays',
            fromType: 'user',
            toType: 'song',
            weight: 'plays',
            time: 'at',
          },
          problems: [],
        },
        { plan: { role: 'nodes', type: 'song', id: 'song_id', features: { genre: 'multi' } } },
      ],
    });
    const text = await importing(at('plays.csv'), '--dry-run');
    expect(text.stdout).toContain('plays.csv (CSV, ');
    expect(text.stdout).toMatch(/song_id +to song +1, 2/);
    expect(projectDump(at('a.etalon'))).toEqual(before);
  });

  test('keeps all files as one named data set', async () => {
    const run = await importing(
      at('plays.csv'),
      at('songs.csv'),
      ...['--map', 'plays.csv:time=at', 'plays.csv:type=played'],
      ...['--time-zone', 'Europe/Lisbon', '--name', 'radio', '--json'],
    );
    expect(run.events.at(-1)).toMatchObject({
      command: 'import interactions',
      name: 'radio',
      kept: { 'user nodes': 2, 'song nodes': 3, 'played edges': 2 },
    });
    const project = openProject(at('a.etalon'));
    const data = project.readInteractions('radio');
    expect([...data.edges('played').timesS!]).toEqual(
      [8, 9].map((hour) => Date.UTC(2024, 2, 4, hour) / 1000),
    );
    project.close();
  });

  test('shows in info, and keeps the name to itself', async () => {
    const info = await cli('info', at('a.etalon'));
    expect(info.stdout).toMatch(/Interactions +radio: 2 user, 3 song, 2 played/);
    const again = await importing(at('plays.csv'), '--name', 'radio');
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('has interactions "radio" already');
  });

  test('imports nothing of files with a bad line, and names it', async () => {
    const before = projectDump(at('a.etalon'));
    const bad = file('bad.csv', 'user,item,weight\na,1,2\nb,1\n');
    const run = await importing(at('songs.csv'), bad, '--name', 'bad');
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/bad\.csv:3: The row has 2 fields instead of 3\. Nothing was imported\./);
    expect(projectDump(at('a.etalon'))).toEqual(before);
    const skipped = await importing(bad, '--name', 'skipped', '--skip-malformed', '--json');
    expect(skipped.events.at(-1)).toMatchObject({
      kept: { 'bad edges': 1 },
      dropped: [{ reason: 'malformed' }],
    });
  });

  test('refuses choices that do not fit', async () => {
    const run = await importing(at('plays.csv'), '--map', 'time=when');
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('The file has no column "when". Its columns are user, song_id, plays, at.');
    expect(() => withChoices(['a/x.csv', 'y.csv'], ['time=t'])).toThrow('does not say which file');
    expect(() => withChoices(['x.csv'], ['x.csv:time'])).toThrow('takes field=value');
    expect(withChoices(['a/x.csv', 'y.csv'], ['y.csv:kind:a=none', 'x.csv:time=t'])).toEqual([
      { path: 'a/x.csv', choices: { time: 't' } },
      { path: 'y.csv', choices: { 'kind:a': 'none' } },
    ]);
  });

  test.skipIf(!hasRecommendData)(`imports MovieLens${needsRecommendData}`, async () => {
    const names = ['ml-100k.inter', 'ml-100k.user', 'ml-100k.item'];
    const run = await importing(...names.map((name) => recommendData('ml-100k', name)), '--json');
    expect(run.events.at(-1)).toMatchObject({
      name: 'ml-100k',
      kept: { 'user nodes': 943, 'item nodes': 1682, 'interaction edges': 100_000 },
    });
  });
});
