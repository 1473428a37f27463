import { readFileSync } from 'node:fs';
import {
  type Browser,
  type CDPSession,
  chromium,
  type Page,
  type Request as PageRequest,
  type Route,
} from 'playwright-core';
import { findChromium } from '../../../scripts/chromium.ts';
import type { PortMain } from './ports.ts';

const WORLD = 'etalon preload';
/** Chromium has no app:// without Electron: pages and scripts are told https:, addresses are translated back for main. */
const toPublic = (url: string) => url.replace(/^app:/, 'https:');
const toApp = (url: string) => url.replace(/^https:\/\/etalon(?=\/|$)/, 'app://etalon');

export interface PageParts {
  preload: string;
  /** The handler of app://. */
  handle(request: Request): Promise<Response>;
  /** False = refused. */
  mayNavigate(url: string): boolean;
  onWindowOpen(url: string): void;
  isGranted(permission: string): boolean;
  onSend(channel: string, args: unknown[]): void;
}

type FromPage =
  | { kind: 'send'; channel: string; args: unknown[] }
  | { kind: 'port'; id: number; data: Encoded }
  | { kind: 'closed'; id: number };
type Encoded = { text: string } | { base64: string };

/** A page of Chromium with a preload script in a world of its own. */
export class PreloadedPage {
  page!: Page;
  /** Of the page's console: errors and uncaught exceptions. */
  readonly complaints: string[] = [];
  readonly #parts: PageParts;
  readonly #ports = new Map<number, PortMain>();
  #browser!: Browser;
  #cdp!: CDPSession;
  #world = 0;
  #lastPort = 0;
  #ownNavigation = false;

  constructor(parts: PageParts) {
    this.#parts = parts;
  }

  get url(): string {
    return toApp(this.page.url());
  }

  async open(url: string): Promise<void> {
    this.#browser = await chromium.launch({
      executablePath: findChromium()!,
      args: ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader'],
    });
    const context = await this.#browser.newContext({ viewport: { width: 1440, height: 900 } });
    const granted = ['geolocation', 'notifications', 'camera', 'microphone'].filter(this.#parts.isGranted);
    await context.grantPermissions(granted);
    this.page = await context.newPage();
    context.on('page', (popup) => {
      if (popup !== this.page) void popup.close();
    });
    this.page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    this.page.on('pageerror', (error) => this.complaints.push(error.message));
    await context.route(
      () => true,
      (route) => this.#answer(route),
    );
    this.#cdp = await context.newCDPSession(this.page);
    this.#cdp.on('Runtime.bindingCalled', ({ payload, executionContextId }) => {
      this.#world = executionContextId;
      this.#receive(JSON.parse(payload) as FromPage);
    });
    await this.#cdp.send('Runtime.enable');
    await this.#cdp.send('Page.enable');
    await this.#cdp.send('Runtime.addBinding', { name: '__toMain', executionContextName: WORLD });
    await this.#cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      source: `${BRIDGE}((require, module, exports) => {${readFileSync(this.#parts.preload, 'utf8')}})(__require, { exports: {} }, {});`,
      worldName: WORLD,
    });
    await this.#go(() => this.page.goto(toPublic(url)));
  }

  async reload(): Promise<void> {
    await this.#go(() => this.page.reload());
  }

  /** `webContents.postMessage`, ports included. */
  post(channel: string, data: unknown, ports: PortMain[] = []): void {
    const ids = ports.map((port) => this.#relay(port));
    this.#evaluate(`__fromMain(${JSON.stringify({ kind: 'message', channel, data, ports: ids })})`);
  }

  async close(): Promise<void> {
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
    await this.#browser.close();
  }

  async #go(navigate: () => Promise<unknown>): Promise<void> {
    // The old document takes its ports with it.
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
    this.#ownNavigation = true;
    await navigate();
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const url = toApp(request.url());
    if (request.isNavigationRequest()) {
      if (this.#isPopup(request)) {
        this.#parts.onWindowOpen(url);
        return route.abort();
      }
      // An empty answer leaves the page as it is, as a navigation that was prevented does.
      if (!this.#ownNavigation && !this.#parts.mayNavigate(url)) return route.fulfill({ status: 204 });
      this.#ownNavigation = false;
    }
    if (!url.startsWith('app:')) return route.abort();
    const response = await this.#parts.handle(new Request(url, { method: request.method() }));
    const body = Buffer.from(await response.arrayBuffer());
    const isScript = response.headers.get('content-type')?.startsWith('text/javascript');
    await route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: isScript ? body.toString().replaceAll(/(["'`])app:\1/g, '"https:"') : body,
    });
  }

  #isPopup(request: PageRequest): boolean {
    try {
      return request.frame().page() !== this.page;
    } catch {
      // The first request of a new window comes before its frame.
      return true;
    }
  }

  #relay(port: PortMain): number {
    const id = ++this.#lastPort;
    this.#ports.set(id, port);
    port.on('message', ({ data }) =>
      this.#evaluate(`__fromMain(${JSON.stringify({ kind: 'port', id, data: encode(data) })})`),
    );
    port.on('close', () => {
      if (this.#ports.delete(id)) this.#evaluate(`__fromMain(${JSON.stringify({ kind: 'closed', id })})`);
    });
    port.start();
    return id;
  }

  #receive(message: FromPage): void {
    if (message.kind === 'send') this.#parts.onSend(message.channel, message.args);
    else if (message.kind === 'port') this.#ports.get(message.id)?.postMessage(decode(message.data));
    else this.#ports.get(message.id)?.close();
  }

  #evaluate(expression: string): void {
    // A document that is going away takes no more messages.
    this.#cdp.send('Runtime.evaluate', { expression, contextId: this.#world }).catch(() => undefined);
  }
}

function encode(data: unknown): Encoded {
  return typeof data === 'string'
    ? { text: data }
    : { base64: Buffer.from(data as Uint8Array).toString('base64') };
}

function decode(data: Encoded): string | Uint8Array {
  return 'text' in data ? data.text : new Uint8Array(Buffer.from(data.base64, 'base64'));
}

/** The preload script's `require('electron')`, in its own world. */
const BRIDGE = `
const __listeners = new Map();
const __ports = new Map();
const __send = (message) => __toMain(JSON.stringify(message));
const __ipcRenderer = {
  send: (channel, ...args) => __send({ kind: 'send', channel, args }),
  on: (channel, listener) => { __listeners.set(channel, [...(__listeners.get(channel) ?? []), listener]); },
};
const __require = (name) => {
  if (name === 'electron') return { ipcRenderer: __ipcRenderer };
  throw new Error('A sandboxed preload script cannot load ' + name);
};
const __bytes = (data) => 'text' in data ? data.text : Uint8Array.from(atob(data.base64), (c) => c.charCodeAt(0));
const __encode = (data) => {
  if (typeof data === 'string') return { text: data };
  let binary = '';
  for (const byte of new Uint8Array(data.buffer ?? data)) binary += String.fromCharCode(byte);
  return { base64: btoa(binary) };
};
globalThis.__fromMain = (message) => {
  if (message.kind === 'port') return void __ports.get(message.id)?.postMessage(__bytes(message.data));
  if (message.kind === 'closed') return void __ports.get(message.id)?.close();
  const ports = message.ports.map((id) => {
    const { port1, port2 } = new MessageChannel();
    __ports.set(id, port1);
    port1.onmessage = ({ data }) => __send({ kind: 'port', id, data: __encode(data) });
    port1.onclose = () => __send({ kind: 'closed', id });
    return port2;
  });
  for (const listener of __listeners.get(message.channel) ?? []) listener({ ports }, message.data);
};
`;
