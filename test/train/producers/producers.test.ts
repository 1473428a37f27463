import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import type { Feed } from '../../../core/device/index.ts';
import { incomingNeighbours } from '../../../core/graph/index.ts';
import { Clock } from '../../../core/train/producers/clock.ts';
import { type ProducerOptions, Producers, shareColumns } from '../../../core/train/producers/index.ts';
import { createRing, Ring } from '../../../core/train/producers/ring.ts';
import { awkwardGraph } from '../../support/awkwardGraph.ts';
import { FIELDS, prepareTestProducer, type TestProducerInput } from '../../support/testProducer.ts';

const MODULE = new URL('../../support/testProducerWorker.ts', import.meta.url);
const adjacency = shareColumns(incomingNeighbours(awkwardGraph(new Random(1), { nodes: 400, hub: 10_000 })));

const open: Producers[] = [];
function start(input: Partial<TestProducerInput>, options: Partial<ProducerOptions> = {}): Producers {
  const producers = new Producers({
    module: MODULE,
    input: { adjacency, seed: 5, ...input },
    threads: 2,
    slots: 4,
    fields: FIELDS,
    first: 0,
    end: 40,
    signal: new AbortController().signal,
    ...options,
  });
  open.push(producers);
  return producers;
}

afterEach(async () => {
  for (const producers of open.splice(0)) await producers.close();
});

/** What a batch must be, made here on a ring of one slot. */
function batchAlone(batch: number): Feed {
  const handle = createRing({ fields: FIELDS, slots: 1, first: batch, end: batch + 1 });
  const slot = new Ring(handle).slot(batch);
  prepareTestProducer({ adjacency, seed: 5 })(batch, slot);
  return slot.feed();
}

const copy = (feed: Feed) =>
  Object.fromEntries(Object.entries(feed).map(([name, values]) => [name, values.slice()]));

async function all(producers: Producers): Promise<Feed[]> {
  const feeds: Feed[] = [];
  for (let feed = await producers.next(); feed; feed = await producers.next()) feeds.push(copy(feed));
  return feeds;
}

describe('Producers', () => {
  for (const threads of [1, 2, 3])
    it(`with ${threads} threads give every batch once, in order and bit for bit, and then end`, async () => {
      const producers = start({ pauseMs: 2 }, { threads, slots: threads + 1 });
      const feeds = await all(producers);
      expect(producers.figures().batches).toBe(40);
      expect(feeds).toEqual(Array.from({ length: 40 }, (_, batch) => batchAlone(batch)));
      expect(feeds.some(({ nodes }) => nodes.length === 0)).toBe(true);
      expect(await producers.next()).toBeNull();
    });

  it('go on from any batch, and give an epoch at a time', async () => {
    const producers = start({}, { first: 13, end: 20 });
    const epochs: number[][] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      epochs.push([]);
      for await (const { number } of producers.take(4)) epochs[epoch].push(number[0]);
    }
    expect(epochs).toEqual([[13, 14, 15, 16], [17, 18, 19], []]);
  });

  it('never overtake a slow consumer: a batch stays as it is until the next but one is asked for', async () => {
    const producers = start({}, { threads: 3, slots: 3, end: 25 });
    const inUse: { feed: Feed; before: Feed }[] = [];
    for (let batch = 0; batch < 25; batch++) {
      const feed = (await producers.next())!;
      expect(feed.features.buffer).toBeInstanceOf(SharedArrayBuffer);
      inUse.push({ feed, before: copy(feed) });
      await sleep(batch % 5 === 0 ? 15 : 0);
      for (const { feed, before } of inUse) expect(feed).toEqual(before);
      if (inUse.length === 2) inUse.shift();
    }
  });

  it('lose and repeat nothing over thousands of batches, as fast as they can', async () => {
    const producers = start({}, { threads: 3, slots: 3, end: 3000 });
    for (let batch = 0; batch < 3000; batch++) {
      const { number, nodes, features } = (await producers.next())!;
      expect(number[0]).toBe(batch);
      expect(nodes.every((node, i) => Math.abs(features[i] - node - 0.5) <= 0.5)).toBe(true);
    }
    expect(await producers.next()).toBeNull();
  });

  it('give index arrays that stay as they are, and are never the same array twice', async () => {
    const producers = start({}, { slots: 2 });
    const kept: { nodes: Feed[string]; copy: Feed[string] }[] = [];
    for (let feed = await producers.next(); feed; feed = await producers.next())
      kept.push({ nodes: feed.nodes, copy: feed.nodes.slice() });
    expect(new Set(kept.map(({ nodes }) => nodes)).size).toBe(40);
    for (const { nodes, copy } of kept) expect(nodes).toEqual(copy);
  });

  it('carry an error as it was thrown, after all batches before it', async () => {
    const producers = start({ at: 17, trouble: 'throws', pauseMs: 1 }, { threads: 3 });
    for (let batch = 0; batch < 17; batch++) expect((await producers.next())!.number[0]).toBe(batch);
    const thrown = expect.objectContaining({
      code: 'input',
      message: 'The file is broken.',
      where: { file: 'a.csv', line: 3 },
      remedy: 'Mend it.',
    });
    await expect(producers.next()).rejects.toThrow(thrown);
    await expect(producers.next()).rejects.toThrow(thrown);
  });

  it.each([
    ['throws a RangeError', 'out of range'],
    ['does not fit', '"features" takes up to 400 values, a batch has 401'],
    ['exits', 'a producer thread died: exit code 0'],
    ['crashes', 'a producer thread died: exit code 7'],
    ['prepares badly', 'There is no graph.'],
  ] as const)('end with the reason when a thread %s', async (trouble, reason) => {
    await expect(all(start({ at: 6, trouble }))).rejects.toThrow(reason);
  });

  it('are not started without threads, or with fewer slots than are in use, for which the consumer would wait forever', () => {
    for (const options of [{ threads: 0 }, { slots: 1 }])
      expect(() => start({}, options)).toThrow('are too few');
  });

  it('end with the reason when there is no such module', async () => {
    const producers = start({}, { module: new URL('./nowhere.ts', import.meta.url) });
    await expect(producers.next()).rejects.toThrow(/a producer thread died: .*nowhere/);
  });

  it('are cancelled while the consumer waits, and while producers do', async () => {
    for (const input of [{ pauseMs: 500 }, {}]) {
      const controller = new AbortController();
      const producers = start(input, { signal: controller.signal });
      if (!input.pauseMs) await producers.next();
      const waiting = input.pauseMs
        ? expect(producers.next()).rejects.toMatchObject({ code: 'cancelled' })
        : sleep(30);
      controller.abort();
      await waiting;
      await expect(producers.next()).rejects.toMatchObject({ code: 'cancelled' });
      await producers.close();
    }
    const cancelled = start({}, { signal: AbortSignal.abort() });
    await expect(cancelled.next()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('are closed in the middle, even where a thread never comes back', async () => {
    const producers = start({ at: 3, trouble: 'hangs' });
    for (let batch = 0; batch < 3; batch++) await producers.next();
    await producers.close();
    await expect(producers.next()).rejects.toThrow('were closed');
  });
});

describe('Clock', () => {
  it('counts the waits after the first batch, and what lies between them as work', async () => {
    let now = 50;
    const clock = new Clock(() => now);
    const pass = (ms: number) => {
      now += ms;
    };
    const wait = (ms: number) => clock.waiting(Promise.resolve(ms).then(pass));
    expect(clock.figures()).toEqual({ batches: 0, startS: 0, elapsedS: 0, waitedS: 0, busyShare: 1 });
    await wait(300);
    pass(70);
    await wait(10);
    pass(20);
    await wait(0);
    pass(1000);
    expect(clock.figures()).toEqual({
      batches: 3,
      startS: 0.3,
      elapsedS: 0.1,
      waitedS: 0.01,
      busyShare: 0.9,
    });
  });
});

describe('shareColumns', () => {
  it('copies arrays into shared memory and keeps the rest', () => {
    const columns = {
      count: 2,
      rows: Int32Array.of(1, 2),
      offsets: Uint32Array.of(3),
      values: Float32Array.of(0.5),
      none: null,
    };
    const shared = shareColumns(columns);
    expect(shared).toEqual(columns);
    for (const array of [shared.rows, shared.offsets, shared.values])
      expect(array.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});
