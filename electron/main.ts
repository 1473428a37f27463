import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  ipcMain,
  MessageChannelMain,
  nativeTheme,
  protocol,
  session,
  utilityProcess,
} from 'electron';
import { PAGE, SCHEME, serveFolder } from './appProtocol.ts';
import { askToStop, pickFile, reportCrash } from './dialogs.ts';
import { type HostCrash, HostLink } from './hostLink.ts';
import { denyNavigation, denyPermissions, isOwnSender } from './lockdown.ts';
import { setMenu } from './menu.ts';
import { QuitGuard } from './quit.ts';
import { readWindowState, writeWindowState } from './windowState.ts';

const out = join(import.meta.dirname, '..');
/** The window's ground, so that nothing flashes before the page is drawn. */
const GROUND = { dark: '#131417', light: '#f7f7f5' };

let window: BrowserWindow | null = null;
let host: HostLink | null = null;
const quitting = new QuitGuard({
  job: () => host?.job ?? null,
  ask: (job) => askToStop(window, job),
  shutdown: async () => host?.shutdown(),
  quit: () => app.quit(),
});

protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);
app.enableSandbox();
if (app.requestSingleInstanceLock()) {
  app.on('second-instance', showWindow);
  app.on('activate', showWindow);
  app.on('before-quit', quitting.beforeQuit);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  void app.whenReady().then(start);
} else app.quit();

function start(): void {
  protocol.handle(SCHEME, serveFolder(join(out, 'renderer')));
  denyPermissions(session.defaultSession);
  denyNavigation();
  setMenu(process.platform);
  host = new HostLink({
    fork: (project) =>
      utilityProcess.fork(join(out, 'main', 'host.js'), project ? [project] : [], {
        serviceName: 'Etalon host',
      }),
    pickFile: async (request) => (window ? pickFile(window, request) : null),
    onCrash: (crash) => void reconnect(crash),
  });
  ipcMain.on('etalon:ready', (event) => {
    if (!isOwnSender(event, window?.webContents)) return;
    const { port1, port2 } = new MessageChannelMain();
    host?.connect(port1);
    event.senderFrame?.postMessage('etalon:port', null, [port2]);
  });
  showWindow();
}

function showWindow(): void {
  if (!window) openWindow();
  else {
    if (window.isMinimized()) window.restore();
    window.focus();
  }
}

function openWindow(): void {
  const statePath = join(app.getPath('userData'), 'window.json');
  const state = readWindowState(statePath);
  const opened = new BrowserWindow({
    width: 1440,
    height: 900,
    ...state?.bounds,
    minWidth: 1100,
    minHeight: 700,
    show: false,
    title: 'Etalon',
    backgroundColor: nativeTheme.shouldUseDarkColors ? GROUND.dark : GROUND.light,
    webPreferences: {
      preload: join(out, 'preload', 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
    },
  });
  window = opened;
  if (state?.maximized) opened.maximize();
  opened.once('ready-to-show', () => opened.show());
  opened.on('close', (event) => {
    writeWindowState(statePath, opened);
    // Closing the last window quits, which a running job may hold up: then the window must still be there.
    if (process.platform === 'darwin' || quitting.ended) return;
    event.preventDefault();
    app.quit();
  });
  opened.on('closed', () => {
    window = null;
  });
  void opened.loadURL(PAGE);
}

/** A page cannot go on over a new port what it began over the old one: it starts afresh, with the project open again. */
async function reconnect(crash: HostCrash): Promise<void> {
  console.error(`The host ended with code ${crash.code}.`);
  if (!window) return;
  await reportCrash(window, crash);
  window?.webContents.reload();
}
