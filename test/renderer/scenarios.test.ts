import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { api, connect } from '../../renderer/api/connection.ts';
import type { ApiScenarioEdit } from '../../renderer/api/types.ts';
import { layerClass } from '../../renderer/map/ramp.ts';
import { CHANGE_BREAKS, CHANGE_RAMP } from '../../renderer/scenarios/change.ts';
import { editPlace, editTime, editTitle } from '../../renderer/scenarios/editWords.ts';
import { useScenarios } from '../../renderer/stores/scenarios.ts';
import { gridCity } from '../support/network.ts';

const close = (ref: string): ApiScenarioEdit => ({ kind: 'close', segments: [ref] });

describe('the words of an edit', () => {
  it.each([
    [close('a'), 'Close', 'a'],
    [{ kind: 'speedLimit', segments: ['a', 'b'], kmh: 30 }, 'Limit 30 km/h', 'a, 2 segments'],
    [{ kind: 'lanes', segments: ['a'], lanes: 1 }, '1 lane', 'a'],
    [{ kind: 'capacity', segments: ['a'], share: 0.3 }, 'Capacity 30 %', 'a'],
    [{ kind: 'demand', factor: 1.1 }, 'Demand +10 %', 'all trips'],
    [
      { kind: 'demand', factor: 0.8, from: { point: [8, 49], radiusM: 500 } },
      'Demand −20 %',
      'trips of an area',
    ],
    [
      { kind: 'newLink', from: [8, 49], to: [9, 49], roadClass: 'primary', kmh: 70, lanes: 2, oneway: true },
      'New link, 70 km/h',
      'one way',
    ],
  ] satisfies [ApiScenarioEdit, string, string][])('%o', (edit, title, place) => {
    expect(editTitle(edit).replaceAll('\u00a0', ' ')).toBe(title);
    expect(editPlace(edit, undefined)).toBe(place);
  });

  it('name roads where their names are known', () => {
    const edit: ApiScenarioEdit = { kind: 'close', segments: ['a', 'b', 'c'] };
    expect(editPlace(edit, ['Quay Road'])).toBe('Quay Road, 3 segments');
    expect(editPlace(edit, ['Quay Road', 'Ring 1'])).toBe('Quay Road and 1 other road, 3 segments');
  });

  it.each([
    [undefined, 'always'],
    [{}, 'always'],
    [{ from: '2025-05-14T08:00', until: '2025-05-14T09:30' }, 'Wed 14 May 08:00–09:30'],
    [{ from: '2025-05-14T22:00', until: '2025-05-15T05:00' }, 'Wed 14 May 22:00 to Thu 15 May 05:00'],
    [{ from: '2025-05-14T08:00' }, 'from Wed 14 May 08:00'],
    [{ fromMinute: 420, untilMinute: 1440, weekdays: [0, 4] }, 'daily 07:00–24:00, Mon Fri'],
  ])('%o is "%s"', (when, text) => {
    expect(editTime(when)).toBe(text);
  });
});

describe('the edits of a scenario', () => {
  it('can be undone and redone, until another is made', () => {
    const { edit, add, undo, redo } = useScenarios.getState();
    const now = () => useScenarios.getState().edits;
    useScenarios.getState().reset();
    add(close('a'));
    add(close('b'));
    edit([close('b')]);
    expect(now()).toEqual([close('b')]);
    undo();
    expect(now()).toEqual([close('a'), close('b')]);
    undo();
    undo();
    undo();
    expect(now()).toEqual([]);
    redo();
    redo();
    expect(now()).toEqual([close('a'), close('b')]);
    add(close('c'));
    redo();
    expect(now()).toEqual([close('a'), close('b'), close('c')]);
    useScenarios.getState().reset();
  });
});

describe('what is saved', () => {
  /** Longer than edits wait for more of them. */
  const SETTLED_MS = 400;
  const [ref] = gridCity({ rows: 4, columns: 6 }).refs;
  const { port1, port2 } = new MessageChannel();
  // Loaded by names that types do not follow: the shell's types are Node's, those of this page the browser's.
  const [shell, server] = ['../support/fakeApp.ts', '../../core/api/server.ts'];
  let held: AsyncDisposable;

  beforeAll(async () => {
    const { fakeApp } = await import(shell!);
    const { serveMessagePort } = await import(server!);
    const made = fakeApp();
    held = made;
    const { app, folder } = made;
    const job = await app.createSample(join(folder, 'city.etalon'));
    expect((await app.jobs.ended(job.id)).status).toBe('done');
    serveMessagePort(app, port1);
    vi.stubGlobal('window', desktopWindow(port2));
    await connect();
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    port1.close();
    port2.close();
    await held[Symbol.asyncDispose]();
  });

  const saved = async () =>
    (await api().scenarios.list()).map(({ name, edits }) => ({ name, edits: edits.length }));

  it('holds an edit whose scenario was left at once, and what it was renamed to meanwhile', async () => {
    const { create, add, open, rename, reset } = useScenarios.getState();
    reset();
    await create();
    const first = useScenarios.getState().id!;
    await create();
    open(first);
    add(close(ref));
    open(useScenarios.getState().list.at(-1)!.id);
    await sleep(SETTLED_MS);
    expect(await saved()).toEqual([
      { name: 'Scenario 1', edits: 1 },
      { name: 'Scenario 2', edits: 0 },
    ]);
    add(close(ref));
    await rename('Renamed');
    await sleep(SETTLED_MS);
    expect((await saved()).at(-1)).toEqual({ name: 'Renamed', edits: 1 });
  });

  it('does not come back after its scenario was deleted', async () => {
    for (const { id } of useScenarios.getState().list) {
      useScenarios.getState().open(id);
      useScenarios.getState().edit([]);
      await useScenarios.getState().remove(id);
    }
    await sleep(SETTLED_MS);
    expect(await saved()).toEqual([]);
    expect(useScenarios.getState()).toMatchObject({ problem: null, id: null, list: [] });
  });
});

/** As the page of the desktop window sees it: the preload script answers its greeting with a port. */
function desktopWindow(port: MessagePort) {
  const listeners = new Set<(event: unknown) => void>();
  const page = {
    location: { protocol: 'app:', origin: 'app://etalon' },
    addEventListener: (_type: string, listener: (event: unknown) => void) => listeners.add(listener),
    removeEventListener: (_type: string, listener: (event: unknown) => void) => listeners.delete(listener),
    postMessage: () => {
      for (const listener of listeners)
        listener({ source: page, data: { type: 'etalon-port' }, ports: [port] });
    },
  };
  return page;
}

describe('the classes of a change', () => {
  it('run from quicker to slower, with no change in the middle', () => {
    const classes = [-0.5, -0.05, -0.02, 0, 0.02, 0.05, 0.5].map((share) => layerClass(share, CHANGE_BREAKS));
    expect(classes).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const ramp of Object.values(CHANGE_RAMP)) expect(ramp).toHaveLength(CHANGE_BREAKS.length + 1);
  });
});
