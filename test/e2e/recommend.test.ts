import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { browserPath, chooseFile, type OpenWindow, openWindow } from './window.ts';

const EPOCHS = 4;
const WIDTH = 16;

describe.skipIf(!browserPath)(
  `a recommender in a browser${browserPath ? '' : ' (skipped: no Chromium)'}`,
  () => {
    test('walks from sample data to the reasons of a recommendation', { timeout: 600_000 }, async () => {
      const window = await openWindow();
      const { shoot } = window;
      try {
        await sample(window);
        await train(window);
        await judge(window);
        await recommend(window);
        await map(window);
        await files(window);
        await narrow(window);
        expect(window.complaints).toEqual([]);
      } catch (error) {
        await shoot('recommend-failed');
        throw error;
      } finally {
        await window.close();
      }
    });
  },
);

const step = ({ page }: OpenWindow, name: string) =>
  page.getByRole('navigation', { name: 'Steps' }).getByRole('button', { name: new RegExp(`${name}$`) });

/** From the start page into a project of sample data, and what it says of them. */
async function sample({ page, folder, shoot }: OpenWindow): Promise<void> {
  await page.getByRole('button', { name: 'Choose a recommender' }).click();
  await page.getByRole('menuitem', { name: 'Walkthrough' }).click();
  await chooseFile(page, folder, 'shop', 'Create project here');
  await page.getByRole('heading', { name: 'Walkthrough', level: 1 }).waitFor();
  await page.getByRole('img', { name: /^Edges over time/ }).waitFor();
  await page.getByRole('table', { name: /^Most / }).waitFor();
  await page.getByText(/edges of [\d,]+ users/).waitFor();
  await shoot('recommend-1-data');
}

async function train(window: OpenWindow): Promise<void> {
  const { page, shoot } = window;
  await page.getByRole('button', { name: 'Go on to training' }).click();
  await page.getByRole('spinbutton', { name: 'Epochs', exact: true }).fill(String(EPOCHS));
  await page.getByRole('spinbutton', { name: 'Width', exact: true }).fill(String(WIDTH));
  await page.getByRole('spinbutton', { name: 'Validation share', exact: true }).fill('0.1');
  await shoot('recommend-2-form');
  await page.getByRole('button', { name: `Train ${EPOCHS} epochs` }).click();
  await page.getByText('Finished', { exact: true }).waitFor({ timeout: 300_000 });
  await page.getByRole('img', { name: /^NDCG@10 on validation by epoch/ }).waitFor();
  await shoot('recommend-3-trained');
}

/** Figures stand beside the three baselines, and the sentence is about the best of them. */
async function judge(window: OpenWindow): Promise<void> {
  const { page, shoot } = window;
  await page.locator('.run-actions').getByRole('button', { name: 'Judge', exact: true }).click();
  const sentence = page.locator('.compare-sentence');
  await sentence.getByText(/the best baseline, (Popularity|Item-kNN|BPR-MF), /).waitFor({ timeout: 300_000 });
  const table = page.getByRole('table', { name: 'Figures of the run and its baselines' });
  for (const name of ['Popularity', 'Item-kNN', 'BPR-MF'])
    await table.getByRole('columnheader', { name }).waitFor();
  const chart = page.getByRole('img', { name: /^NDCG@10: / });
  expect(await chart.getAttribute('aria-label')).toMatch(/walkthrough-1 0\.\d+/);
  await page.getByLabel('Figure', { exact: true }).selectOption('recall@20');
  await page.getByRole('img', { name: /^Recall@20: / }).waitFor();
  await page.getByRole('img', { name: /by activity of users/ }).waitFor();
  await shoot('recommend-4-judged');
}

/** The picker finds a user; the list's first item is explained, and its shares add up to its score. */
async function recommend(window: OpenWindow): Promise<void> {
  const { page, shoot } = window;
  await step(window, 'Recommend').click();
  await page.getByText('Choose somebody first').waitFor();
  await page.getByRole('combobox', { name: 'For' }).fill('user12');
  await page.getByRole('option', { name: /^user12 / }).click();
  const rows = page.getByRole('table', { name: 'Recommendations' }).locator('tbody tr');
  await rows.nth(9).waitFor();
  await page.getByRole('img', { name: /^What adds up to the score/ }).waitFor();
  expect(await rows.first().getAttribute('aria-selected')).toBe('true');
  await shoot('recommend-5-list');
  await rows.nth(2).getByRole('button').click();
  await page.getByText(/^Place 3 of 10/).waitFor();
  const shares = page.getByRole('table', { name: 'Shares of the score' });
  const more = page
    .getByRole('complementary', { name: 'Explain' })
    .getByRole('button', { name: /^Show \d+ more/ });
  if (await more.isVisible()) await more.click();
  const told = await shares.locator('tbody tr td:last-child').allInnerTexts();
  const sum = told.map((text) => Number(text.replace('−', '-'))).reduce((a, b) => a + b, 0);
  expect(sum).toBeCloseTo(Number((await rows.nth(2).locator('.num').innerText()).replace('−', '-')), 2);
  await page.keyboard.press('Alt+5');
  await shoot('recommend-6-explained');

  await page.getByRole('spinbutton', { name: 'Items' }).fill('5');
  await page.getByText(/^Shown is the answer from/).waitFor();
  await page.getByRole('button', { name: 'Recommend', exact: true }).last().click();
  await page.getByRole('heading', { name: 'For user12 5 items' }).waitFor();
  expect(await rows.count()).toBe(5);
  await page.getByText(/^Shown is the answer from/).waitFor({ state: 'detached' });
}

/** What the run learned in the plane, with the answer on it; it is found in, coloured and zoomed. */
async function map(window: OpenWindow): Promise<void> {
  const { page, shoot } = window;
  await page.keyboard.press('Alt+6');
  await page.getByRole('button', { name: 'Make the map' }).click();
  const plane = page.getByRole('img', { name: /^Map of [\d]+ nodes/ });
  await plane.waitFor({ timeout: 120_000 });
  expect(await plane.locator('.plane-ring').count()).toBe(6);
  // Who was asked for has their name, whichever places lie beside it.
  expect(await plane.locator('.plane-word').first().textContent()).toBe('user12');
  expect(await plane.locator('.plane-word').count()).toBeGreaterThan(1);
  await page.getByLabel('Colour', { exact: true }).selectOption('item: category');
  await page.getByRole('list', { name: 'Colours' }).getByText('others').waitFor();
  await shoot('recommend-10-map');
  await page.getByLabel('Find', { exact: true }).fill('user12');
  await page.getByText(/found$/).waitFor();
  await plane.focus();
  await page.keyboard.press('+');
  await page.getByRole('button', { name: 'Whole map' }).click();
  await page.getByRole('button', { name: 'Whole map' }).waitFor({ state: 'detached' });
  await step(window, 'Recommend').click();
}

/** Embeddings and everyone's lists go to files. */
async function files({ page, folder, shoot }: OpenWindow): Promise<void> {
  await page.getByRole('button', { name: 'Embeddings', exact: true }).click();
  await chooseFile(page, folder, 'states', 'Export here');
  await page.getByText('Embeddings exported.').waitFor();
  const states = readFileSync(join(folder, 'states.csv'), 'utf8').trimEnd().split('\n');
  expect(states[0]).toMatch(new RegExp(`^type,id,e0,.*e${WIDTH - 1}$`));
  await page.getByRole('button', { name: /^For everyone, 5 items each/ }).click();
  await chooseFile(page, folder, 'lists', 'Write here');
  await page.getByText('Lists written.').waitFor();
  const lists = readFileSync(join(folder, 'lists.csv'), 'utf8').trimEnd().split('\n');
  const users = states.filter((line) => line.startsWith('user,')).length;
  expect(lists).toHaveLength(1 + 5 * users);
  await page.getByText('Lists written.').scrollIntoViewIfNeeded();
  await shoot('recommend-7-files');
}

async function narrow(window: OpenWindow): Promise<void> {
  const { page, shoot } = window;
  await page.setViewportSize({ width: 1100, height: 700 });
  await shoot('recommend-8-narrow');
  await step(window, 'Judge').click();
  await shoot('recommend-9-narrow-judge');
}
