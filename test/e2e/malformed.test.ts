import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gridCity } from '../support/network.ts';
import { roadsProject } from '../support/roadsProject.ts';
import { browserPath, chooseFile, type OpenWindow, openWindow } from './window.ts';

const skipNote = browserPath ? '' : ' (skipped: no Chromium)';
const city = gridCity({ rows: 6, columns: 6 });

describe.skipIf(!browserPath)(`malformed rows in a browser${skipNote}`, () => {
  test('stop an import in place, with the choice to leave them out, before and after it has begun', {
    timeout: 600_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'etalon-malformed-window-'));
    roadsProject(join(folder, 'grid.etalon'), city);
    writeTrips(folder);
    const window = await openWindow([join(folder, 'grid.etalon')]);
    try {
      await decideInPreview(window, folder);
      await decideAfterwards(window, folder);
      await ofRoads(window, folder);
      expect(window.complaints).toEqual([]);
    } catch (error) {
      await window.shoot('malformed-failed');
      throw error;
    } finally {
      await window.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** `early.csv` has three malformed rows among its first, `late.csv` two far on, `edges.csv` a length that is none. */
function writeTrips(folder: string): void {
  const row = (name: string, i: number) => {
    const segment = i % city.segmentCount;
    const next = city.turnTo[city.turnOffsets[segment]];
    const seconds = Math.round((city.lengthM[segment] + city.lengthM[next]) / 8);
    const time = new Date(Date.UTC(2024, 2, 4, 6, i)).toISOString().slice(0, 19);
    return `${name}${i},${time},${seconds},${city.refs[segment]} ${city.refs[next]}`;
  };
  const file = (name: string, rows: number, change: (row: string, i: number) => string) =>
    writeFileSync(
      join(folder, `${name}.csv`),
      `trip_id,departure,travel_time_s,path\n${Array.from({ length: rows }, (_, i) => change(row(name, i), i)).join('\n')}\n`,
    );
  file('early', 120, (text, i) => {
    if (i === 4) return text.replace(/,2024[^,]*/, ',half past eight');
    if (i === 6) return text.replace(/,[^,]*$/, '');
    if (i === 30) return text.replace(/,\d+,/, ',soon,');
    return i === 9 ? text.replace(/[^,]*$/, '99>98') : text;
  });
  file('late', 900, (text, i) => (i === 500 || i === 801 ? text.replace(/,\d+,/, ',quick,') : text));
  writeFileSync(join(folder, 'nodes.csv'), 'osmid,y,x\n1,49.4,8.6\n2,49.4,8.61\n3,49.4,8.62\n');
  writeFileSync(
    join(folder, 'edges.csv'),
    'u,v,length,highway\n1,2,725,primary\n2,1,far,primary\n2,3,725,primary\n3,2,725,primary\n',
  );
}

async function decideInPreview({ page, shoot }: OpenWindow, folder: string): Promise<void> {
  await page.locator('.rail').getByRole('button', { name: 'Data', exact: true }).click();
  await page.getByRole('button', { name: 'Import trips' }).first().click();
  await page.getByRole('button', { name: 'Choose trip file' }).click();
  await chooseFile(page, folder, 'early.csv', 'Choose file');
  const next = page.locator('.import-foot .primary');
  await page.getByText('Decide about 3 malformed rows first').waitFor();
  expect(await next.isDisabled()).toBe(true);
  await page.getByText('"half past eight" is no date and time.').waitFor();
  await page.getByText('2 more of these rows cannot be read, either.').first().waitFor();
  await shoot('malformed-1-undecided');
  await page.setViewportSize({ width: 1100, height: 700 });
  await shoot('malformed-1-undecided-small');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole('button', { name: 'Leave out 3 malformed rows' }).first().click();
  await page.getByRole('button', { name: 'Stop at malformed rows' }).first().waitFor();
  await shoot('malformed-2-decided');
  await next.click();
  await page.getByText('left out, as you chose').waitFor();
  await shoot('malformed-3-check');
  await next.click();
  await page.getByText('are left out', { exact: true }).waitFor();
  await next.click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
  await page.locator('.report-box').last().getByText('4 left out for 2 reasons').click();
  await page.getByText('early.csv:6: departure: "half past eight" is no date and time').waitFor();
  await shoot('malformed-4-report');
  await page.getByRole('button', { name: 'Import more trips' }).click();
}

async function decideAfterwards({ page, shoot }: OpenWindow, folder: string): Promise<void> {
  await page.getByRole('button', { name: 'Choose trip file' }).click();
  await chooseFile(page, folder, 'late.csv', 'Choose file');
  const next = page.locator('.import-foot .primary');
  await page.getByText('With problems 0').waitFor();
  await next.click();
  await next.click();
  await page.getByText('stop the import', { exact: true }).waitFor();
  await next.click();
  await page
    .getByText('"quick" is no number of seconds. 1 more row cannot be read, either. Nothing was imported.')
    .waitFor();
  await page.getByText('late.csv, line 502, travel_time_s').waitFor();
  await page.getByText('late.csv:803: travel_time_s: "quick" is no number of seconds').waitFor();
  await shoot('malformed-5-stopped');
  await page.getByRole('button', { name: 'Leave 2 malformed rows out and import' }).click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
  expect(await page.locator('.report-box').last().innerText()).toContain('898 trips');
}

async function ofRoads({ page, shoot }: OpenWindow, folder: string): Promise<void> {
  await page.getByRole('button', { name: 'Back to data' }).click();
  await page
    .getByRole('button', { name: /(Replace|Import) road/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Choose road file' }).click();
  await chooseFile(page, folder, 'edges.csv', 'Choose file');
  await page.getByRole('button', { name: 'Choose nodes table' }).click();
  await chooseFile(page, folder, 'nodes.csv', 'Choose file');
  await page.getByRole('button', { name: 'Replace road network' }).click();
  await page.getByText('"far" is not a number. Nothing was imported.').waitFor();
  await shoot('malformed-6-roads');
  await page.getByRole('button', { name: 'Leave 1 malformed row out and import' }).click();
  await page.getByRole('heading', { name: 'Imported' }).waitFor();
  expect(await page.locator('.report-box').last().innerText()).toContain('3 segments');
}
