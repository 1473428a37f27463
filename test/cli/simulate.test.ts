import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gridCity } from '../support/network.ts';
import { roadsProject } from '../support/roadsProject.ts';
import { startCli } from '../support/runCli.ts';

let folder: string;
let project: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-cli-'));
  project = join(folder, 'grid.etalon');
  roadsProject(project, gridCity({ rows: 6, columns: 6, spacingM: 200 }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cli = (...args: string[]) => startCli(args, { configFolder: join(folder, 'config') }).ended;

test('simulate needs a time zone where the project has none', async () => {
  const refused = await cli('simulate', project, '--days', '1');
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('--time-zone');
});

test('simulate adds trips, says how fast it was, and counts the same again', async () => {
  const options = ['--days', '1', '--demand', '0.5', '--incidents', '0', '--first-day', '2025-01-06'];
  const run = await cli('simulate', project, ...options, '--time-zone', 'Europe/Berlin', '--json');
  expect(run.code).toBe(0);
  const result = run.events.at(-1)!;
  expect(result).toMatchObject({ type: 'result', command: 'simulate', format: 'simulated trips' });
  const { trips } = result.kept as { trips: number };
  expect(trips).toBeGreaterThan(20);
  const info = await cli('info', project, '--json');
  expect(info.events.at(-1)).toMatchObject({ project: { trips, timeZone: 'Europe/Berlin' } });
  const wrong = await cli('simulate', project, ...options, '--time-zone', 'Europe/Paris');
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('Europe/Berlin');
});
