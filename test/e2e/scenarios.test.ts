import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openProject } from '../../core/project/index.ts';
import { gridNetwork } from '../support/gridNetwork.ts';
import { changingTraffic } from '../support/smallCity.ts';
import { trainedProject } from '../support/trainedProject.ts';
import { browserPath, type OpenWindow, openWindow } from './window.ts';

const skipNote = browserPath ? '' : ' (skipped: no Chromium)';
const folder = mkdtempSync(join(tmpdir(), 'etalon-scenarios-'));
const project = join(folder, 'grid.etalon');

describe.skipIf(!browserPath)(`scenarios in a browser${skipNote}`, () => {
  beforeAll(() => {
    const network = gridNetwork(6, 5);
    const trips = changingTraffic(network, { days: 14, perDay: 110, seed: 5 });
    return trainedProject(project, network, trips, { epochs: 1, hidden: 16, batchPaths: 32 });
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('a road is closed, and the ETA changes', { timeout: 300_000 }, async () => {
    const window = await openWindow([project]);
    const { page } = window;
    try {
      await page.locator('.rail').getByRole('button', { name: 'Scenarios', exact: true }).click();
      await page.getByRole('heading', { name: 'No scenarios yet' }).waitFor();
      await window.shoot('scenarios-1-empty');
      await page.keyboard.press('s');
      await page.getByText('Nothing is changed yet').waitFor();
      await page.getByLabel('Scenario time').fill('08:10');
      await page.getByLabel('Scenario time').press('Enter');

      await askForRoute(window);
      const routes = page.getByRole('table', { name: 'Route in both cases' });
      await routes.waitFor();
      const before = await etas(window);
      expect(before.scenario).toBe(before.base);
      await window.shoot('scenarios-2-base');

      await closeMiddle(window);
      await page.getByRole('region', { name: 'Difference', exact: true }).waitFor();
      await expect
        .poll(
          async () => {
            const now = await etas(window);
            return now.scenario > now.base;
          },
          { timeout: 120_000 },
        )
        .toBe(true);
      await window.shoot('scenarios-3-closed');
      await page.getByRole('button', { name: 'Difference', exact: true }).click();
      await window.shoot('scenarios-4-difference');

      await page.getByRole('button', { name: 'Undo', exact: true }).click();
      await page.getByText('Nothing is changed yet').waitFor();
      await page.getByRole('button', { name: 'Redo', exact: true }).click();
      await page.getByLabel('Name of the scenario').fill('Middle closed');
      await page.getByLabel('Name of the scenario').press('Enter');
      await expect.poll(savedScenarios, { timeout: 30_000 }).toEqual([{ name: 'Middle closed', edits: 1 }]);
      await page.getByRole('button', { name: 'Delete Middle closed' }).click();
      await page.getByRole('button', { name: 'Delete scenario', exact: true }).click();
      await page.getByRole('heading', { name: 'No scenarios yet' }).waitFor();
      expect(savedScenarios()).toEqual([]);
      expect(window.complaints).toEqual([]);
    } catch (error) {
      await window.shoot('scenarios-failed');
      throw error;
    } finally {
      await window.close();
    }
  });
});

function savedScenarios(): { name: string; edits: number }[] {
  const store = openProject(project, { readonly: true });
  const found = store.scenarios().map(({ name, edits }) => ({ name, edits: (edits as unknown[]).length }));
  store.close();
  return found;
}

/** From the left to the right along the road in the middle, which is a main one. */
async function askForRoute({ page }: OpenWindow): Promise<void> {
  const clickAt = await mapPlace(page);
  await page.getByRole('button', { name: /Set .*A on the map/ }).click();
  await clickAt(0.2, 0.5);
  await clickAt(0.8, 0.5);
}

async function closeMiddle({ page }: OpenWindow): Promise<void> {
  await (await mapPlace(page))(0.56, 0.5);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
}

/** Clicks at a share of the map's width and height, right of the slider and left of it alike. */
async function mapPlace(page: OpenWindow['page']) {
  const box = (await page.locator('.scenario-canvas').boundingBox())!;
  return (x: number, y: number) => page.mouse.click(box.x + x * box.width, box.y + y * box.height);
}

async function etas({ page }: OpenWindow): Promise<{ base: number; scenario: number }> {
  const cell = (name: string) =>
    page
      .getByRole('table', { name: 'Route in both cases' })
      .getByRole('row', { name })
      .getByRole('cell')
      .nth(1);
  return {
    base: Number.parseFloat(await cell('Base').innerText()),
    scenario: Number.parseFloat(await cell('Scenario').innerText()),
  };
}
