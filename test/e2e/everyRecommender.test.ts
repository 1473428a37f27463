import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RECOMMENDERS } from '../../renderer/recommend/systems.ts';
import { browserPath, chooseFile, type OpenWindow, openWindow } from './window.ts';

/**
 * The tab of every system on its sample data, from the start page to the exported model. Minutes each: only those named in
 * ETALON_RECOMMENDERS run (`npm run test:tabs` names all); the walkthrough's own test is always run.
 */
const wanted = (process.env.ETALON_RECOMMENDERS ?? '').split(',');
const chosen = RECOMMENDERS.filter(({ id }) => wanted.includes(id) || wanted.includes('all'));
const reasons = [
  ...(browserPath ? [] : ['no Chromium']),
  ...(chosen.length > 0 ? [] : ['ETALON_RECOMMENDERS names none']),
];
const skipNote = reasons.length > 0 ? ` (skipped: ${reasons.join(', ')})` : '';
/** A run of a sample is meant to take under three; machines are shared. */
const PATIENCE_MS = 1_200_000;

describe.skipIf(reasons.length > 0)(`the tab of a recommender in a browser${skipNote}`, () => {
  test.each(chosen)(
    '$id: trains, judges, recommends, explains, exports',
    { timeout: 3 * PATIENCE_MS },
    async ({ id, name }) => {
      const window = await openWindow();
      try {
        window.page.setDefaultTimeout(PATIENCE_MS);
        await sample(window, id, name);
        await train(window, id);
        await judge(window, id);
        await recommend(window, id);
        await map(window, id);
        await exportOnnx(window, id);
        expect(window.complaints).toEqual([]);
      } catch (error) {
        await window.shoot(`tab-${id}-failed`);
        throw error;
      } finally {
        await window.close();
      }
    },
  );
});

async function sample({ page, folder, shoot }: OpenWindow, id: string, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Choose a recommender' }).click();
  await page.getByRole('menuitem', { name }).click();
  await chooseFile(page, folder, id, 'Create project here');
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  await page.getByRole('table', { name: /^Most / }).waitFor();
  await shoot(`tab-${id}-1-data`);
}

async function train({ page, shoot }: OpenWindow, id: string): Promise<void> {
  await page.getByRole('button', { name: 'Go on to training' }).click();
  const submit = page.getByRole('button', { name: /^Train( \d.*)?$/ }).and(page.locator('[type=submit]'));
  await submit.waitFor();
  const epochs = page.getByRole('spinbutton', { name: 'Epochs', exact: true });
  if (await epochs.isVisible()) await epochs.fill('1');
  await submit.click();
  await page.getByText('Finished', { exact: true }).waitFor();
  await shoot(`tab-${id}-2-trained`);
}

async function judge({ page, shoot }: OpenWindow, id: string): Promise<void> {
  await page.locator('.run-actions').getByRole('button', { name: 'Judge', exact: true }).click();
  await page.locator('.compare-sentence').waitFor();
  await page.getByRole('table', { name: 'Figures of the run and its baselines' }).waitFor();
  await shoot(`tab-${id}-3-judged`);
}

/** For the first that the picker offers; what is asked with words is asked with some. */
async function recommend({ page, shoot }: OpenWindow, id: string): Promise<void> {
  await page.keyboard.press('Alt+4');
  await page.getByRole('combobox', { name: 'For' }).waitFor();
  const words = page.getByLabel('Words', { exact: true });
  if (await words.isVisible()) await words.fill('chess club');
  await page.getByRole('combobox', { name: 'For' }).click();
  await page.getByRole('combobox', { name: 'For' }).fill('1');
  await page.getByRole('option').first().click();
  await page.getByRole('table', { name: 'Recommendations' }).locator('tbody tr').nth(2).waitFor();
  await page.getByRole('img', { name: /^What adds up to the score/ }).waitFor();
  if (id === 'food') await page.locator('.places-way', { hasText: /min, .* km by/ }).waitFor();
  await shoot(`tab-${id}-4-list`);
}

async function map({ page, shoot }: OpenWindow, id: string): Promise<void> {
  await page.keyboard.press('Alt+6');
  await page.getByRole('button', { name: 'Make the map' }).click();
  await page.getByRole('img', { name: /^Map of \d+ nodes/ }).waitFor();
  await shoot(`tab-${id}-5-map`);
}

async function exportOnnx({ page, folder, shoot }: OpenWindow, id: string): Promise<void> {
  await page.keyboard.press('Alt+4');
  await page.getByRole('button', { name: 'ONNX', exact: true }).click();
  await chooseFile(page, folder, id, 'Export here');
  await page.getByText('Exported and checked.').waitFor();
  expect(statSync(join(folder, `${id}.onnx`)).size).toBeGreaterThan(1_000);
  await shoot(`tab-${id}-6-exported`);
}
