import { createORPCClient, mapEventIterator } from '@orpc/client';
import { RPCLink as PortLink, type SupportedMessagePort } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { AnyContractRouter, ContractRouterClient } from '@orpc/contract';
import type { CallProgress, Contract } from './contract.ts';
import { fromWireError } from './wire.ts';

/** The typed client of {@link Contract}. Every failure of a call or a stream is an `EtalonError`. */
export type EtalonClient = ContractRouterClient<Contract>;

/** Over a WebSocket, which may still be connecting; its `binaryType` is set here. Runs in browsers and in Node. */
export function createWebSocketClient(websocket: WebSocket): EtalonClient {
  // Blobs are read asynchronously, which would let a text frame overtake a binary one.
  websocket.binaryType = 'arraybuffer';
  return createORPCClient(new SocketLink({ websocket, interceptors: [mapErrors] }));
}

/** Over a message port of a browser, of Node or of Electron's main process. Serves any contract, the whole one by default. */
export function createMessagePortClient<C extends AnyContractRouter = Contract>(
  port: SupportedMessagePort & { start?(): void },
): ContractRouterClient<C> {
  const client = createORPCClient(new PortLink({ port, interceptors: [mapErrors] }));
  port.start?.();
  return client as ContractRouterClient<C>;
}

/**
 * The answer of a call that says how far it is; each report goes to `onProgress`. Rejects as the call does.
 */
export async function answerOf<Answer>(
  call: Promise<AsyncIterator<CallProgress, Answer>>,
  onProgress?: (progress: CallProgress) => void,
): Promise<Answer> {
  const reports = await call;
  for (;;) {
    const { done, value } = await reports.next();
    if (done) return value;
    onProgress?.(value);
  }
}

interface Call {
  signal?: AbortSignal | undefined;
  next(): Promise<unknown>;
}

async function mapErrors({ signal, next }: Call): Promise<unknown> {
  const mapped = (error: unknown) => fromWireError(error, signal?.aborted ?? false);
  let output: unknown;
  try {
    output = await next();
  } catch (error) {
    throw mapped(error);
  }
  return isAsyncIterator(output)
    ? mapEventIterator(output, { value: async (value) => value, error: async (error) => mapped(error) })
    : output;
}

function isAsyncIterator(value: unknown): value is AsyncIterator<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
