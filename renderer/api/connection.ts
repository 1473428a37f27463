import { createMessagePortClient, createWebSocketClient } from '@etalon/core/api/client';
import { create } from 'zustand';
import type { Api, Contract } from './types.ts';

interface ConnectionState {
  status: 'connecting' | 'open' | 'lost';
}

export const useConnection = create<ConnectionState>(() => ({ status: 'connecting' }));

let client: Api | null = null;

/** The contract's client. Stores call it only after {@link connect}. */
export function api(): Api {
  if (!client) throw new Error('internal: the API is used before it is connected');
  return client;
}

/** Connects to whichever shell shows this window: a port from Electron's preload, else a WebSocket to the server of this page. */
export async function connect(): Promise<void> {
  client = window.location.protocol === 'app:' ? await overPort() : await overSocket();
  useConnection.setState({ status: 'open' });
}

async function overPort(): Promise<Api> {
  const port = await new Promise<MessagePort>((resolve) => {
    window.addEventListener('message', function receive(event: MessageEvent) {
      if (event.source !== window || event.data?.type !== 'etalon-port' || !event.ports[0]) return;
      window.removeEventListener('message', receive);
      resolve(event.ports[0]);
    });
    window.postMessage({ type: 'etalon-ready' }, window.location.origin);
  });
  port.addEventListener('close', lost);
  return createMessagePortClient<Contract>(port);
}

async function overSocket(): Promise<Api> {
  const socket = new WebSocket(socketUrl(window.location));
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error('The server refused the connection.')), {
      once: true,
    });
  });
  socket.addEventListener('close', lost);
  return createWebSocketClient(socket);
}

const lost = () => useConnection.setState({ status: 'lost' });

/** `serve` hands its token over in the page's address, as query or fragment. */
export function socketUrl(page: Pick<Location, 'href'>): string {
  const url = new URL(page.href);
  const token = url.searchParams.get('token') ?? new URLSearchParams(url.hash.slice(1)).get('token');
  const socket = new URL('/api', url);
  socket.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  if (token) socket.searchParams.set('token', token);
  return socket.href;
}
