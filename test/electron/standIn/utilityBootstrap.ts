import { EventEmitter } from 'node:events';
import { isMainThread } from 'node:worker_threads';
import { MessageChannelMain, type PortMain, type Relayed } from './ports.ts';

/** Gives a child process of Node the `process.parentPort` of a utility process. */
if (isMainThread) install();

function install(): void {
  const far = new Map<number, PortMain>();
  const waiting: unknown[] = [];
  const parentPort = Object.assign(new EventEmitter(), {
    postMessage: (data: unknown) => send({ kind: 'message', data, ports: [] }),
  });
  // Like a port, it holds messages back until somebody listens.
  parentPort.on('newListener', (event) => {
    if (event !== 'message') return;
    queueMicrotask(() => {
      for (const held of waiting.splice(0)) parentPort.emit('message', held);
    });
  });
  process.on('message', (message: Relayed) => {
    if (message.kind === 'port') far.get(message.id)?.postMessage(message.data);
    else if (message.kind === 'closed') far.get(message.id)?.close();
    else {
      const event = { data: message.data, ports: message.ports.map(open) };
      if (parentPort.listenerCount('message') > 0) parentPort.emit('message', event);
      else waiting.push(event);
    }
  });
  process.on('disconnect', () => process.exit());
  Object.assign(process, { parentPort });

  function open(id: number): PortMain {
    const { port1, port2 } = new MessageChannelMain();
    far.set(id, port1);
    port1.on('message', ({ data }) => send({ kind: 'port', id, data }));
    port1.on('close', () => send({ kind: 'closed', id }));
    port1.start();
    return port2;
  }

  function send(message: Relayed): void {
    if (process.connected) process.send?.(message);
  }
}
