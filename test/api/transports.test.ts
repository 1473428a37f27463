import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import {
  answerOf,
  createMessagePortClient,
  createWebSocketClient,
  type EtalonClient,
} from '../../core/api/client.ts';
import type { CallProgress, Contract } from '../../core/api/contract.ts';
import { type ServerSocket, serveMessagePort, serveWebSocket } from '../../core/api/index.ts';
import type { App } from '../../core/app/index.ts';
import { EtalonError } from '../../core/base/index.ts';
import { collect } from '../support/collect.ts';
import { type FakeApp, fakeApp } from '../support/fakeApp.ts';

interface Connection {
  client: EtalonClient;
  /** Cuts the connection from the client's side. */
  disconnect(): void;
  close(): Promise<void>;
}

const transports: Record<string, (app: App) => Promise<Connection>> = {
  async WebSocket(app) {
    const http = createServer();
    const sockets = new WebSocketServer({ server: http });
    sockets.on('connection', (socket) => serveWebSocket(app, socket as ServerSocket));
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
    return {
      client: createWebSocketClient(socket),
      disconnect: () => socket.close(),
      async close() {
        for (const client of sockets.clients) client.terminate();
        http.close();
      },
    };
  },
  async MessagePort(app) {
    const { port1, port2 } = new MessageChannel();
    serveMessagePort(app, port1);
    return {
      client: createMessagePortClient<Contract>(port2),
      disconnect: () => port2.close(),
      close: async () => port2.close(),
    };
  },
};

describe.each(Object.entries(transports))('the API over a %s', (_name, connect) => {
  let held: FakeApp;
  let connection: Connection;
  let client: EtalonClient;
  let path: string;

  beforeEach(async () => {
    held = fakeApp();
    connection = await connect(held.app);
    client = connection.client;
    path = join(held.folder, 'city.etalon');
  });
  afterEach(async () => {
    await connection.close();
    await held[Symbol.asyncDispose]();
  });

  async function openSample(): Promise<void> {
    const { jobId } = await client.project.createSample({ path });
    for await (const { status } of await client.jobs.watch({ id: jobId })) if (status === 'done') return;
    throw new Error('The sample city was not built.');
  }

  test('tells about the machine and the project', async () => {
    const info = await client.app.info();
    expect(info).toMatchObject({ shell: 'serve', version: '0.0.0', open: null, recent: [] });
    expect(info.memoryBytes).toBeGreaterThan(1e8);
    expect(info.diskFreeBytes).toBeGreaterThan(0);
    expect(await client.project.info()).toBeNull();
    expect(await client.project.create({ path })).toMatchObject({ path, segments: 0, bounds: null });
    expect((await client.app.info()).open).toBe(path);
    expect((await client.app.devices()).filter(({ preferred }) => preferred)).toHaveLength(1);
    expect(await client.app.pickFile({ purpose: 'roads' })).toEqual({ supported: false, path: null });
    const folder = await client.app.listFolder({ path: held.folder });
    expect(folder.entries.map(({ name, folder }) => [name, folder])).toContainEqual(['city.etalon', false]);
    expect(await client.project.close()).toEqual({ closed: true });
  });

  test('turns every failure into the one error type', async () => {
    await client.project.create({ path });
    const exists = await failure(client.project.create({ path }));
    expect(exists).toMatchObject({ code: 'conflict', where: { file: path } });
    expect(exists.remedy).toBeTruthy();
    const wrong = await failure(client.roads.tile({ z: 1.5, x: 0, y: 0 }));
    expect(wrong).toMatchObject({ code: 'usage', where: { field: 'z' } });
    const missing = await failure(client.jobs.cancel({ id: 'none' }));
    expect(missing.code).toBe('not-found');
    const stream = await client.jobs.watch({ id: 'none' });
    expect((await failure(stream.next())).code).toBe('not-found');
  });

  test('streams a job from its start to its end', async () => {
    const { jobId } = await client.project.createSample({ path });
    const seen = await collect(await client.jobs.watch({ id: jobId }));
    expect(seen.at(0)?.status).toBe('running');
    expect(seen.at(-1)?.status).toBe('done');
    expect(await client.jobs.list()).toMatchObject([{ id: jobId, status: 'done' }]);
  });

  test('streams every job, and the metrics of a run while it trains', async () => {
    await openSample();
    const abort = new AbortController();
    const all = await client.jobs.watchAll(undefined, { signal: abort.signal });
    const { jobId, runId } = await client.runs.train({ model: 'eta', settings: { epochs: 5 } });
    const points = (await collect(await client.runs.watchMetrics({ runId }))).flat();
    expect(points.filter(({ name }) => name === 'loss').map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
    for await (const job of all) if (job.id === jobId && job.status === 'done') break;
    abort.abort();
    expect(await client.runs.list()).toMatchObject([
      { id: runId, name: 'eta-1', status: 'finished', validation: { epoch: 5, maeS: 20 } },
    ]);
    expect(await client.runs.rename({ runId, name: 'first' })).toMatchObject({ name: 'first' });
    expect(await client.runs.remove({ runId })).toEqual({ removed: true });
    expect(await client.runs.list()).toEqual([]);
  });

  test('cancels a job', async () => {
    await openSample();
    const { jobId } = await client.runs.train({ model: 'eta', settings: { epochs: 1000 } });
    expect(await client.jobs.cancel({ id: jobId })).toEqual({ cancelled: true });
    const seen = await collect(await client.jobs.watch({ id: jobId }));
    expect(seen.at(-1)).toMatchObject({ status: 'cancelled' });
  });

  test('carries the values of all segments as a Blob', async () => {
    await openSample();
    const { jobId, runId } = await client.runs.train({ model: 'eta', settings: { epochs: 1 } });
    await collect(await client.jobs.watch({ id: jobId }));
    const { values } = await client.predict.speeds({ runId, at: '2024-01-08T08:00' });
    expect(values).toBeInstanceOf(Blob);
    const ratios = new Float32Array(await values.arrayBuffer());
    expect(ratios).toHaveLength(76);
    expect(ratios[0]).toBeNaN();
    expect(ratios[1]).toBeCloseTo(1 - 8 / 24);
  });

  test('says how far a call is, and ends it when it is cancelled', async () => {
    await openSample();
    const question = { count: 300, length: 5 };
    const told: CallProgress[] = [];
    const { rows } = await answerOf(client.supersegments.catalogue(question), (progress) =>
      told.push(progress),
    );
    expect(rows).toHaveLength(300);
    expect(told.at(-1)?.progress).toMatchObject({ stage: 'Describing supersegments', step: 4, steps: 4 });
    expect((await client.supersegments.coverage(question)).values).toBeInstanceOf(Blob);
    const abort = new AbortController();
    const long = answerOf(
      client.supersegments.catalogue({ count: 20_000, length: 200 }, { signal: abort.signal }),
      () => abort.abort(),
    );
    expect((await failure(long)).code).toBe('cancelled');
    // The thread that answers is free again.
    expect(await client.supersegments.one({ ...question, id: 7 })).toMatchObject({ row: { id: 7 } });
  });

  test('ends its streams when the client goes away, and goes on with the work', async () => {
    await openSample();
    let left = 0;
    const { jobs } = held.app;
    const watchAll = jobs.watchAll.bind(jobs);
    jobs.watchAll = async function* (signal) {
      try {
        yield* watchAll(signal);
      } finally {
        left++;
      }
    };
    const stream = await client.jobs.watchAll();
    const { runId } = await client.runs.train({ model: 'eta', settings: { epochs: 20 } });
    await stream.next();
    const next = failure(
      (async () => {
        for await (const _ of stream);
      })(),
    );
    connection.disconnect();
    expect((await next).message).toContain('connection');
    const [, job] = held.app.jobs.list();
    expect((await held.app.jobs.ended(job.id)).status).toBe('done');
    expect(held.app.run(runId).status).toBe('finished');
    expect(left).toBe(1);
  });
});

async function failure(call: Promise<unknown>): Promise<EtalonError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EtalonError);
  return error as EtalonError;
}
