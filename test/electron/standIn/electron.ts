import { EventEmitter } from 'node:events';
import { PreloadedPage } from './page.ts';
import type { PortMain } from './ports.ts';
import { UtilityProcess } from './utility.ts';

/** As much of the `electron` module as the shell uses, on a page of Chromium and a child process of Node. */
export { MessageChannelMain } from './ports.ts';

type Handler = (request: Request) => Promise<Response>;
interface MessageBox {
  message: string;
  buttons: string[];
  answer(button: number): void;
}

/** What a test sees and steers. */
export const control = {
  userData: '',
  schemes: [] as unknown[],
  windows: [] as BrowserWindow[],
  hosts: [] as UtilityProcess[],
  boxes: [] as MessageBox[],
  external: [] as string[],
  opened: [] as string[],
  refusedNavigations: [] as string[],
  refusedPermissions: [] as string[],
  quit: false,
};

class Preventable {
  defaultPrevented = false;
  constructor(fields: object = {}) {
    Object.assign(this, fields);
  }
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

class App extends EventEmitter {
  enableSandbox(): void {}
  requestSingleInstanceLock(): boolean {
    return true;
  }
  async whenReady(): Promise<void> {}
  getVersion(): string {
    return '0.1.0';
  }
  getPath(): string {
    return control.userData;
  }
  quit(): void {
    const event = new Preventable();
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    for (const window of [...control.windows]) window.close();
    if (control.windows.length === 0) control.quit = true;
  }
}
export const app = new App();

const handlers = new Map<string, Handler>();
export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown[]) => control.schemes.push(...schemes),
  handle: (scheme: string, handler: Handler) => handlers.set(scheme, handler),
};

let asks: ((contents: unknown, permission: string, answer: (granted: boolean) => void) => void) | null = null;
let checks: ((contents: unknown, permission: string) => boolean) | null = null;
export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: typeof asks) => {
      asks = handler;
    },
    setPermissionCheckHandler: (handler: typeof checks) => {
      checks = handler;
    },
    setDevicePermissionHandler: () => undefined,
  },
};

/** Electron grants what nobody refuses. */
function isGranted(permission: string): boolean {
  let asked = true;
  asks?.(null, permission, (granted) => {
    asked = granted;
  });
  const granted = asked || (checks?.(null, permission) ?? true);
  if (!granted) control.refusedPermissions.push(permission);
  return granted;
}

export const ipcMain = new EventEmitter();

class WebContents extends EventEmitter {
  readonly view: PreloadedPage;
  #open: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });

  constructor(preload: string) {
    super();
    this.view = new PreloadedPage({
      preload,
      handle: (request) => handlers.get('app')!(request),
      mayNavigate: (url) => {
        const event = new Preventable({ url, isMainFrame: true });
        this.emit('will-frame-navigate', event);
        this.emit('will-navigate', event);
        if (event.defaultPrevented) control.refusedNavigations.push(url);
        return !event.defaultPrevented;
      },
      onWindowOpen: (url) => {
        if (this.#open({ url }).action !== 'deny') control.opened.push(url);
      },
      isGranted,
      onSend: (channel, args) => ipcMain.emit(channel, { sender: this, senderFrame: this.#frame() }, ...args),
    });
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#open = handler;
  }

  reload(): void {
    void this.view.reload();
  }

  #frame() {
    return {
      url: this.view.url,
      parent: null,
      postMessage: (channel: string, data: unknown, ports: PortMain[]) =>
        this.view.post(channel, data, ports),
    };
  }
}

export class BrowserWindow extends EventEmitter {
  readonly webContents: WebContents;
  readonly options: { webPreferences: { preload: string } & Record<string, unknown> };

  constructor(options: BrowserWindow['options']) {
    super();
    this.options = options;
    this.webContents = new WebContents(options.webPreferences.preload);
    control.windows.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }

  async loadURL(url: string): Promise<void> {
    await this.webContents.view.open(url);
    this.emit('ready-to-show');
  }

  close(): void {
    const event = new Preventable();
    this.emit('close', event);
    if (event.defaultPrevented) return;
    control.windows.splice(control.windows.indexOf(this), 1);
    void this.webContents.view.close();
    this.emit('closed');
    if (control.windows.length === 0) app.emit('window-all-closed');
  }

  show(): void {}
  focus(): void {}
  restore(): void {}
  maximize(): void {}
  isMinimized(): boolean {
    return false;
  }
  isMaximized(): boolean {
    return false;
  }
  getNormalBounds() {
    return { x: 10, y: 20, width: 1300, height: 800 };
  }
}

export const utilityProcess = {
  fork(path: string, args: string[], options: { env?: NodeJS.ProcessEnv }): UtilityProcess {
    const host = new UtilityProcess(path, args, options);
    control.hosts.push(host);
    return host;
  },
};

export const dialog = {
  showMessageBox: (...given: unknown[]) =>
    new Promise<{ response: number }>((resolve) => {
      const { message, buttons } = given.at(-1) as MessageBox;
      control.boxes.push({ message, buttons, answer: (response) => resolve({ response }) });
    }),
};

export const Menu = {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: () => undefined,
};
export const nativeTheme = { shouldUseDarkColors: false };
export const shell = { openExternal: async (url: string) => void control.external.push(url) };
export const screen = {
  getDisplayMatching: () => ({ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }),
};
