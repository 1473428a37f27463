import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';
import { type RunningServer, startServer } from '../../cli/serve/server.ts';
import { createWebSocketClient } from '../../core/api/client.ts';
import { type FakeApp, fakeApp } from '../support/fakeApp.ts';

let held: FakeApp;
let server: RunningServer;
let folder: string;

beforeAll(async () => {
  held = fakeApp();
  const outside = mkdtempSync(join(tmpdir(), 'etalon-serve-'));
  folder = join(outside, 'renderer');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(outside, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Etalon</title>');
  writeFileSync(join(folder, 'assets', 'main-1a2b.js'), 'export {};');
  writeFileSync(join(folder, 'assets', 'mark.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  server = await startServer(held.app, folder, 0);
});
afterAll(async () => {
  await server.close();
  await held[Symbol.asyncDispose]();
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

const ownHost = () => `127.0.0.1:${server.port}`;

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A request as written: no client's own tidying of paths or headers. */
function get(path: string, { host = ownHost(), method = 'GET' } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: server.port, path, method, headers: { host } },
      (response) => {
        let body = '';
        response.on('data', (text) => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
      },
    );
    sent.on('error', reject).end();
  });
}

/** Status of the answer to an attempt to open the socket; 101 = opened. */
async function knock({
  path = `/api?token=${server.token}`,
  origin = `http://${ownHost()}`,
  host = ownHost(),
}: {
  path?: string;
  origin?: string | null;
  host?: string;
} = {}): Promise<number> {
  const socket = connect(server.port, '127.0.0.1');
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...(origin === null ? [] : [`Origin: ${origin}`]),
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(data.toString().split(' ')[1]);
}

describe('files', () => {
  test('are served with their types, and nothing may guess another', async () => {
    const page = await get('/');
    expect(page).toMatchObject({ status: 200, body: '<!doctype html><title>Etalon</title>' });
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
    });
    expect((await get('/assets/main-1a2b.js')).headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': expect.stringContaining('immutable'),
    });
    expect((await get('/assets/mark.svg')).headers['content-type']).toBe('image/svg+xml');
    expect(await get('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  test('come with a policy that lets nothing foreign in', async () => {
    const policy = String((await get('/')).headers['content-security-policy']);
    const directives = new Map(
      policy.split('; ').map((directive) => {
        const [name, ...sources] = directive.split(' ');
        return [name, sources];
      }),
    );
    expect(directives.get('default-src')).toEqual(["'none'"]);
    expect(directives.get('script-src')).toEqual(["'self'"]);
    expect(directives.get('worker-src')).toEqual(["'self'", 'blob:']);
    expect(directives.get('frame-ancestors')).toEqual(["'none'"]);
    expect(directives.get('connect-src')).toContain(`ws://127.0.0.1:${server.port}`);
    expect(policy).not.toMatch(/unsafe-eval|\*|https?:/);
  });

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//secret.txt',
    '/%00',
    '/%zz',
    '/assets',
    '/nothing.js',
  ])('%s is not found', async (path) => {
    const { status, body } = await get(path);
    expect(status).toBe(404);
    expect(body).not.toContain('secret');
  });

  test('are not served under a foreign name, nor changed', async () => {
    expect(await get('/', { host: 'evil.example' })).toMatchObject({ status: 403, body: '' });
    expect((await get('/', { host: `evil.example:${server.port}` })).status).toBe(403);
    expect((await get('/', { host: `localhost:${server.port}` })).status).toBe(200);
    expect((await get('/', { method: 'POST' })).status).toBe(405);
  });
});

describe('the socket', () => {
  test('opens for its own page with its token', async () => {
    expect(await knock()).toBe(101);
    expect(await knock({ host: `localhost:${server.port}`, origin: `http://localhost:${server.port}` })).toBe(
      101,
    );
  });

  test.each<[string, Parameters<typeof knock>[0], number]>([
    ['without a token', { path: '/api' }, 401],
    ['with a wrong token', { path: '/api?token=guess' }, 401],
    ['for a foreign page', { origin: 'https://evil.example' }, 403],
    ['for a page of another port', { origin: 'http://127.0.0.1:1' }, 403],
    ['for who does not say where from', { origin: null }, 403],
    ['for a page without an origin', { origin: 'null' }, 403],
    ['under a foreign name', { host: 'evil.example' }, 403],
    ['elsewhere', { path: '/other' }, 404],
  ])('stays shut %s', async (_what, attempt, status) => {
    expect(await knock(attempt)).toBe(status);
  });

  test('stays shut for a token that differs in its last letter', async () => {
    const last = server.token.endsWith('A') ? 'B' : 'A';
    expect(await knock({ path: `/api?token=${server.token.slice(0, -1)}${last}` })).toBe(401);
  });

  test('answers the contract', async () => {
    const socket = new NodeWebSocket(`ws://${ownHost()}/api?token=${server.token}`, {
      origin: `http://${ownHost()}`,
    });
    const client = createWebSocketClient(socket as unknown as WebSocket);
    expect(await client.app.info()).toMatchObject({ shell: 'serve', open: null });
    socket.close();
  });
});

test('is reached from this machine only, and its address holds the token where it is not sent', () => {
  const url = new URL(server.url);
  expect(url.hostname).toBe('127.0.0.1');
  expect(url.search).toBe('');
  expect(new URLSearchParams(url.hash.slice(1)).get('token')).toBe(server.token);
  expect(Buffer.from(server.token, 'base64url')).toHaveLength(32);
});

test('a port in use is refused with what to do', async () => {
  await expect(startServer(held.app, folder, server.port)).rejects.toMatchObject({
    code: 'conflict',
    remedy: expect.stringContaining('--port 0'),
  });
});

test('closing it ends open sockets', async () => {
  const other = await startServer(held.app, folder, 0);
  const socket = new NodeWebSocket(`ws://127.0.0.1:${other.port}/api?token=${other.token}`, {
    origin: `http://127.0.0.1:${other.port}`,
  });
  await once(socket, 'open');
  const closed = once(socket, 'close');
  await other.close();
  expect((await closed)[0]).toBe(1001);
});
