import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gridCity } from '../support/network.ts';
import { roadsProject } from '../support/roadsProject.ts';
import { browserPath, openWindow } from './window.ts';

describe.skipIf(!browserPath)(
  `a simulation in a browser${browserPath ? '' : ' (skipped: no Chromium)'}`,
  () => {
    test('from roads without trips to trips that can be trained on', { timeout: 600_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'etalon-simulate-'));
      const path = join(folder, 'grid.etalon');
      roadsProject(path, gridCity({ rows: 9, columns: 9, spacingM: 200 }));
      const window = await openWindow([path]);
      const { page, shoot } = window;
      try {
        await page.locator('.rail').getByRole('button', { name: 'Data', exact: true }).click();
        await page.getByRole('heading', { name: 'No trips yet' }).waitFor();
        await shoot('simulate-1-empty');
        await page.getByRole('button', { name: 'Simulate traffic' }).click();
        await page.getByLabel('Days').fill('0');
        await page.getByText('Days: at least 1').waitFor();
        await page.getByLabel('Days').fill('2');
        await page.getByLabel('Time zone').selectOption('Europe/Berlin');
        await page.getByText(/^about .* on one core$/).waitFor();
        await shoot('simulate-2-form');
        await page.getByRole('button', { name: 'Simulate 2 days' }).click();
        await page.getByRole('heading', { name: 'Simulated' }).waitFor();
        expect(await page.locator('.report-box').innerText()).toContain('vehicles move as one');
        await shoot('simulate-3-done');
        await page.getByRole('button', { name: 'Back to data' }).click();
        await page.getByRole('heading', { name: 'Simulate traffic on these roads' }).waitFor();
        await shoot('simulate-4-data');
        expect(window.complaints).toEqual([]);
      } catch (error) {
        await shoot('failed');
        throw error;
      } finally {
        await window.close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
);
