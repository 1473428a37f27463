import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProject } from '../../core/project/index.ts';
import { hasLosLoop, importLosLoop } from '../support/losLoop.ts';
import { browserPath, openWindow } from './window.ts';

const missing = [!browserPath && 'no Chromium', !hasLosLoop && 'no ../shared/data/los-loop'].filter(Boolean);
const skipNote = missing.length > 0 ? ` (skipped: ${missing.join(', ')})` : '';

describe.skipIf(missing.length > 0)(`speeds of detectors in a browser${skipNote}`, () => {
  test('a run is trained, judged by horizon and shown on the map', { timeout: 600_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'etalon-speeds-'));
    const path = join(folder, 'los.etalon');
    const store = createProject(path);
    await importLosLoop(store);
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
