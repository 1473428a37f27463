import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { selectTrips } from '../../core/roads/index.ts';
import { driveAlong } from '../support/gps.ts';
import { gpsCsv, gpsGpx, tracesOf } from '../support/gpsFiles.ts';
import { hasPorto, loadPortoNetwork, loadPortoTrips, portoFolder } from '../support/porto.ts';
import { browserPath, chooseFile, type OpenWindow, openWindow } from './window.ts';

const missing = [!browserPath && 'no Chromium', !hasPorto && 'no ../shared/data/porto'].filter(Boolean);
const skipNote = missing.length > 0 ? ` (skipped: ${missing.join(', ')})` : '';

const TRIPS = 30;

describe.skipIf(missing.length > 0)(`GPS points in a browser${skipNote}`, () => {
  test('a wrong column is mended, the match is checked, trips come of it, and can be removed', {
    timeout: 600_000,
  }, async () => {
    const window = await openWindow();
    try {
      await makeProject(window);
      writeGps(window.folder);
      await importGpx(window);
      await importCsv(window);
      await removeAgain(window);
      expect(window.complaints).toEqual([]);
    } catch (error) {
      await window.shoot('gps-failed');
      throw error;
    } finally {
      await window.close();
    }
  });
});

async function makeProject({ page, folder }: OpenWindow): Promise<void> {
  await page.getByRole('button', { name: 'New project' }).click();
  await chooseFile(page, folder, 'porto', 'Create project here');
  await page.getByRole('heading', { name: 'Import road network' }).waitFor();
  await expect.poll(() => existsSync(join(folder, 'porto.etalon')), { timeout: 10_000 }).toBe(true);
  await page.getByRole('button', { name: 'Choose road file' }).click();
  await chooseFile(page, portoFolder, 'edges.csv', 'Choose file');
  await page.getByRole('button', { name: 'Choose nodes table' }).click();
  await chooseFile(page, portoFolder, 'nodes.csv', 'Choose file');
  await page.getByRole('button', { name: 'Import road network' }).click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
}

/** `points.csv` names its columns so that latitude and longitude are taken for each other. */
function writeGps(folder: string): void {
  const network = loadPortoNetwork();
  const random = new Random(7);
  const all = loadPortoTrips(network);
  const trips = selectTrips(all, [...Array(2 * TRIPS).keys()]);
  const traces = tracesOf(trips, (segments, totalS, departS) =>
    driveAlong(network, segments, totalS, { everyS: 15, noiseM: 10, departS }, random),
  );
  writeFileSync(join(folder, 'drives.gpx'), gpsGpx(traces.slice(0, TRIPS)));
  const csv = gpsCsv(traces.slice(TRIPS)).replace('trip_id,timestamp,lat,lon', 'trip_id,timestamp,x,y');
  writeFileSync(join(folder, 'points.csv'), csv);
}

async function importGpx({ page, folder, shoot }: OpenWindow): Promise<void> {
  await page.getByRole('button', { name: 'Import trips' }).click();
  await page.getByRole('button', { name: 'Choose trip file' }).click();
  await chooseFile(page, folder, 'drives.gpx', 'Choose file');
  await page.getByRole('heading', { name: 'Import GPS points' }).waitFor();
  await page.getByLabel('Time zone').selectOption('Europe/Lisbon');
  await shoot('gps-1-columns');
  const next = page.locator('.import-foot .primary');
  await next.click();
  await page.getByText('Points on roads').waitFor();
  await shoot('gps-2-check');
  await next.click();
  await page.getByRole('button', { name: 'Match and import' }).click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
  expect(await page.locator('.report-box').last().innerText()).toContain(`${TRIPS} trips`);
  await shoot('gps-3-imported');
}

async function importCsv({ page, folder, shoot }: OpenWindow): Promise<void> {
  await page.getByRole('button', { name: 'Import more trips' }).click();
  await page.getByRole('button', { name: 'Choose trip file' }).click();
  await chooseFile(page, folder, 'points.csv', 'Choose file');
  const next = page.locator('.import-foot .primary');
  await next.click();
  await page.getByText('Many points were not matched').waitFor();
  await page.getByText('None of the points read lies near a road').waitFor();
  await shoot('gps-4-wrong');
  await page.locator('.import-foot').getByRole('button', { name: 'Columns' }).click();
  await page.getByLabel('Latitude').selectOption('x');
  await page.getByLabel('Longitude').selectOption('y');
  await next.click();
  await page.getByText('Points on roads').waitFor();
  // The last check stands until the new one is there.
  await page.getByText('Many points were not matched').waitFor({ state: 'detached' });
  await next.click();
  await page.getByRole('button', { name: 'Match and import' }).click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
}

async function removeAgain({ page }: OpenWindow): Promise<void> {
  await page.getByRole('button', { name: 'Back to data' }).click();
  await page.getByRole('button', { name: 'Remove points.csv' }).click();
  await page.getByRole('button', { name: 'Remove source' }).click();
  await page.getByText('points.csv', { exact: true }).waitFor({ state: 'detached' });
  const trips = page.locator('.tiles > div').filter({ has: page.getByText('Trips', { exact: true }) });
  expect(await trips.locator('.tile-value').innerText()).toBe(String(TRIPS));
}
