import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatTrips } from '../../core/roads/index.ts';
import { bridgeCity, jamBefore, jammyTraffic, quayside } from '../support/bridgeCity.ts';
import { FIRST_DAY_S } from '../support/smallCity.ts';
import { trainedProject } from '../support/trainedProject.ts';
import { browserPath, type OpenWindow, openWindow } from './window.ts';

const skipNote = browserPath ? '' : ' (skipped: no Chromium)';
const folder = mkdtempSync(join(tmpdir(), 'etalon-explain-'));
const project = join(folder, 'grid.etalon');

async function makeProject(): Promise<void> {
  const network = bridgeCity();
  const { way, bridge } = quayside(network);
  const localS = FIRST_DAY_S + 9 * 86_400 + 11.25 * 3600;
  const trips = concatTrips([
    jammyTraffic(network, { days: 9, perDay: 200, firstS: FIRST_DAY_S, seed: 5 }),
    jamBefore(network, way, { segment: bridge, factor: 4, localS }),
  ]);
  const settings = { epochs: 5, hidden: 16, batchPaths: 32, learningRate: 0.01 };
  await trainedProject(project, network, trips, settings, { until: '2024-05-15' });
}

describe.skipIf(!browserPath)(`why an ETA, in a browser${skipNote}`, () => {
  beforeAll(makeProject, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('a jam is found in the sentence, the bars, the list and on the map', {
    timeout: 300_000,
  }, async () => {
    const window = await openWindow([project]);
    const { page } = window;
    try {
      await page.locator('.rail').getByRole('button', { name: 'Map', exact: true }).click();
      await page.getByRole('region', { name: 'Legend' }).first().waitFor();
      await page.keyboard.press('e');
      await page.getByText('ask for a route first').waitFor();
      await page.getByLabel('Departure time').fill('11:15');
      await page.getByLabel('Departure time').press('Enter');
      await page.getByLabel('Departure time').blur();
      await page.keyboard.press('a');
      const map = (await page.locator('.map-canvas').boundingBox())!;
      // The quay is a little below the middle.
      const quay = 0.605;
      await page.mouse.click(map.x + 0.1 * map.width, map.y + quay * map.height);
      await page.mouse.click(map.x + 0.9 * map.width, map.y + quay * map.height);
      const eta = Number.parseFloat(await page.locator('.answer').innerText());
      await page.keyboard.press('e');
      const sentence = page.locator('.explain-sentence');
      await sentence.getByText(/longer than usual at this hour: .* Long Bridge/).waitFor();
      await window.shoot('explain-1');

      await addsUp(window, eta);
      const stretches = page.getByRole('table', { name: 'Where it differs from usual' });
      const first = stretches.locator('tbody tr').first();
      expect(await first.innerText()).toContain('Long Bridge');
      await first.hover();
      await page.locator('.route-point').waitFor();
      await page.getByRole('region', { name: 'Legend of the route' }).waitFor();
      await saved(window);
      await page.locator('.inspector-scroll').evaluate((element) => {
        element.scrollTop = element.scrollHeight;
      });
      await page.setViewportSize({ width: 1100, height: 700 });
      await window.shoot('explain-2');
      await page.keyboard.press('e');
      await page.locator('.answer').waitFor();
      expect(window.complaints).toEqual([]);
    } catch (error) {
      await window.shoot('explain-failed');
      throw error;
    } finally {
      await window.close();
    }
  });
});

/** The bars' own figures: up to the usual time, and from there to the route's. */
async function addsUp({ page }: OpenWindow, etaMin: number): Promise<void> {
  const label = await page.getByRole('img', { name: /^Free flow .* Predicted / }).getAttribute('aria-label');
  const bars = label!.matchAll(/([A-Z][^\d−+]*?(?:against \d+:00)?) ([+−]?[\d.]+) min/g);
  const steps = [...bars].map(([, name, value]) => ({ name, min: Number(value.replace('−', '-')) }));
  const usualAt = steps.findIndex(({ name }) => name === 'Usual at this hour');
  const sum = (from: number, until: number) =>
    steps.slice(from, until).reduce((total, { min }) => total + min, 0);
  // Shown to a tenth each.
  const rounding = 0.06 * steps.length;
  expect(usualAt).toBeGreaterThan(2);
  expect(Math.abs(sum(0, usualAt) - steps[usualAt].min)).toBeLessThan(rounding);
  const predicted = steps.at(-1)!;
  expect(Math.abs(sum(usualAt, -1) - predicted.min)).toBeLessThan(rounding);
  expect(Math.abs(predicted.min - etaMin)).toBeLessThan(0.11);
}

async function saved({ page }: OpenWindow): Promise<void> {
  await page.getByRole('button', { name: 'Export What adds up to it' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Save SVG' }).click(),
  ]);
  const file = join(folder, 'bars.svg');
  await download.saveAs(file);
  const svg = readFileSync(file, 'utf8');
  expect(svg).toContain('Usual at this hour');
  expect(svg).not.toMatch(/var\(|class=|color-mix/);
}
