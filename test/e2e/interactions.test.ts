import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProject } from '../../core/project/index.ts';
import { browserPath, chooseFile, openWindow } from './window.ts';

describe.skipIf(!browserPath)(
  `interactions in a browser${browserPath ? '' : ' (skipped: no Chromium)'}`,
  () => {
    test('are imported from two files, with a column mended, and undone', { timeout: 300_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'etalon-interactions-'));
      const path = join(folder, 'empty.etalon');
      createProject(path).close();
      writeFiles(folder);
      const { page, shoot, close, complaints } = await openWindow([path]);
      const next = (name: string) => page.getByRole('button', { name, exact: true }).last().click();
      try {
        await page.locator('.rail').getByRole('button', { name: 'Walkthrough', exact: true }).click();
        await page.getByText('No interactions to learn from').waitFor();
        await shoot('interactions-1-none');
        await page.getByRole('button', { name: 'Import interactions' }).click();
        await page.getByText('Choose a file first').waitFor();
        await page.getByRole('button', { name: 'Choose a file' }).click();
        await chooseFile(page, folder, 'taken.csv', 'Choose file');
        await page.getByText(/user → item/).waitFor();
        await page.getByRole('button', { name: 'Add a file' }).click();
        await chooseFile(page, folder, 'things.csv', 'Choose file');
        await page.getByText(/items, 2 features/).waitFor();

        await next('Columns');
        // A column that holds no times is taken for them; the form says so until it is put right.
        const time = page.getByRole('combobox', { name: /^Time(?! zone)/ });
        await time.selectOption('shelf');
        await page.getByText(/have a problem here/).waitFor();
        await shoot('interactions-2-columns');
        await time.selectOption('when');
        await page.getByText(/have a problem here/).waitFor({ state: 'detached' });
        await next('Check');
        await page.getByLabel('Name of the data set').fill('shop');
        await shoot('interactions-3-check');
        await next('Import');
        await next('Import interactions');
        await page.getByRole('heading', { name: 'Imported' }).waitFor();
        await shoot('interactions-4-done');
        await page.locator('.import-next').getByRole('button', { name: 'Walkthrough' }).click();
        await page.getByRole('button', { name: /^Data: shop · / }).waitFor();
        await page.getByRole('img', { name: /^Edges over time/ }).waitFor();

        await page.locator('.rail').getByRole('button', { name: 'Data', exact: true }).click();
        const sets = page.getByRole('table', { name: 'Interactions' });
        expect(await sets.locator('tbody tr').count()).toBe(1);
        await page.getByRole('button', { name: /^Remove / }).click();
        await page.getByRole('alertdialog').getByRole('button', { name: 'Remove source' }).click();
        await sets.waitFor({ state: 'detached' });
        expect(complaints).toEqual([]);
      } catch (error) {
        await shoot('interactions-failed');
        throw error;
      } finally {
        await close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
);

function writeFiles(folder: string): void {
  const taken = Array.from(
    { length: 60 },
    (_, i) =>
      `u${i % 12},i${(7 * i) % 9},2025-05-${String(1 + (i % 28)).padStart(2, '0')}T10:00:00Z,aisle ${i % 4}`,
  );
  writeFileSync(join(folder, 'taken.csv'), ['user,item,when,shelf', ...taken, ''].join('\n'));
  const things = Array.from({ length: 9 }, (_, i) => `i${i},Thing number ${i},${2.5 * i}`);
  writeFileSync(join(folder, 'things.csv'), ['item,title,price', ...things, ''].join('\n'));
}
