import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { electronBinary } from '../../scripts/electronBinary.ts';
import { listen } from './window.ts';

/** The desktop window in the real Electron, where its binary was fetched (`npm start` does) and there is a display. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = electronBinary();
const needsDisplay = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
const missing = [!binary && 'no Electron binary', needsDisplay && 'no display'].filter(Boolean);
const skipNote = missing.length > 0 ? ` (skipped: ${missing.join(', ')})` : '';

describe.skipIf(missing.length > 0)(`the desktop window${skipNote}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-desktop-'));
  const project = join(folder, 'sample.etalon');
  const exported = join(folder, 'eta.onnx');
  let app: ElectronApplication;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: root });
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    app = await _electron.launch({
      executablePath: binary!,
      args: [root, `--user-data-dir=${join(folder, 'data')}`, ...asRoot],
      env: { ...(process.env as Record<string, string>), ETALON_CONFIG_DIR: join(folder, 'config') },
    });
    page = await app.firstWindow();
    page.setDefaultTimeout(120_000);
    complaints = listen(page);
  }, 120_000);
  afterAll(async () => {
    await app?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Answers the system's own dialogs, which no test can click. */
  const answerDialogs = (path: string) =>
    app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath });
    }, path);

  test('opens over its own protocol, without Node', async () => {
    await page.getByRole('heading', { name: 'Etalon' }).waitFor();
    expect(page.url()).toBe('app://etalon/');
    expect(await page.evaluate('[typeof require, typeof process]')).toEqual(['undefined', 'undefined']);
    expect(await page.evaluate(`fetch('app://etalon/..%2fmain%2fmain.js').then((r) => r.status)`)).toBe(404);
  });

  test('does the main job on the sample city', { timeout: 600_000 }, async () => {
    await answerDialogs(project);
    await page.getByRole('button', { name: 'Open, 20 s' }).click();
    await page.getByRole('region', { name: 'Legend' }).waitFor();
    expect(existsSync(project)).toBe(true);

    await page.locator('.rail').getByRole('button', { name: 'Train', exact: true }).click();
    await page.getByRole('button', { name: 'New run' }).first().click();
    await page.getByLabel('Epochs', { exact: true }).fill('1');
    await page.getByRole('button', { name: /^Train 1 epoch/ }).click();
    await page.locator('.run-head').getByText('Finished', { exact: true }).waitFor();

    await answerDialogs(exported);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByText('Exported and checked.').waitFor();
    expect(statSync(exported).size).toBeGreaterThan(10_000);
    expect(complaints).toEqual([]);
  });
});
