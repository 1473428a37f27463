import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProject } from '../../core/project/index.ts';
import { gridNetwork } from '../support/gridNetwork.ts';
import { type CliRun, startCli } from '../support/runCli.ts';
import { emptyReport, randomTrips } from '../support/trips.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const cli = (...args: string[]): Promise<CliRun> =>
  startCli(args, { configFolder: join(folder, 'config') }).ended;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-cli-supersegments-'));
  const network = gridNetwork(6, 5);
  const store = createProject(at('grid.etalon'));
  store.writeRoads(network, emptyReport('grid'));
  store.addTrips(randomTrips(network, { count: 200, seed: 3 }), 'Etc/UTC', emptyReport('trips'));
  store.close();
  const bare = createProject(at('bare.etalon'));
  bare.writeRoads(network, emptyReport('grid'));
  bare.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DRAW = ['--length', '4', '--count', '30', '--seed', '2'];

/** Fields of RFC 4180, read without the writer's code. */
function readCsv(text: string): Record<string, string>[] {
  const [head, ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
      ),
    );
  return rows.map((row) => Object.fromEntries(row.map((field, i) => [head[i], field])));
}

describe('etalon supersegments', () => {
  test('writes the same figures as CSV, GeoJSON and JSON', async () => {
    const csv = await cli('supersegments', at('grid.etalon'), ...DRAW, '--out', at('s.csv'), '--json');
    expect(csv.code).toBe(0);
    const result = csv.events.find((event) => event.type === 'result')!;
    const supersegments = result.supersegments as Record<string, number | string>[];
    const rows = readCsv(readFileSync(at('s.csv'), 'utf8'));
    expect(rows).toHaveLength(30);
    rows.forEach((row, i) => {
      expect(row.name).toBe(supersegments[i].name);
      expect(Number(row.length_m)).toBeCloseTo(Number(supersegments[i].lengthM), 0);
      expect(Number(row.drives)).toBe(supersegments[i].drives);
    });
    const geo = await cli('supersegments', at('grid.etalon'), ...DRAW, '--out', at('s.geojson'));
    expect(geo.code).toBe(0);
    expect(geo.stdout).toContain('all');
    const { type, features } = JSON.parse(readFileSync(at('s.geojson'), 'utf8'));
    expect(type).toBe('FeatureCollection');
    features.forEach(
      (each: { geometry: { type: string; coordinates: number[][] }; properties: object }, i: number) => {
        expect(each.geometry.type).toBe('LineString');
        expect(each.geometry.coordinates).toHaveLength(Number(supersegments[i].segments) + 1);
        const asText = Object.fromEntries(
          Object.entries(each.properties).map(([key, value]) => [key, value === null ? '' : String(value)]),
        );
        expect(asText).toEqual(rows[i]);
      },
    );
  });

  test('says what is wrong, and what to do', async () => {
    const ending = await cli('supersegments', at('grid.etalon'), '--out', at('s.xlsx'));
    expect(ending.code).toBe(2);
    expect(ending.stderr).toContain('.csv or .geojson');
    const length = await cli('supersegments', at('grid.etalon'), '--length', '1');
    expect(length.code).toBe(2);
    expect(length.stderr).toContain('from 2 to 200');
    const bare = await cli('supersegments', at('bare.etalon'));
    expect(bare.code).not.toBe(0);
    expect(bare.stderr).toContain('Import or simulate trips first');
  });
});
