import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Random } from '../../core/base/random.ts';
import { createProject, openProject } from '../../core/project/index.ts';
import { gridCity } from '../support/network.ts';
import { randomTrips } from '../support/trips.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-kill-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const importer = fileURLToPath(new URL('./importer.ts', import.meta.url));

it('a process killed in the middle of imports leaves all of one or nothing of it', async () => {
  const path = join(folder, 'a.etalon');
  createProject(path).close();
  const cities = [gridCity({ rows: 20, columns: 20 }), gridCity({ rows: 24, columns: 15 })];
  const trips = cities.map((network) => randomTrips(network, { count: 4000, seed: 1 }));
  const random = new Random(5);
  let written = 0;
  for (let round = 0; round < 8; round++) {
    const child = fork(importer, [path], { stdio: 'inherit' });
    await once(child, 'message');
    await delay(random.uniform() * 250);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const project = openProject(path);
    const [roads, ...rest] = project.info().sources;
    if (roads) {
      const which = Number(roads.path.slice(-1));
      expect(project.readRoads()).toEqual(cities[which]);
      expect(project.segmentsWithin([-180, -90, 180, 90])).toHaveLength(cities[which].segmentCount);
      if (rest.length > 0) expect(project.readTrips().segments).toEqual(trips[which].segments);
      expect(project.readTrips().count).toBe(rest.length * 4000);
      written++;
    }
    project.close();
    const db = new Database(path);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
    db.close();
  }
  expect(written).toBeGreaterThan(0);
}, 60_000);
