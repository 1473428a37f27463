import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { serveWebSocket } from '@etalon/core/api';
import type { App } from '@etalon/core/app';
import { EtalonError } from '@etalon/core/base';
import { type WebSocket, WebSocketServer } from 'ws';
import { hasOwnHost, hasOwnOrigin, isToken, newToken, securityHeaders } from './security.ts';
import { StaticFiles } from './staticFiles.ts';

/** More than any request of the contract needs. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

export interface RunningServer {
  /** The page, with the token in its fragment: browsers keep that to themselves. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

/** Serves the window's files and, at /api, the contract; on the loopback interface only. Port 0: any free one. */
export async function startServer(app: App, folder: string, wantedPort: number): Promise<RunningServer> {
  const token = newToken();
  const files = new StaticFiles(folder);
  const http = createServer();
  const port = await listen(http, wantedPort);
  const headers = new Map(Object.entries(securityHeaders(port)));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });

  http.on('request', (request, response) => {
    response.setHeaders(headers);
    if (hasOwnHost(request, port)) files.respond(request, response);
    else response.writeHead(403).end();
  });
  http.on('upgrade', (request, socket, head) => {
    const status = refusal(request, port, token);
    if (status) refuse(socket, status);
    else
      sockets.handleUpgrade(request, socket, head, (connected: WebSocket) => serveWebSocket(app, connected));
  });

  return {
    url: `http://127.0.0.1:${port}/#token=${token}`,
    port,
    token,
    async close() {
      for (const socket of sockets.clients) socket.close(1001, 'Etalon was stopped.');
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeIdleConnections();
      // A page that does not answer the farewell must not hold up the end.
      const impatient = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        http.closeAllConnections();
      }, 1000);
      await closed;
      clearTimeout(impatient);
    },
  };
}

function listen(http: Server, wantedPort: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, wantedPort)));
    http.listen(wantedPort, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
}

function listenError(error: NodeJS.ErrnoException, port: number): EtalonError {
  if (error.code === 'EADDRINUSE')
    return new EtalonError('conflict', `Port ${port} is in use.`, {
      remedy: 'Take another one, or any free one with --port 0.',
    });
  if (error.code === 'EACCES')
    return new EtalonError('input', `Port ${port} may not be used by this user.`, {
      remedy: 'Take a port above 1023.',
    });
  return new EtalonError('internal', `The server could not start: ${error.message}`, { cause: error });
}

/** Why a socket is not opened, as an HTTP status; null when it may be. */
function refusal(request: IncomingMessage, port: number, token: string): string | null {
  if (!hasOwnHost(request, port)) return '403 Forbidden';
  const url = new URL(request.url ?? '/', `http://127.0.0.1:${port}`);
  if (url.pathname !== '/api') return '404 Not Found';
  if (!hasOwnOrigin(request, port)) return '403 Forbidden';
  if (!isToken(url.searchParams.get('token'), token)) return '401 Unauthorized';
  return null;
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
