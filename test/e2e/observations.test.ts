import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasLosLoop, losLoop } from '../support/losLoop.ts';
import { browserPath, chooseFile, type OpenWindow, openWindow } from './window.ts';

const missing = [!browserPath && 'no Chromium', !hasLosLoop && 'no ../shared/data/los-loop'].filter(Boolean);
const skipNote = missing.length > 0 ? ` (skipped: ${missing.join(', ')})` : '';

describe.skipIf(missing.length > 0)(`observations in a browser${skipNote}`, () => {
  test('detectors become a network, then a file with a wrong column and unit is mended', {
    timeout: 600_000,
  }, async () => {
    const window = await openWindow();
    try {
      await importDetectors(window);
      await importSegments(window);
      await removeSource(window);
      expect(window.complaints).toEqual([]);
    } catch (error) {
      await window.shoot('observations-failed');
      throw error;
    } finally {
      await window.close();
    }
  });
});

async function importDetectors({ page, folder, shoot }: OpenWindow): Promise<void> {
  await page.getByRole('heading', { name: 'Etalon' }).waitFor();
  await page.getByRole('button', { name: 'New project' }).click();
  await chooseFile(page, folder, 'los', 'Create project here');
  await expect.poll(() => existsSync(join(folder, 'los.etalon')), { timeout: 10_000 }).toBe(true);
  await page.getByRole('button', { name: 'Back to data' }).click();
  await page.getByRole('button', { name: 'Import observations' }).click();
  await page.getByRole('button', { name: 'Choose observation file' }).click();
  await chooseFile(page, dirname(losLoop.speeds), basename(losLoop.speeds), 'Choose file');
  const next = page.locator('.import-foot .primary');
  await page.getByText('207 sensors become the network').waitFor();
  await page.getByText('Still to be given: first row at').waitFor();
  await page.getByLabel('First row at').fill('2012-03-01T00:00');
  await page.getByRole('spinbutton', { name: /^Interval/ }).fill('5');
  await page.getByLabel('Time zone').selectOption('America/Los_Angeles');
  await page.getByText('The rest follow by the interval').waitFor();
  await shoot('observations-1-columns');
  await next.click();
  await page.getByText('Ready to import').waitFor();
  await shoot('observations-2-check');
  await next.click();
  await next.click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
  const report = await page.locator('.report-box').last().innerText();
  expect(report).toContain('417,312 observations');
  expect(report).toContain('2626 turns');
  await shoot('observations-3-imported');
  await page.getByRole('button', { name: 'See the data' }).click();
  await page.getByRole('img', { name: 'Observations by day' }).waitFor();
  await shoot('observations-4-data');
  await page.locator('.rail').getByRole('button', { name: 'Map', exact: true }).click();
  await page.locator('.map-canvas').waitFor();
  await shoot('observations-5-map');
  await page.locator('.rail').getByRole('button', { name: 'Data', exact: true }).click();
}

/** Speeds in m/s under a name that does not say so, and a column of segments that are others. */
async function importSegments({ page, folder, shoot }: OpenWindow): Promise<void> {
  const rows = Array.from({ length: 300 }, (_, i) => {
    const minute = String(5 * (i % 12)).padStart(2, '0');
    return `x${i},773869,2012-03-0${1 + (i % 7)} 0${i % 10}:${minute},${28 + (i % 5)}`;
  });
  writeFileSync(join(folder, 'probes.csv'), ['segment,sensor,time,v', ...rows, ''].join('\n'));
  await page.getByRole('button', { name: 'Import observations' }).click();
  await page.getByRole('button', { name: 'Choose observation file' }).click();
  await chooseFile(page, folder, 'probes.csv', 'Choose file');
  // The column that is named for it holds no segments of this network: every row has a problem.
  await page.getByText('200 rows have a problem here').waitFor();
  await page.getByRole('combobox', { name: /^Segment/ }).selectOption('sensor');
  await page.getByText('With problems 0').waitFor();
  await page.getByRole('combobox', { name: /^Unit/ }).selectOption('km/h');
  const next = page.locator('.import-foot .primary');
  await page.getByText('As you say').first().waitFor();
  await next.click();
  await page.getByText('the speeds may be in a larger unit').waitFor();
  await shoot('observations-6-unit');
  await page.getByRole('button', { name: 'Columns' }).first().click();
  await page.getByRole('combobox', { name: /^Unit/ }).selectOption('m/s');
  await page.getByText('read as m/s').waitFor();
  await next.click();
  await page.getByText('Ready to import').waitFor();
  expect(await page.getByText('the speeds may be in a larger unit').count()).toBe(0);
  await next.click();
  await next.click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
  expect(await page.locator('.report-box').last().innerText()).toContain('300 observations');
  await page.getByRole('button', { name: 'See the data' }).click();
}

async function removeSource({ page }: OpenWindow): Promise<void> {
  await page.getByText('417,612').waitFor();
  await page.getByRole('button', { name: 'Remove probes.csv' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove source' }).click();
  await page.getByText('417,312').first().waitFor();
}
