import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** A port as Electron's main and utility processes have it: an emitter of events that carry `data`. */
export class PortMain extends EventEmitter {
  readonly inner: MessagePort;

  constructor(inner: MessagePort) {
    super();
    this.inner = inner;
    inner.on('close', () => this.emit('close'));
  }

  postMessage(data: unknown): void {
    this.inner.postMessage(data);
  }

  start(): void {
    this.inner.on('message', (data) => this.emit('message', { data, ports: [] }));
  }

  close(): void {
    this.inner.close();
  }
}

export class MessageChannelMain {
  readonly port1: PortMain;
  readonly port2: PortMain;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = new PortMain(port1);
    this.port2 = new PortMain(port2);
  }
}

/** What travels between the main process and another one that holds a port's far end. */
export type Relayed =
  | { kind: 'message'; data: unknown; ports: number[] }
  | { kind: 'port'; id: number; data: unknown }
  | { kind: 'closed'; id: number };
