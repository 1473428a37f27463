import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProject, openProject } from '../../core/project/index.ts';
import { initial } from '../../core/project/migrations/0001-initial.ts';
import type { WeeklyProfiles } from '../../core/roads/index.ts';
import { gridCity } from '../support/network.ts';
import { emptyReport, randomTrips } from '../support/trips.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-profiles-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const city = gridCity({ rows: 4, columns: 4 });

function profilesOf(segments: readonly number[], first: number): WeeklyProfiles {
  return {
    segments: Int32Array.from(segments),
    rows: Int32Array.from(segments, (_, i) => i - 1),
    coefficients: Int16Array.from({ length: 200 * (segments.length - 1) }, (_, i) => first - 37 * i),
    freeFlowKmh: Float32Array.from(segments, (segment) => 50 + segment),
    constrainedKmh: Float32Array.from(segments, () => 0),
  };
}

describe('weekly speeds in a project', () => {
  it('come back to the bit, replace each other, and go when they or the roads are removed', () => {
    const project = createProject(at('a.etalon'));
    project.writeRoads(city, emptyReport('city'));
    expect(project.readProfiles()).toBeNull();
    project.addTrips(randomTrips(city, { count: 5, seed: 1 }), 'Europe/Lisbon', emptyReport('trips'));
    project.writeProfiles(profilesOf([0, 3, 9], 32_767), emptyReport('first'));
    const second = profilesOf([2, 5], -32_768);
    project.writeProfiles(second, emptyReport('second'));
    project.close();

    const again = openProject(at('a.etalon'));
    expect(again.readProfiles()).toEqual(second);
    const { sources } = again.info();
    expect(sources.map(({ kind, path }) => [kind, path])).toEqual([
      ['roads', 'city'],
      ['trips', 'trips'],
      ['profiles', 'second'],
    ]);
    again.removeSource(sources[2].id);
    expect(again.readProfiles()).toBeNull();
    expect(again.readTrips().count).toBe(5);
    again.writeProfiles(second, emptyReport('second'));
    again.writeRoads(city, emptyReport('anew'));
    expect(again.readProfiles()).toBeNull();
    again.close();
  });

  it('must belong to the roads', () => {
    const project = createProject(at('a.etalon'));
    expect(() => project.writeProfiles(profilesOf([0], 1), emptyReport('x'))).toThrow(/no road network/);
    project.writeRoads(city, emptyReport('city'));
    expect(() => project.writeProfiles(profilesOf([0, city.segmentCount], 1), emptyReport('x'))).toThrow(
      /another road network/,
    );
    expect(project.info().sources).toHaveLength(1);
    project.close();
  });
});

describe('a project of the first version', () => {
  it('keeps everything when it is brought up to date, and gives no identifier again', () => {
    const made = createProject(at('new.etalon'));
    made.writeRoads(city, emptyReport('roads'));
    made.addTrips(randomTrips(city, { count: 7, seed: 2 }), 'Europe/Lisbon', emptyReport('trips'));
    made.close();
    // The first version's schema with the same rows.
    const old = new Database(at('old.etalon'));
    old.pragma('application_id = 0x45544c4e');
    old.exec(initial.sql);
    old.pragma('user_version = 1');
    old.exec(`ATTACH '${at('new.etalon')}' AS made; DELETE FROM project`);
    for (const table of [
      'project',
      'source',
      'road_network',
      'segment_bounds',
      'trip_set',
      'array',
      'array_chunk',
    ]) {
      const columns = old.prepare("SELECT name FROM pragma_table_info(?, 'main')").pluck().all(table).join();
      old.exec(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM made.${table}`);
    }
    old.exec("UPDATE main.sqlite_sequence SET seq = 40 WHERE name = 'source'");
    old.close();

    const project = openProject(at('old.etalon'));
    expect(project.readRoads().refs).toEqual(city.refs);
    expect(project.readTrips().count).toBe(7);
    project.writeProfiles(profilesOf([1, 2], 5), emptyReport('speeds'));
    expect(project.info().sources.map(({ id, kind }) => [id, kind])).toEqual([
      [1, 'roads'],
      [2, 'trips'],
      [41, 'profiles'],
    ]);
    project.removeSource(1); // The rows of all others hang on their sources still.
    expect(project.info()).toMatchObject({ segments: 0, trips: 0, sources: [] });
    project.close();
    const db = new Database(at('old.etalon'));
    expect(db.prepare('SELECT count(*) FROM array_chunk').pluck().get()).toBe(0);
    expect(db.pragma('foreign_key_check')).toEqual([]);
    db.close();
  });
});
