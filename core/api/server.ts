import type { SupportedMessagePort } from '@orpc/client/message-port';
import { RPCHandler as PortHandler } from '@orpc/server/message-port';
import { RPCHandler as SocketHandler } from '@orpc/server/ws';
import type { App } from '../app/index.ts';
import { router } from './router.ts';
import { mapErrors } from './serverErrors.ts';

/** A connected socket of the `ws` package, as far as it is used here. */
export type ServerSocket = Parameters<SocketHandler<Record<never, never>>['upgrade']>[0];

/** Answers the contract on a socket until it closes, which ends the calls and streams that are still running. */
export function serveWebSocket(app: App, socket: ServerSocket): void {
  void new SocketHandler(router, { clientInterceptors: [mapErrors] }).upgrade(socket, { context: { app } });
}

/** The same on a message port: Electron's (`MessagePortMain`), Node's or a browser's. */
export function serveMessagePort(app: App, port: SupportedMessagePort & { start?(): void }): void {
  new PortHandler(router, { clientInterceptors: [mapErrors] }).upgrade(port, { context: { app } });
  port.start?.();
}
