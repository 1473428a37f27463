import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ORIGIN, serveFolder } from '../../electron/appProtocol.ts';

describe('the window’s own protocol', () => {
  let outside: string;
  let answer: (request: Request) => Promise<Response>;
  const get = (url: string) => answer(new Request(url));

  beforeAll(() => {
    outside = mkdtempSync(join(tmpdir(), 'etalon-protocol-'));
    const folder = join(outside, 'renderer');
    mkdirSync(join(folder, 'assets'), { recursive: true });
    writeFileSync(join(folder, 'index.html'), '<!doctype html>');
    writeFileSync(join(folder, 'assets', 'a.js'), 'export {};');
    writeFileSync(join(outside, 'secret.js'), 'secret');
    mkdirSync(join(outside, 'renderer-other'));
    writeFileSync(join(outside, 'renderer-other', 'b.js'), 'secret');
    answer = serveFolder(folder);
  });
  afterAll(() => rmSync(outside, { recursive: true }));

  it('serves its files with their types under a policy that lets nothing in', async () => {
    const page = await get(`${ORIGIN}/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    const script = await get(`${ORIGIN}/assets/a.js`);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await script.text()).toBe('export {};');
  });

  it.each([
    '/../secret.js',
    '/%2e%2e/secret.js',
    '/%2e%2e%2fsecret.js',
    '/..%5csecret.js',
    '/assets/..%2f..%2fsecret.js',
    '/%2e%2e%2frenderer-other/b.js',
    '/%00index.html',
    '/%ff',
    '//etalon/../secret.js',
    '/assets',
    '/absent.js',
  ])('answers 404 to %s', async (path) => {
    expect((await get(ORIGIN + path)).status).toBe(404);
  });

  it('belongs to one host and is read only', async () => {
    expect((await get('app://other/index.html')).status).toBe(404);
    expect((await answer(new Request(`${ORIGIN}/`, { method: 'POST' }))).status).toBe(405);
  });
});
