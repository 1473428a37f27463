import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.ts';
import { startCli } from '../support/runCli.ts';

export const browserPath = findChromium();

const CLI = fileURLToPath(new URL('../../cli/etalon.ts', import.meta.url));
/** Screenshots of the last run; git does not know them. */
const artifacts = fileURLToPath(new URL('../artifacts', import.meta.url));
/** Debian's Chromium draws WebGL on the CPU with these, as on a machine without a GPU. */
const SOFTWARE_GL = ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader'];

/** The real window in a real browser, served by the real command line. */
export interface OpenWindow {
  page: Page;
  /** Of this test's own project and exported files. */
  folder: string;
  /** Whatever the page complained of: console errors, uncaught exceptions, requests that failed. */
  complaints: string[];
  /** Takes `name-light.png` and `name-dark.png`. */
  shoot(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openWindow(args: readonly string[] = []): Promise<OpenWindow> {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-window-'));
  const served = startCli(['serve', ...args, '--port', '0', '--json'], {
    configFolder: join(folder, 'config'),
    entry: CLI,
  });
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    served.process.kill('SIGINT');
    await served.ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { url } = await served.event((event) => event.type === 'listening');
    browser = await chromium.launch({ executablePath: browserPath!, args: SOFTWARE_GL });
    const page = await browser.newPage({
      viewport: { width: 1440, height: 900 },
      colorScheme: 'light',
      reducedMotion: 'reduce',
    });
    // Waits are not judged: a machine may be busy with other tests.
    page.setDefaultTimeout(120_000);
    const complaints = listen(page);
    await page.goto(String(url));
    return { page, folder, complaints, shoot: (name) => shoot(page, name), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Console errors, uncaught exceptions and failed requests of a page, as they come. */
export function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  return complaints;
}

async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(artifacts, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-theme="${colorScheme}"]`).waitFor();
    await settled(page);
    await page.screenshot({ path: join(artifacts, `${name}-${colorScheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** The map draws a change of theme or colours over several frames. */
async function settled(page: Page): Promise<void> {
  await page.waitForTimeout((await page.locator('.maplibregl-canvas:visible').count()) > 0 ? 1_500 : 250);
}

/** Chooses a file, or names a new one, in the window's own file browser. */
export async function chooseFile(page: Page, folder: string, name: string, done: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Folder', { exact: true }).fill(folder);
  await dialog.getByRole('button', { name: 'Go', exact: true }).click();
  const creates = done.endsWith('here');
  if (creates) await dialog.getByLabel('File name').fill(name);
  else await dialog.getByRole('button', { name }).click();
  await dialog.getByRole('button', { name: done }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** Longest time for which the page was blocked while the pointer dragged the map about, of each of the drags. */
export async function blockedWhilePanning(page: Page, drags: number): Promise<number[]> {
  await page.evaluate(`
    const blockedMs = [];
    window.takeLongest = () => Math.max(0, ...blockedMs.splice(0));
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) blockedMs.push(duration);
    }).observe({ type: 'longtask' });
  `);
  const box = (await page.locator('.map-canvas').boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const longest: number[] = [];
  for (let drag = 0; drag < drags; drag++) {
    const angle = (2 * Math.PI * drag) / drags;
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let step = 1; step <= 30; step++) {
      await page.mouse.move(x + step * 8 * Math.cos(angle), y + step * 6 * Math.sin(angle));
      await page.waitForTimeout(16);
    }
    await page.mouse.up();
    await page.waitForTimeout(400);
    longest.push(await page.evaluate<number>('takeLongest()'));
  }
  return longest;
}
