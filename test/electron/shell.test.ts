import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { securityHeaders } from '../../cli/serve/security.ts';
import { createMessagePortClient, type EtalonClient } from '../../core/api/client.ts';
import type { Contract } from '../../core/api/contract.ts';
import { createProject, openProject } from '../../core/project/index.ts';
import { SECURITY_HEADERS } from '../../electron/appProtocol.ts';
import { findChromium } from '../../scripts/chromium.ts';
import { gridNetwork } from '../support/gridNetwork.ts';
import { changingTraffic } from '../support/smallCity.ts';
import { emptyReport } from '../support/trips.ts';
import type * as StandIn from './standIn/electron.ts';
import type { PortMain } from './standIn/ports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const standInUrl = new URL('./standIn/electron.ts', import.meta.url).href;
/** Past vitest's own module loader, so that the built files and the test share one stand-in. */
const load = createRequire(import.meta.url);
const chromium = findChromium();

it('answers with the policy of serve, less its sockets', () => {
  const policy = securityHeaders(1)['Content-Security-Policy'].replace(/ ws:\/\/\S+?(?=;| )/g, '');
  expect(SECURITY_HEADERS).toEqual({ ...securityHeaders(1), 'Content-Security-Policy': policy });
});

describe.skipIf(!chromium)(
  `the built shell on a stand-in for Electron${chromium ? '' : ' (no Chromium)'}`,
  () => {
    let electron: typeof StandIn;
    let folder: string;
    let project: string;
    const page = () => electron.control.windows[0].webContents.view.page;
    const host = () => electron.control.hosts.at(-1)!;

    beforeAll(async () => {
      buildIfStale();
      folder = mkdtempSync(join(tmpdir(), 'etalon-shell-'));
      process.env.ETALON_CONFIG_DIR = join(folder, 'config');
      project = join(folder, 'grid.etalon');
      writeProject(project);
      registerHooks({
        resolve: (specifier, context, next) =>
          specifier === 'electron'
            ? { url: standInUrl, shortCircuit: true, format: 'module-typescript' }
            : next(specifier, context),
      });
      electron = load('electron') as typeof StandIn;
      electron.control.userData = folder;
      load(join(root, 'out', 'main', 'main.js'));
      await vi.waitFor(() => expect(electron.control.windows).toHaveLength(1), 10_000);
      await vi.waitFor(() => expect(page().url()).toContain('etalon'), 20_000);
    });
    afterAll(async () => {
      for (const window of electron.control.windows) await window.webContents.view.close();
      for (const { child } of electron.control.hosts) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });

    /** A client of the host, over a port that the main process gives our page. */
    function client(): EtalonClient {
      let given: PortMain[] = [];
      const sender = electron.control.windows[0].webContents;
      const postMessage = (_channel: string, _data: unknown, ports: PortMain[]) => {
        given = ports;
      };
      electron.ipcMain.emit('etalon:ready', {
        sender,
        senderFrame: { url: 'app://etalon/', parent: null, postMessage },
      });
      return createMessagePortClient<Contract>(given[0]);
    }

    it('opens over app:// in a sandbox and shows the empty state, with data of the host', async () => {
      const { options, webContents } = electron.control.windows[0];
      expect(options.webPreferences).toMatchObject({
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
      });
      expect(electron.control.schemes).toEqual([
        { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
      ]);
      expect(webContents.view.url).toBe('app://etalon/');
      await page().getByText('Open the sample city').waitFor({ timeout: 20_000 });
      expect(webContents.view.complaints).toEqual([]);
      expect(await page().evaluate('[typeof require, typeof process, typeof __fromMain]')).toEqual(
        Array(3).fill('undefined'),
      );
    });

    it('answers the API through the port', async () => {
      const api = client();
      expect(await api.app.info()).toMatchObject({ shell: 'electron', open: null });
      expect(await api.project.open({ path: project })).toMatchObject({ name: 'grid' });
    });

    it('gives no port to other pages, frames or senders', () => {
      const sender = electron.control.windows[0].webContents;
      const postMessage = vi.fn();
      const own = { url: 'app://etalon/', parent: null, postMessage };
      for (const event of [
        { sender, senderFrame: { ...own, url: 'https://example.org/' } },
        { sender, senderFrame: { ...own, url: 'app://other/' } },
        { sender, senderFrame: { ...own, parent: {} } },
        { sender, senderFrame: null },
        { sender: {}, senderFrame: own },
      ])
        electron.ipcMain.emit('etalon:ready', event);
      expect(postMessage).not.toHaveBeenCalled();
    });

    it('refuses paths that lead out of its folder', async () => {
      const statuses = await page().evaluate(
        `Promise.all(['/index.html', '/..%2fmain%2fmain.js', '/%2e%2e/package.json', '/..%5cmain%5cmain.js']
        .map(async (path) => (await fetch(path)).status))`,
      );
      expect(statuses).toEqual([200, 404, 404, 404]);
    });

    it('refuses to go to another page, and to open windows', async () => {
      await page().evaluate(`void (location.href = 'https://example.org/')`);
      await vi.waitFor(() => expect(electron.control.refusedNavigations).toEqual(['https://example.org/']));
      await page().evaluate(`void window.open('https://example.org/popup')`);
      await page().evaluate(`void window.open('https://www.openstreetmap.org/copyright')`);
      await vi.waitFor(() =>
        expect(electron.control.external).toEqual(['https://www.openstreetmap.org/copyright']),
      );
      expect(electron.control.opened).toEqual([]);
      expect(electron.control.windows[0].webContents.view.url).toBe('app://etalon/');
    });

    it('grants no permission', async () => {
      expect(electron.control.refusedPermissions).toEqual([
        'geolocation',
        'notifications',
        'camera',
        'microphone',
      ]);
      expect(
        await page().evaluate(`navigator.permissions.query({ name: 'geolocation' }).then((p) => p.state)`),
      ).not.toBe('granted');
    });

    it('reports a killed host, starts it again with the project, and reconnects the window', async () => {
      expect(electron.control.hosts).toHaveLength(1);
      host().child.kill('SIGKILL');
      await vi.waitFor(() => expect(electron.control.boxes).toHaveLength(1), 10_000);
      expect(electron.control.boxes[0].message).toContain('has stopped');
      expect(electron.control.hosts).toHaveLength(2);
      electron.control.boxes[0].answer(0);
      const info = await client().project.info();
      expect(info).toMatchObject({ path: project, trips: 14 * 60 });
      await page().getByText('grid').first().waitFor({ timeout: 20_000 });
    });

    it('asks before it quits during a job, and leaves a checkpoint', async () => {
      const api = client();
      const { runId } = await api.runs.train({
        model: 'eta',
        device: 'cpu',
        settings: { epochs: 500, patience: 500 },
      });
      // Points of epoch 0 are the baselines'; the first checkpoint comes with epoch 1.
      const epochs = async () => (await api.runs.metrics({ runId })).filter(({ epoch }) => epoch > 0);
      await vi.waitFor(async () => expect(await epochs()).not.toHaveLength(0), 40_000);

      electron.control.windows[0].close();
      await vi.waitFor(() => expect(electron.control.boxes).toHaveLength(2), 10_000);
      expect(electron.control.boxes[1].buttons).toEqual(['Stop and keep the last checkpoint', 'Go on']);
      electron.control.boxes[1].answer(1);
      expect((await api.jobs.list()).some(({ status }) => status === 'running')).toBe(true);
      expect(electron.control.windows).toHaveLength(1);

      electron.app.quit();
      await vi.waitFor(() => expect(electron.control.boxes).toHaveLength(3), 10_000);
      electron.control.boxes[2].answer(0);
      await vi.waitFor(() => expect(electron.control.quit).toBe(true), 30_000);
      expect(host().child.exitCode).toBe(0);
      const store = openProject(project, { readonly: true });
      expect(store.run(runId).status).toBe('interrupted');
      expect(store.loadCheckpoint(runId, 'latest')).not.toBeNull();
      store.close();
      expect(JSON.parse(readFileSync(join(folder, 'window.json'), 'utf8'))).toMatchObject({
        bounds: { width: 1300 },
      });
    });
  },
);

function writeProject(path: string): void {
  const store = createProject(path);
  const network = gridNetwork(5, 5);
  store.writeRoads(network, emptyReport('grid'));
  store.addTrips(
    changingTraffic(network, { days: 14, perDay: 60, seed: 5 }),
    'Europe/Lisbon',
    emptyReport('trips'),
  );
  store.close();
}

function buildIfStale(): void {
  const built = statSync(join(root, 'out', 'main', 'main.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = ['electron', 'core', 'models', 'fixtures'].map((room) => newest(join(root, room)));
  const whole = existsSync(join(root, 'out', 'renderer', 'index.html'));
  if (!whole || built < Math.max(...sources))
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: root });
}

function newest(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'));
  return Math.max(...files.map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs));
}
