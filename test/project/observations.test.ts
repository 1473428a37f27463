import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EtalonError } from '../../core/base/index.ts';
import { insertArrays, packArray, packJson } from '../../core/project/arrays.ts';
import { createProject, openProject, type Project } from '../../core/project/index.ts';
import { initial } from '../../core/project/migrations/0001-initial.ts';
import { packNetwork } from '../../core/project/roads.ts';
import {
  concatObservations,
  inOrderOfStart,
  type ObservationSet,
  selectObservations,
} from '../../core/roads/observations.ts';
import { gridCity } from '../support/network.ts';
import { randomObservations } from '../support/randomObservations.ts';
import { emptyReport, randomTrips } from '../support/trips.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-observed-'));
});
const opened: Project[] = [];
afterEach(() => {
  for (const project of opened.splice(0)) project.close();
  rmSync(folder, { recursive: true, force: true });
});

function closing(project: Project): Project {
  opened.push(project);
  return project;
}

const at = (name: string) => join(folder, name);
const city = gridCity({ rows: 6, columns: 7 });
const segments = city.segmentCount;

function withRoads(name = 'a.etalon'): Project {
  const project = closing(createProject(at(name)));
  project.writeRoads(city, emptyReport('city'));
  return project;
}

function add(project: Project, ...sets: ObservationSet[]) {
  return project.importObservations('Europe/Berlin', async (hand) => {
    for (const set of sets) hand(set);
    return emptyReport('observed');
  });
}

/** Equal as sets of rows: rows of one segment and start may stand in any order. */
function expectSame(actual: ObservationSet, expected: ObservationSet): void {
  const rows = (set: ObservationSet) =>
    Array.from(
      { length: set.count },
      (_, i) =>
        `${set.startS[i]} ${set.segment[i]} ${set.speedKmh[i]} ${set.vehicles[i]} ${set.durationS[i]}`,
    ).sort();
  expect(rows(actual)).toEqual(rows(expected));
  expect(inOrderOfStart(actual)).toBe(actual);
}

describe('observations', () => {
  it('of several parts and sources come in order of start, with their counts', async () => {
    const project = withRoads();
    const parts = [1, 2, 3].map((seed) => randomObservations({ count: 5000, segments: 40, seed }));
    await add(project, parts[0], parts[1]);
    await add(project, parts[2]);
    const reader = closing(openProject(at('a.etalon'), { readonly: true }));
    const all = concatObservations(parts);
    expectSame(reader.readObservations(), all);
    expect(reader.info()).toMatchObject({
      observations: 15_000,
      observedSegments: new Set(all.segment).size,
      firstObservedDay: '2024-03-04',
      lastObservedDay: '2024-03-24',
      timeZone: 'Europe/Berlin',
      trips: 0,
      firstDay: null,
    });
    const counts = reader.observationsBySegment();
    for (let s = 0; s < segments; s++)
      expect(counts[s]).toBe(all.segment.reduce((n, segment) => n + (segment === s ? 1 : 0), 0));
    const hours = reader.observedHours();
    expect(hours.reduce((sum, { observations }) => sum + observations, 0)).toBe(15_000);
    const speed = all.speedKmh.reduce((sum, kmh) => sum + kmh, 0);
    expect(hours.reduce((sum, { speedSumKmh }) => sum + speedSumKmh, 0)).toBeCloseTo(speed, 0);
    const inHour = all.localStartS.filter((s) => Math.floor(s / 3600) === hours[5].hour).length;
    expect(hours[5].observations).toBe(inHour);
  });

  it('of a period and of a segment are those and no other', async () => {
    const project = withRoads();
    const all = randomObservations({ count: 20_000, segments: 30, seed: 4 });
    await add(project, all);
    const day = (date: string) => Date.parse(`${date}T00:00:00Z`) / 1000;
    const positions = (accept: (i: number) => boolean) => Array.from(all.segment.keys()).filter(accept);
    const within = (i: number) =>
      all.localStartS[i] >= day('2024-03-09') && all.localStartS[i] < day('2024-03-12');
    const range = { from: '2024-03-09', until: '2024-03-12' };
    expectSame(project.readObservations(range), selectObservations(all, positions(within)));
    expectSame(
      project.observationsOf(17, range),
      selectObservations(
        all,
        positions((i) => within(i) && all.segment[i] === 17),
      ),
    );
    expect(project.readObservations({ from: '2025-01-01' }).count).toBe(0);
    expect(() => project.readObservations({ from: '5 March' })).toThrow(EtalonError);
  });

  it('of a period are read without a look at the chunks of others', async () => {
    const project = withRoads();
    await add(project, randomObservations({ count: 20_000, segments: 30, seed: 4 }));
    const count = project.readObservations({ until: '2024-03-07' }).count;
    project.close();
    opened.splice(opened.indexOf(project), 1);
    const db = new Database(at('a.etalon'));
    // Weeks begin on Thursdays, as 1970 did.
    const damaged = db
      .prepare(
        `UPDATE array_chunk SET bytes = zeroblob(length(bytes)) WHERE array_id IN
           (SELECT array.id FROM array JOIN observation_chunk USING (source_id, chunk) WHERE first_local_s >= ?)`,
      )
      .run(Date.parse('2024-03-07T00:00:00Z') / 1000);
    expect(damaged.changes).toBeGreaterThan(0);
    db.close();
    const reader = closing(openProject(at('a.etalon')));
    expect(reader.readObservations({ until: '2024-03-07' }).count).toBe(count);
    expect(() => reader.readObservations()).toThrow('damaged');
  });

  it('of more than a chunk come whole', async () => {
    const project = withRoads();
    const sets = [1, 2, 3, 4].map((seed) => randomObservations({ count: 150_000, segments, seed, days: 2 }));
    await add(project, ...sets);
    const read = project.readObservations();
    expect(read.count).toBe(600_000);
    expect(inOrderOfStart(read)).toBe(read);
    const sum = (set: ObservationSet) => set.speedKmh.reduce((total, kmh) => total + kmh, 0);
    expect(sum(read) / sum(concatObservations(sets))).toBeCloseTo(1, 6);
  });

  it('need a road network, its segments and its time zone', async () => {
    const project = closing(createProject(at('a.etalon')));
    const few = randomObservations({ count: 9, segments, seed: 1 });
    await expect(add(project, few)).rejects.toThrow('no road network');
    project.writeRoads(gridCity({ rows: 2, columns: 2 }), emptyReport('tiny'));
    await expect(add(project, few)).rejects.toThrow('another road network');
    project.writeRoads(city, emptyReport('city'));
    project.addTrips(randomTrips(city, { count: 5, seed: 1 }), 'Europe/Lisbon', emptyReport('trips'));
    await expect(add(project, few)).rejects.toThrow('Europe/Lisbon');
  });

  it('go with their source, and with the roads', async () => {
    const project = withRoads();
    const before = project.info().sizeBytes;
    await add(project, randomObservations({ count: 50_000, segments, seed: 1 }));
    const [roads, observed] = project.info().sources;
    expect(observed).toMatchObject({ kind: 'observations', path: 'observed' });
    project.removeSource(observed.id);
    expect(project.info()).toMatchObject({ observations: 0, observedSegments: 0, timeZone: null });
    expect(project.readObservations().count).toBe(0);
    expect(project.info().sizeBytes).toBeLessThan(before + 50_000);
    await add(project, randomObservations({ count: 50, segments, seed: 1 }));
    project.removeSource(roads.id);
    expect(project.info()).toMatchObject({ observations: 0, sources: [] });
  });
});

describe('an import that fails', () => {
  it('leaves nothing, neither for this connection nor for others', async () => {
    const project = withRoads();
    await add(project, randomObservations({ count: 100, segments, seed: 1 }));
    const before = project.info();
    const failed = project.importObservations('Europe/Berlin', async (hand) => {
      for (let seed = 0; seed < 4; seed++) hand(randomObservations({ count: 300_000, segments, seed }));
      expect(project.info().sources).toHaveLength(3);
      throw new EtalonError('input', 'line 7 is broken');
    });
    await expect(failed).rejects.toThrow('line 7 is broken');
    expect(project.info().sources).toEqual(before.sources);
    expect(project.info().observations).toBe(100);
    expect(closing(openProject(at('a.etalon'), { readonly: true })).readObservations().count).toBe(100);
    await add(project, randomObservations({ count: 10, segments, seed: 2 }));
    expect(project.info().observations).toBe(110);
  });

  it('takes the roads with it that were written in the same breath', async () => {
    const project = closing(createProject(at('a.etalon')));
    const failed = project.atomically(async () => {
      project.writeRoads(city, emptyReport('city'));
      expect(project.readRoads().segmentCount).toBe(segments);
      return project.importTrips('Europe/Berlin', async (hand) => {
        hand(randomTrips(city, { count: 50, seed: 1 }));
        throw new Error('no');
      });
    });
    await expect(failed).rejects.toThrow('no');
    expect(project.hasRoads()).toBe(false);
    expect(project.info()).toMatchObject({ trips: 0, segments: 0, timeZone: null });
    const smaller = gridCity({ rows: 3, columns: 3 });
    project.writeRoads(smaller, emptyReport('smaller'));
    expect(project.readRoads()).toEqual(smaller);
  });

  it('by the death of its process leaves nothing', async () => {
    const project = withRoads();
    await add(project, randomObservations({ count: 100, segments, seed: 1 }));
    const child = fork(fileURLToPath(new URL('./streamer.ts', import.meta.url)), [at('a.etalon')]);
    // Until what was written so far leaves the memory of the process.
    while (statSync(at('a.etalon-wal')).size < 4_000_000) await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(project.info()).toMatchObject({ observations: 100, sources: [{}, {}] });
    const db = new Database(at('a.etalon'));
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  });
});

describe('trips in parts', () => {
  it('come back as one set in order', async () => {
    const project = withRoads();
    const first = randomTrips(city, { count: 30, seed: 1 });
    const second = randomTrips(city, {
      count: 40,
      seed: 2,
      firstS: first.departS[0] + 600,
      segmentTimes: true,
    });
    await project.importTrips('Europe/Berlin', async (hand) => {
      hand(first);
      hand(second);
      return emptyReport('both');
    });
    expect([...project.tripChunks()].map(({ count }) => count)).toEqual([30, 40]);
    const trips = project.readTrips();
    expect(trips.count).toBe(70);
    expect([...trips.departS]).toEqual([...first.departS, ...second.departS].sort((a, b) => a - b));
    expect(project.info()).toMatchObject({
      trips: 70,
      traversals: first.segments.length + second.segments.length,
      segmentTimes: true,
      sources: [{ kind: 'roads' }, { kind: 'trips', path: 'both' }],
    });
  });
});

describe('a project file of the first version', () => {
  it('opens with all that it holds, under the same identifiers', () => {
    const trips = randomTrips(city, { count: 25, seed: 3 });
    const db = new Database(at('old.etalon'));
    db.pragma('application_id = 0x45544c4e');
    db.exec(initial.sql);
    db.pragma('user_version = 1');
    const packed = packNetwork(city);
    const insert = (table: string, row: Record<string, unknown>) =>
      db
        .prepare(
          `INSERT INTO ${table} (${Object.keys(row)}) VALUES (${Object.keys(row).map((key) => `@${key}`)})`,
        )
        .run(row);
    const source = (id: number, kind: string) =>
      insert('source', {
        id,
        kind,
        path: kind,
        imported_at: '2024-01-01',
        report: JSON.stringify(emptyReport(kind)),
      });
    source(7, 'roads');
    const [west, south, east, north] = packed.bounds;
    insert('road_network', {
      source_id: 7,
      segments,
      junctions: city.junctionCount,
      turns: city.turnCount,
      west,
      south,
      east,
      north,
    });
    source(9, 'trips');
    insert('trip_set', {
      source_id: 9,
      trips: 25,
      traversals: trips.segments.length,
      first_day: 19786,
      last_day: 19786,
      segment_times: 0,
    });
    // A source that was removed: its identifier is not given again.
    source(12, 'trips');
    db.exec('DELETE FROM source WHERE id = 12');
    insert('run', { id: 3, name: 'r', model: 'eta', status: 'finished', created_at: '2024', config: '{}' });
    insert('checkpoint', { id: 4, run_id: 3, kind: 'best', epoch: 2, json: '{"a":1}' });
    // As the first version wrote arrays.
    db.exec('ALTER TABLE array ADD COLUMN chunk INTEGER NOT NULL DEFAULT 0');
    insertArrays(db, { source: 7 }, packed.arrays);
    insertArrays(db, { source: 9 }, [
      packJson('ids', trips.ids),
      packArray('departS', trips.departS),
      packArray('localDepartS', trips.localDepartS),
      packArray('totalS', trips.totalS),
      packArray('offsets', trips.offsets),
      packArray('segments', trips.segments),
    ]);
    insertArrays(db, { checkpoint: 4 }, [packArray('weights', Float32Array.of(1, 2, 3))]);
    db.exec('ALTER TABLE array DROP COLUMN chunk');
    db.close();

    const project = closing(openProject(at('old.etalon')));
    expect(project.readRoads()).toEqual(city);
    expect(project.readTrips()).toEqual(trips);
    expect(project.info()).toMatchObject({
      trips: 25,
      runs: 1,
      observations: 0,
      sources: [{ id: 7 }, { id: 9 }],
    });
    expect(project.loadCheckpoint(3, 'best')).toMatchObject({ epoch: 2, json: { a: 1 } });
    project.addTrips(randomTrips(city, { count: 5, seed: 4 }), 'UTC', emptyReport('more'));
    expect(project.info().sources.map(({ id }) => id)).toEqual([7, 9, 13]);
    expect(project.readTrips().count).toBe(30);
    // Cascades still work on the table made anew.
    project.removeSource(7);
    expect(project.info()).toMatchObject({ segments: 0, trips: 0, sources: [] });
  });
});
