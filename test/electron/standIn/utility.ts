import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PortMain, Relayed } from './ports.ts';

const BOOTSTRAP = new URL('./utilityBootstrap.ts', import.meta.url);
let lastPort = 0;

/** A utility process on a child process of Node: ports are relayed over its channel. */
export class UtilityProcess extends EventEmitter {
  readonly child: ChildProcess;
  readonly #ports = new Map<number, PortMain>();

  constructor(path: string, args: string[] = [], options: { env?: NodeJS.ProcessEnv } = {}) {
    super();
    this.child = fork(path, args, {
      execArgv: ['--import', BOOTSTRAP.href],
      serialization: 'advanced',
      env: options.env ?? process.env,
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    });
    this.child.on('message', (message) => this.#receive(message as Relayed));
    this.child.once('exit', (code) => {
      for (const port of this.#ports.values()) port.close();
      this.emit('exit', code ?? 9);
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  postMessage(data: unknown, ports: PortMain[] = []): void {
    const ids = ports.map((port) => this.#relay(port));
    this.#send({ kind: 'message', data, ports: ids });
  }

  kill(): boolean {
    return this.child.kill();
  }

  #relay(port: PortMain): number {
    const id = ++lastPort;
    this.#ports.set(id, port);
    port.on('message', ({ data }) => this.#send({ kind: 'port', id, data }));
    port.on('close', () => {
      if (this.#ports.delete(id)) this.#send({ kind: 'closed', id });
    });
    port.start();
    return id;
  }

  #receive(message: Relayed): void {
    if (message.kind === 'message') this.emit('message', message.data);
    else if (message.kind === 'port') this.#ports.get(message.id)?.postMessage(message.data);
    else this.#ports.get(message.id)?.close();
  }

  #send(message: Relayed): void {
    if (this.child.connected) this.child.send(message);
  }
}
