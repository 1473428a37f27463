import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openProject } from '../../core/project/index.ts';
import { gridCity } from '../support/network.ts';
import { roadsProject } from '../support/roadsProject.ts';
import { emptyReport, randomTrips } from '../support/trips.ts';
import { browserPath, type OpenWindow, openWindow } from './window.ts';

describe.skipIf(!browserPath)(
  `supersegments in a browser${browserPath ? '' : ' (skipped: no Chromium)'}`,
  () => {
    test('are drawn, chosen from the table, shown on the map, exported', { timeout: 300_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'etalon-supersegments-'));
      const path = join(folder, 'grid.etalon');
      const network = gridCity({ rows: 14, columns: 14, spacingM: 200 });
      roadsProject(path, network);
      const store = openProject(path);
      const trips = randomTrips(network, { count: 1500, seed: 4, segmentTimes: true });
      store.addTrips(trips, 'Europe/Berlin', emptyReport('trips'));
      store.close();
      const window = await openWindow([path]);
      const { page, shoot } = window;
      try {
        await page.locator('.rail').getByRole('button', { name: 'Supersegments', exact: true }).click();
        await page.getByRole('heading', { name: 'Coverage by road class' }).waitFor();
        const table = page.getByRole('table', { name: 'Supersegments', exact: true });
        expect(await table.locator('tbody tr').count()).toBe(200);
        await shoot('supersegments-1-drawn');

        await page.getByLabel('Segments each').fill('4');
        await page.getByText('Shown is the draw before.').waitFor();
        await page.getByLabel('How many').fill('150');
        await page.getByRole('button', { name: 'Draw supersegments' }).click();
        await page.getByText('Shown is the draw before.').waitFor({ state: 'detached' });
        expect(await table.locator('tbody tr').count()).toBe(150);

        const drives = table.getByRole('columnheader', { name: 'Drives' });
        while ((await drives.getAttribute('aria-sort')) !== 'descending')
          await drives.getByRole('button').click();
        await table.locator('tbody tr').first().getByRole('button').click();
        await page.getByRole('img', { name: /^Seconds from end to end by hour/ }).waitFor();
        await shoot('supersegments-2-chosen');
        await page.setViewportSize({ width: 1100, height: 700 });
        await shoot('supersegments-3-narrow');
        await page.setViewportSize({ width: 1440, height: 900 });

        await page.getByRole('button', { name: 'Export Supersegments', exact: true }).click();
        const download = page.waitForEvent('download');
        await page.getByRole('menuitem', { name: 'Save CSV' }).click();
        const saved = readFileSync(await (await download).path(), 'utf8')
          .trimEnd()
          .split('\n');
        expect(saved).toHaveLength(151);
        expect(saved[0]).toContain('Roads');

        const chosen = page.getByRole('region', { name: 'Selected supersegment' });
        const before = await chosen.innerText();
        await page.keyboard.press('Alt+ArrowDown');
        await page.waitForFunction(
          (text) => document.querySelector('[aria-label="Selected supersegment"]')?.textContent !== text,
          before,
        );
        await page.keyboard.press('Escape');
        await chosen.waitFor({ state: 'detached' });
        await coverageOnTheMap(window);
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

/** The layer of the map is the one of the tab: the same draw, the same legend. */
async function coverageOnTheMap({ page, shoot }: OpenWindow): Promise<void> {
  const legend = page.getByRole('region', { name: 'Legend' });
  const shares = () => legend.locator('.legend-share').allInnerTexts();
  const inTab = await shares();
  await page.locator('.rail').getByRole('button', { name: 'Map', exact: true }).click();
  await page.keyboard.press('5');
  await legend.getByRole('heading', { name: 'Supersegments on a road' }).waitFor();
  await legend.getByText('Of 150 supersegments.').waitFor();
  expect(await shares()).toEqual(inTab);
  const swatch = legend.getByRole('button', { name: /^Show only 2–5/ });
  await swatch.click();
  expect(await swatch.getAttribute('aria-pressed')).toBe('true');
  await shoot('supersegments-4-layer');
}
