import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hasPorto, portoFolder } from '../support/porto.ts';
import { blockedWhilePanning, browserPath, chooseFile, type OpenWindow, openWindow } from './window.ts';

const missing = [!browserPath && 'no Chromium', !hasPorto && 'no ../shared/data/porto'].filter(Boolean);
const skipNote = missing.length > 0 ? ` (skipped: ${missing.join(', ')})` : '';

describe.skipIf(missing.length > 0)(`Porto in a browser${skipNote}`, () => {
  test('the main job, from nothing to an exported model', { timeout: 600_000 }, async () => {
    const window = await openWindow();
    try {
      await createProject(window);
      await importRoads(window);
      await importTrips(window);
      await panTheMap(window);
      await train(window);
      await evaluate(window);
      await askForRoute(window);
      await exportModel(window);
      expect(window.complaints).toEqual([]);
    } catch (error) {
      await window.shoot('failed');
      throw error;
    } finally {
      await window.close();
    }
  });
});

async function createProject({ page, folder, shoot }: OpenWindow): Promise<void> {
  await page.getByRole('heading', { name: 'Etalon' }).waitFor();
  await page.getByText('CPU threads').first().waitFor();
  await shoot('1-empty');
  await page.getByRole('button', { name: 'New project' }).click();
  await chooseFile(page, folder, 'porto', 'Create project here');
  await page.getByRole('heading', { name: 'Import road network' }).waitFor();
  await expect.poll(() => existsSync(join(folder, 'porto.etalon')), { timeout: 10_000 }).toBe(true);
}

async function importRoads({ page, shoot }: OpenWindow): Promise<void> {
  await page.getByRole('button', { name: 'Choose road file' }).click();
  await chooseFile(page, portoFolder, 'edges.csv', 'Choose file');
  await page.getByRole('button', { name: 'Choose nodes table' }).click();
  await chooseFile(page, portoFolder, 'nodes.csv', 'Choose file');
  await page.getByRole('button', { name: 'Import road network' }).click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
  expect(await page.locator('.report-box').innerText()).toContain('26,529');
  await shoot('2-roads');
}

async function importTrips({ page, shoot }: OpenWindow): Promise<void> {
  await page.getByRole('button', { name: 'Import trips' }).click();
  await page.getByRole('button', { name: 'Choose trip file' }).click();
  await chooseFile(page, portoFolder, 'trips_a.csv', 'Choose file');
  await page.getByRole('spinbutton', { name: 'Year' }).fill('2014');
  await page.getByLabel('Time zone').selectOption('Europe/Lisbon');
  await page.getByText('Makes dates of day and minute').waitFor();
  await shoot('3-columns');
  const next = page.locator('.import-foot .primary');
  await next.click();
  await page.getByText('Ready to import').waitFor();
  await shoot('4-check');
  await next.click();
  await next.click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
  expect(await page.locator('.report-box').last().innerText()).toContain('11,837');
  await shoot('5-trips');
}

async function panTheMap({ page, shoot }: OpenWindow): Promise<void> {
  await page.getByRole('button', { name: 'See the map' }).click();
  await page.getByRole('region', { name: 'Legend' }).waitFor();
  // Colours come a chunk per frame.
  await page.waitForTimeout(4_000);
  await shoot('6-map');
  const longest = await blockedWhilePanning(page, 6);
  console.log(`Longest block of the page in each pan: ${longest.map(Math.round).join(', ')} ms`);
  // A time depends on what else the machine does: it is judged by `npm run bench:pan`, where nothing else runs.
  if (process.env.ETALON_BENCH) expect(Math.max(...longest)).toBeLessThanOrEqual(100);
}

async function train({ page, shoot }: OpenWindow): Promise<void> {
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'New run' }).first().click();
  await page.getByLabel('Epochs', { exact: true }).fill('1');
  await page.getByLabel('Device').selectOption('cpu');
  await shoot('7-form');
  await page.getByRole('button', { name: /^Train 1 epoch/ }).click();
  await page.locator('.run-head').getByText('Training', { exact: true }).waitFor();
  await page.getByRole('img', { name: 'Loss by epoch' }).waitFor();
  await page.locator('.run-head').getByText('Finished', { exact: true }).waitFor();
  await shoot('8-trained');
}

async function evaluate({ page, shoot }: OpenWindow): Promise<void> {
  await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
  const table = page.getByRole('table', { name: 'Runs' });
  for (const name of ['Free flow', 'Hour-of-week mean', 'Ridge regression', 'Segment model', 'Boosted trees'])
    await table.getByText(name, { exact: true }).waitFor();
  const bad = page.getByRole('table', { name: 'Bad ETAs against each baseline' });
  expect(await bad.getByRole('row').count()).toBe(10);
  await page.getByRole('button', { name: 'Congestion', exact: true }).click();
  await page.getByRole('cell', { name: 'over 3 × free flow' }).waitFor();
  await page.getByRole('cell', { name: 'over 3 × free flow' }).scrollIntoViewIfNeeded();
  await shoot('9-evaluated');
}

async function askForRoute({ page, shoot }: OpenWindow): Promise<void> {
  await page.getByRole('button', { name: 'Show on map' }).click();
  await page.keyboard.press('a');
  const map = (await page.locator('.map-canvas').boundingBox())!;
  await page.mouse.click(map.x + 0.4 * map.width, map.y + 0.45 * map.height);
  await page.mouse.click(map.x + 0.62 * map.width, map.y + 0.6 * map.height);
  const eta = Number.parseFloat(await page.locator('.answer').innerText());
  const interval = await page.getByText('8 of 10 trips like this take').innerText();
  const [low, high] = interval
    .match(/take ([\d.]+)–([\d.]+) min/)!
    .slice(1)
    .map(Number);
  expect(eta).toBeGreaterThan(0);
  expect(low).toBeLessThanOrEqual(eta);
  expect(high).toBeGreaterThanOrEqual(eta);
  expect(high).toBeGreaterThan(low);
  await shoot('10-route');
}

async function exportModel({ page, folder, shoot }: OpenWindow): Promise<void> {
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await chooseFile(page, folder, 'eta', 'Export here');
  await page.getByText('Exported and checked.').waitFor();
  expect(statSync(join(folder, 'eta.onnx')).size).toBeGreaterThan(10_000);
  await shoot('11-exported');
}

const goTo = (page: Page, tab: string) =>
  page.locator('.rail').getByRole('button', { name: tab, exact: true }).click();
