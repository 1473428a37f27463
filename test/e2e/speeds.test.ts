import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProject, type Project } from '../../core/project/index.ts';
import { hasLosLoop, importLosLoop } from '../support/losLoop.ts';
import { browserPath, type OpenWindow, openWindow } from './window.ts';

const missing = [!browserPath && 'no Chromium', !hasLosLoop && 'no ../shared/data/los-loop'].filter(Boolean);
const skipNote = missing.length > 0 ? ` (skipped: ${missing.join(', ')})` : '';

describe.skipIf(missing.length > 0)(`speeds of detectors in a browser${skipNote}`, () => {
  test('a run is trained, judged by horizon and shown on the map', { timeout: 600_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'etalon-speeds-'));
    const path = join(folder, 'los.etalon');
    const store = createProject(path);
    await importLosLoop(store);
    addJudgedTrips(store);
    store.close();
    const window = await openWindow([path]);
    const { page, shoot } = window;
    try {
      await page.locator('.rail').getByRole('button', { name: 'Train', exact: true }).click();
      await page.getByRole('button', { name: 'New run' }).first().click();
      await page.getByRole('spinbutton', { name: 'Epochs', exact: true }).fill('2');
      await page.getByText('Observations on or after this day are never seen').waitFor();
      await shoot('speeds-1-form');
      await page.getByRole('button', { name: /^Train 2 epochs/ }).click();
      await page.getByText('Finished', { exact: true }).waitFor({ timeout: 300_000 });
      await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
      await page.getByText('Error by horizon').waitFor({ timeout: 300_000 });
      const rows = page.getByRole('table', { name: 'Errors by horizon' }).locator('tbody tr');
      expect(await rows.count()).toBe(15);
      await shoot('speeds-2-run');
      await page.setViewportSize({ width: 1100, height: 700 });
      await shoot('speeds-3-small');
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.getByRole('button', { name: 'Show on map' }).click();
      await page.locator('.map-canvas').waitFor();
      await page.waitForTimeout(3000);
      await shoot('speeds-4-map');
      await stripOfTheDay(window);
      await compare(window);
      expect(window.complaints).toEqual([]);
    } catch (error) {
      await shoot('speeds-failed');
      throw error;
    } finally {
      await window.close();
      rmSync(folder, { recursive: true });
    }
  });
});

/** A run of another kind, as far as a comparison looks at it. */
function addJudgedTrips(store: Project): void {
  const { id } = store.createRun({ model: 'eta', name: 'trips', config: { seed: 1, settings: {} } });
  const figures = {
    maeS: 60,
    rmseS: 90,
    mape: 0.1,
    biasS: 0,
    badShare: 0.1,
    coverage80: 0.8,
    width80S: 80,
    n: 9,
  };
  const result = { runId: id, from: null, until: null, metrics: figures, baselines: { live: figures } };
  store.addEvaluation(id, { from: null, until: null, createdAt: '2024-02-01T00:00:00Z', result });
  store.updateRun(id, { status: 'finished', finishedAt: '2024-02-01T00:00:00Z' });
}

/** The day's strip is there without trips: what the detectors saw, beside what is predicted. */
async function stripOfTheDay({ page }: OpenWindow): Promise<void> {
  const strip = page.getByRole('region', { name: 'Time of day' });
  await strip.getByText('observed · mean ratio', { exact: true }).waitFor();
}

/** A baseline by horizon; a run of travel times is refused, with the reason. */
async function compare({ page, shoot }: OpenWindow): Promise<void> {
  await page.keyboard.press('c');
  await page.getByRole('button', { name: /^First run: speeds-/ }).waitFor();
  await page
    .locator('.compare-sentence')
    .getByText(/mean error/)
    .waitFor();
  await page
    .getByRole('img', { name: /^Mean absolute error of the speed by minutes ahead: Last value,/ })
    .waitFor();
  const figures = page.getByRole('table', { name: 'Figures compared' });
  await figures.getByRole('cell', { name: 'MAE, 60 min km/h' }).waitFor();
  await shoot('speeds-5-compare');
  await page.getByRole('button', { name: /^Compared with: / }).click();
  await page.getByRole('menuitemradio', { name: /^trips/ }).click();
  await page
    .getByText(/^These two cannot be compared: .*“trips” predicts how many seconds trips take/)
    .waitFor();
}
