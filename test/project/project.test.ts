import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EtalonError } from '../../core/base/index.ts';
import { createProject, openProject, type Project } from '../../core/project/index.ts';
import type { TripSet } from '../../core/roads/trips.ts';
import { gridCity } from '../support/network.ts';
import { emptyReport, randomTrips } from '../support/trips.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-project-'));
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

function errorOf(action: () => unknown): EtalonError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(EtalonError);
    return error as EtalonError;
  }
  throw new Error('Nothing was thrown.');
}

describe('a new project', () => {
  it('is an empty SQLite file of ours that survives closing', () => {
    createProject(at('a.etalon')).close();
    const project = closing(openProject(at('a.etalon')));
    expect(project.info()).toMatchObject({
      name: 'a',
      path: at('a.etalon'),
      timeZone: null,
      segments: 0,
      bounds: null,
      trips: 0,
      firstDay: null,
      lastDay: null,
      segmentTimes: false,
      sources: [],
      runs: 0,
    });
    expect(Number.isNaN(Date.parse(project.info().createdAt))).toBe(false);
    expect(project.hasRoads()).toBe(false);
    expect(project.readTrips().count).toBe(0);
    expect(errorOf(() => project.readRoads()).code).toBe('conflict');
  });

  it('leaves nothing but the one file when it is closed', () => {
    const project = createProject(at('a.etalon'));
    project.writeRoads(city, emptyReport('city'));
    project.close();
    expect(existsSync(at('a.etalon-wal'))).toBe(false);
    const bytes = readFileSync(at('a.etalon'));
    writeFileSync(at('copy.etalon'), bytes);
    const copy = closing(openProject(at('copy.etalon')));
    expect(copy.readRoads().refs).toEqual(city.refs);
  });
});

describe('opening', () => {
  it('tells a missing file, a taken name and a missing folder', () => {
    expect(errorOf(() => openProject(at('none.etalon')))).toMatchObject({ code: 'not-found' });
    createProject(at('a.etalon')).close();
    expect(errorOf(() => createProject(at('a.etalon')))).toMatchObject({ code: 'conflict' });
    expect(errorOf(() => createProject(at('no/folder.etalon')))).toMatchObject({ code: 'not-found' });
  });

  it('refuses what is not a project and leaves it as it was', () => {
    writeFileSync(at('text.etalon'), 'u,v,osmid\n1,2,3\n'.repeat(100));
    expect(errorOf(() => openProject(at('text.etalon')))).toMatchObject({
      code: 'input',
      message: 'This is not an Etalon project file.',
      where: { file: at('text.etalon') },
    });
    const other = new Database(at('other.db'));
    other.exec('CREATE TABLE t (x)');
    other.close();
    const before = readFileSync(at('other.db'));
    expect(errorOf(() => openProject(at('other.db')))).toMatchObject({ code: 'input' });
    expect(readFileSync(at('other.db'))).toEqual(before);
    expect(errorOf(() => openProject(folder))).toMatchObject({ code: 'input' });
  });

  it('refuses a file of a newer Etalon', () => {
    createProject(at('a.etalon')).close();
    const db = new Database(at('a.etalon'));
    db.pragma('user_version = 99');
    db.close();
    const error = errorOf(() => openProject(at('a.etalon')));
    expect(error.message).toContain('newer Etalon');
    expect(error.remedy).toContain('Update');
  });

  it('says when the file is locked', () => {
    createProject(at('a.etalon')).close();
    const holder = new Database(at('a.etalon'));
    holder.pragma('locking_mode = EXCLUSIVE');
    holder.exec('BEGIN EXCLUSIVE');
    try {
      expect(errorOf(() => openProject(at('a.etalon')))).toMatchObject({
        code: 'conflict',
        message: 'Another process has locked the project file.',
      });
    } finally {
      holder.close();
    }
  }, 30_000);

  it('reads only when asked to', () => {
    const writer = createProject(at('a.etalon'));
    writer.writeRoads(city, emptyReport('city'));
    writer.close();
    const project = closing(openProject(at('a.etalon'), { readonly: true }));
    expect(project.readRoads().segmentCount).toBe(city.segmentCount);
    expect(errorOf(() => project.writeRoads(city, emptyReport('city')))).toMatchObject({
      code: 'conflict',
      message: 'The project is open for reading only.',
    });
  });

  it.skipIf(process.getuid?.() === 0)('says when the file may not be written to (not as root)', () => {
    createProject(at('a.etalon')).close();
    chmodSync(at('a.etalon'), 0o444);
    expect(errorOf(() => openProject(at('a.etalon')))).toMatchObject({ code: 'conflict' });
  });

  it('is exact about a damaged array', () => {
    const project = createProject(at('a.etalon'));
    project.writeRoads(city, emptyReport('city'));
    project.close();
    const db = new Database(at('a.etalon'));
    db.exec(`UPDATE array_chunk SET bytes = zeroblob(length(bytes))
             WHERE array_id = (SELECT id FROM array WHERE name = 'lengthM')`);
    db.close();
    const damaged = closing(openProject(at('a.etalon')));
    expect(errorOf(() => damaged.readRoads())).toMatchObject({ code: 'input' });
    expect(errorOf(() => damaged.readRoads()).message).toContain('lengthM');
  });
});

describe('roads', () => {
  it('come back as they were written', () => {
    const water: [number, number][][] = [
      [
        [8.68, 49.4],
        [8.69, 49.4],
        [8.69, 49.41],
      ],
    ];
    const written = { ...city, water };
    const project = createProject(at('a.etalon'));
    project.writeRoads(written, { ...emptyReport('city.osm'), kept: { segments: 3 } });
    project.close();
    const opened = closing(openProject(at('a.etalon')));
    expect(opened.readRoads()).toEqual(written);
    expect(opened.readRoads()).toBe(opened.readRoads());
    const info = opened.info();
    expect(info).toMatchObject({
      segments: city.segmentCount,
      junctions: city.junctionCount,
      turns: city.turnCount,
      sources: [{ kind: 'roads', path: 'city.osm', report: { kept: { segments: 3 } } }],
    });
    const lon = city.coordinates.filter((_, i) => i % 2 === 0);
    const lat = city.coordinates.filter((_, i) => i % 2 === 1);
    expect(info.bounds).toEqual([Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)]);
  });

  it('are found by their bounding boxes', () => {
    const project = closing(createProject(at('a.etalon')));
    project.writeRoads(city, emptyReport('city'));
    const [lon, lat] = city.junctionCoordinates.subarray(2 * 16, 2 * 16 + 2);
    const around = 1e-5;
    const expected: number[] = [];
    for (let s = 0; s < city.segmentCount; s++)
      if (city.fromJunction[s] === 16 || city.toJunction[s] === 16) expected.push(s);
    expect([...project.segmentsWithin([lon - around, lat - around, lon + around, lat + around])]).toEqual(
      expected,
    );
    expect(project.segmentsWithin([0, 0, 1, 1])).toHaveLength(0);
  });

  it('replace the old ones with their trips, also for a connection that has read them', () => {
    const project = closing(createProject(at('a.etalon')));
    project.writeRoads(city, emptyReport('old'));
    project.addTrips(randomTrips(city, { count: 20, seed: 1 }), 'Europe/Berlin', emptyReport('trips'));
    const reader = closing(openProject(at('a.etalon'), { readonly: true }));
    expect(reader.readTrips().count).toBe(20);
    expect(reader.readRoads().segmentCount).toBe(city.segmentCount);
    const smaller = gridCity({ rows: 3, columns: 3 });
    project.writeRoads(smaller, emptyReport('new'));
    for (const store of [project, reader]) {
      expect(store.readRoads()).toEqual(smaller);
      expect(store.readTrips().count).toBe(0);
      expect(store.info()).toMatchObject({ trips: 0, timeZone: null, sources: [{ path: 'new' }] });
    }
    expect(project.segmentsWithin([-180, -90, 180, 90])).toHaveLength(smaller.segmentCount);
  });
});

describe('trips', () => {
  const monday = Date.parse('2024-03-04T00:00:00Z') / 1000;

  it('of several sources come in order of departure', () => {
    const project = closing(createProject(at('a.etalon')));
    project.writeRoads(city, emptyReport('city'));
    const first = randomTrips(city, { count: 30, seed: 1, firstS: monday });
    const second = randomTrips(city, { count: 40, seed: 2, firstS: monday + 1230, segmentTimes: true });
    project.addTrips(first, 'Europe/Berlin', emptyReport('first'));
    project.addTrips(second, 'Europe/Berlin', emptyReport('second'));
    const reader = closing(openProject(at('a.etalon')));
    const trips = reader.readTrips();
    expect(trips.count).toBe(70);
    expect([...trips.departS]).toEqual([...first.departS, ...second.departS].sort((a, b) => a - b));
    for (let i = 0; i < trips.count; i++) {
      const source = trips.ids[i].startsWith('trip 1') ? first : second;
      const k = source.ids.indexOf(trips.ids[i]);
      expect(trip(trips, i)).toEqual(trip(source, k));
      const seconds = trips.segmentS!.subarray(trips.offsets[i], trips.offsets[i + 1]);
      if (source === first) expect(seconds.every(Number.isNaN)).toBe(true);
      else expect(seconds).toEqual(second.segmentS!.subarray(second.offsets[k], second.offsets[k + 1]));
    }
    expect(reader.info()).toMatchObject({
      trips: 70,
      traversals: trips.segments.length,
      segmentTimes: true,
      firstDay: '2024-03-04',
      lastDay: '2024-03-04',
      timeZone: 'Europe/Berlin',
    });
  });

  it('are sorted even when one source was not, and cut by local date', () => {
    const project = closing(createProject(at('a.etalon')));
    project.writeRoads(city, emptyReport('city'));
    const trips = randomTrips(city, { count: 9, seed: 3 });
    const local = Float64Array.from({ length: 9 }, (_, i) => monday + 86_400 * (8 - i) - 1);
    project.addTrips({ ...trips, departS: local, localDepartS: local }, 'UTC', emptyReport('trips'));
    expect(project.info()).toMatchObject({ firstDay: '2024-03-03', lastDay: '2024-03-11' });
    expect([...project.readTrips().departS]).toEqual([...local].reverse());
    const cut = project.readTrips({ from: '2024-03-05', until: '2024-03-08' });
    expect([...cut.localDepartS]).toEqual([monday + 172_799, monday + 259_199, monday + 345_599]);
    expect(project.readTrips({ from: '2025-01-01' }).count).toBe(0);
    expect(errorOf(() => project.readTrips({ from: '5 March' }))).toMatchObject({ code: 'usage' });
  });

  it('need a road network and its time zone, and segments that it has', () => {
    const project = closing(createProject(at('a.etalon')));
    const trips = randomTrips(city, { count: 5, seed: 1 });
    const add = (zone: string) => project.addTrips(trips, zone, emptyReport('trips'));
    expect(errorOf(() => add('Europe/Berlin')).message).toContain('no road network');
    project.writeRoads(gridCity({ rows: 2, columns: 2 }), emptyReport('tiny'));
    expect(errorOf(() => add('Europe/Berlin')).message).toContain('another road network');
    project.writeRoads(city, emptyReport('city'));
    add('Europe/Berlin');
    expect(errorOf(() => add('Europe/Lisbon')).message).toContain('Europe/Berlin');
    expect(project.info().trips).toBe(5);
  });

  it('go with their source, and the file gives the space back', () => {
    const project = closing(createProject(at('a.etalon')));
    project.writeRoads(city, emptyReport('city'));
    project.addTrips(randomTrips(city, { count: 20, seed: 1 }), 'UTC', emptyReport('small'));
    const before = project.info().sizeBytes;
    project.addTrips(randomTrips(city, { count: 20_000, seed: 2 }), 'UTC', emptyReport('large'));
    expect(project.info().sizeBytes).toBeGreaterThan(before + 200_000);
    const [roads, small, large] = project.info().sources;
    project.removeSource(large.id);
    expect(project.readTrips().count).toBe(20);
    expect(project.info().sizeBytes).toBeLessThan(before + 50_000);
    project.removeSource(small.id);
    expect(project.info()).toMatchObject({ trips: 0, timeZone: null });
    expect(errorOf(() => project.removeSource(small.id))).toMatchObject({ code: 'not-found' });
    project.removeSource(roads.id);
    expect(project.hasRoads()).toBe(false);
    expect(project.segmentsWithin([-180, -90, 180, 90])).toHaveLength(0);
  });

  it('longer than a chunk come back whole', () => {
    const project = closing(createProject(at('a.etalon')));
    project.writeRoads(city, emptyReport('city'));
    const traversals = 2_500_003;
    const segments = Int32Array.from({ length: traversals }, (_, i) => (i * 7919) % city.segmentCount);
    const departS = Float64Array.of(monday);
    project.addTrips(
      {
        count: 1,
        ids: ['long'],
        departS,
        localDepartS: departS,
        totalS: Float32Array.of(1e6),
        offsets: Uint32Array.of(0, traversals),
        segments,
      },
      'UTC',
      emptyReport('long'),
    );
    const reader = closing(openProject(at('a.etalon'), { readonly: true }));
    expect(
      Buffer.compare(Buffer.from(reader.readTrips().segments.buffer), Buffer.from(segments.buffer)),
    ).toBe(0);
  });
});

function trip(trips: TripSet, i: number) {
  return {
    id: trips.ids[i],
    departS: trips.departS[i],
    localDepartS: trips.localDepartS[i],
    totalS: trips.totalS[i],
    segments: [...trips.segments.subarray(trips.offsets[i], trips.offsets[i + 1])],
  };
}
