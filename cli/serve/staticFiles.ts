import { createReadStream, readdirSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.json': 'application/json',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

interface StaticFile {
  path: string;
  type: string;
  size: number;
  /** Its name holds a hash of its content. */
  hashed: boolean;
}

/**
 * The files of a folder, listed once: a request is looked up by its whole path, so no path can lead anywhere else. Anything
 * but GET and HEAD is refused.
 */
export class StaticFiles {
  readonly #files = new Map<string, StaticFile>();

  constructor(folder: string) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const url = `/${relative(folder, path).split(sep).join('/')}`;
      this.#files.set(url, {
        path,
        type: TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream',
        size: statSync(path).size,
        hashed: url.startsWith('/assets/'),
      });
    }
  }

  respond(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const file = this.#lookUp(request.url ?? '/');
    if (!file) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found.\n');
      return;
    }
    response.writeHead(200, {
      'Content-Type': file.type,
      'Content-Length': file.size,
      'Cache-Control': file.hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
    if (request.method === 'HEAD') response.end();
    else pipeline(createReadStream(file.path), response, () => undefined);
  }

  #lookUp(url: string): StaticFile | undefined {
    const [path] = url.split(/[?#]/, 1);
    try {
      const name = decodeURIComponent(path);
      return this.#files.get(name === '/' ? '/index.html' : name);
    } catch {
      return undefined;
    }
  }
}
