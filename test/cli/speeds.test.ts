import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compressWeek, encodeCoefficients } from '../../core/roads/exchange/speedCodec.ts';
import { node, way } from '../support/osmCity.ts';
import { toXml } from '../support/osmFiles.ts';
import { type CliRun, startCli } from '../support/runCli.ts';

let folder: string;
let project: string;
const at = (name: string) => join(folder, name);
const cli = (...args: string[]): Promise<CliRun> => startCli(args, { configFolder: at('config') }).ended;

const EDGE = 2 + 700_123 * 8 + 4 * 2 ** 25;
const code = encodeCoefficients(compressWeek(new Float32Array(2016).fill(45)));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-speeds-'));
  project = at('city.etalon');
  writeFileSync(
    at('city.osm'),
    toXml({
      nodes: [node(1, 0, 0), node(11, 1, 0), node(2, 2, 0), node(3, 4, 0), node(4, 2, 2)],
      ways: [way(7, [1, 11, 2, 3], { maxspeed: '50' }), way(8, [4, 2], { maxspeed: '50' })],
    }),
  );
  writeFileSync(at('way_edges.txt'), `7,1,${EDGE}\n`);
  // Forty trips through the day, one every half an hour of a Monday and Tuesday, at 36 km/h.
  const trips = Array.from({ length: 40 }, (_, i) => {
    const minute = 30 * i;
    const day = 4 + Math.floor(minute / 1440);
    const clock = [Math.floor((minute % 1440) / 60), minute % 60]
      .map((n) => String(n).padStart(2, '0'))
      .join(':');
    return `${i},2024-03-0${day} ${clock},29.2,7/1/2 7/2/3,14.6 14.6`;
  });
  writeFileSync(
    at('trips.csv'),
    `trip_id,departure,travel_time_s,segments,segment_seconds\n${trips.join('\n')}\n`,
  );
  expect(await cli('new', project)).toMatchObject({ code: 0, stderr: '' });
  expect(await cli('import', 'roads', project, at('city.osm'))).toMatchObject({ code: 0 });
  expect(
    await cli('import', 'trips', project, at('trips.csv'), '--time-zone', 'Europe/Berlin', '--json'),
  ).toMatchObject({ code: 0 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('weekly speeds of other engines', () => {
  test('a malformed line is named, and nothing is imported', async () => {
    writeFileSync(
      at('bad.csv'),
      `edge_id,freeflow_speed,constrained_speed\n2/700123/4,50,40\n2/700123/5,50,?\n`,
    );
    const run = await cli(
      'import',
      'profiles',
      project,
      at('bad.csv'),
      '--ways',
      at('way_edges.txt'),
      '--json',
    );
    expect(run.code).toBe(1);
    expect(run.events.at(-1)).toMatchObject({
      type: 'error',
      code: 'input',
      where: { file: at('bad.csv'), line: 3, field: 'constrained_speed' },
      remedy: expect.stringContaining('whole km/h'),
    });
    const info = await cli('info', project, '--json');
    expect((info.events.at(-1)!.project as { sources: object[] }).sources).toHaveLength(2);
  });

  test('come in as a source and go out again', async () => {
    writeFileSync(
      at('in.csv'),
      `edge_id,freeflow_speed,constrained_speed,historical_speeds\n2/700123/4,50,40,${code}\n`,
    );
    const imported = await cli(
      'import',
      'profiles',
      project,
      at('in.csv'),
      '--ways',
      at('way_edges.txt'),
      '--json',
    );
    expect(imported.code).toBe(0);
    expect(imported.events.at(-1)).toMatchObject({
      command: 'import profiles',
      kept: { edges: 1, segments: 2 },
    });
    const text = await cli('info', project);
    expect(text.stdout).toMatch(/profiles .*in\.csv/);
    const exported = await cli(
      ...['export', 'speeds', project, '--format', 'valhalla', '--profiles'],
      ...['--ways', at('way_edges.txt'), '--out', at('out.csv'), '--json'],
    );
    expect(exported.code).toBe(0);
    expect(exported.events.at(-1)).toMatchObject({
      command: 'export speeds',
      format: 'valhalla',
      rows: 1,
      segments: 2,
    });
    expect(readFileSync(at('out.csv'), 'utf8')).toBe(readFileSync(at('in.csv'), 'utf8'));
  });

  test('the history goes out for OSRM, with turn penalties', async () => {
    const run = await cli(
      ...['export', 'speeds', project, '--format', 'osrm', '--at', 'Mon 08:00'],
      ...['--out', at('speeds.csv'), '--turns', at('turns.csv'), '--json'],
    );
    expect(run.stderr).toBe('');
    expect(run.events.at(-1)).toMatchObject({
      format: 'osrm',
      segments: 6,
      rows: 8,
      source: expect.stringContaining('history'),
      turns: expect.any(Number),
    });
    const lines = readFileSync(at('speeds.csv'), 'utf8').trimEnd().split('\n');
    const speed = (pair: string) => Number(lines.find((line) => line.startsWith(`${pair},`))!.split(',')[2]);
    expect(speed('1,11')).toBeCloseTo(36, 0);
    expect(speed('1,11')).toBe(speed('11,2'));
    expect(readFileSync(at('turns.csv'), 'utf8')).toMatch(/^11,2,3,-?\d+\.\d$/m);
  });

  test('a run’s speeds go out', async () => {
    expect(await cli('train', project, '--until', '2024-03-05')).toMatchObject({ code: 0 });
    const run = await cli(
      ...['export', 'speeds', project, '--format', 'osrm', '--run', 'eta-1'],
      ...['--out', at('run.csv'), '--at', 'sun 12:00', '--json'],
    );
    expect(run.events.at(-1)).toMatchObject({ source: expect.stringContaining('eta-1'), segments: 5 });
    // The stand-in's ratio falls from 1 at midnight to 0; it says nothing of segment 0. The limit is 50 km/h.
    const speeds = readFileSync(at('run.csv'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.split(',')[2]));
    for (const kmh of speeds) expect(Math.abs(kmh - 25)).toBeLessThan(0.6);
  });

  test.each([
    [['--format', 'valhalla', '--out', 'x.csv'], 'way_edges.txt'],
    [['--format', 'osrm', '--out', 'x.csv', '--ways', 'w.txt'], '--ways is for Valhalla'],
    [
      ['--format', 'valhalla', '--out', 'x.csv', '--ways', 'w', '--at', 'mon 08:00'],
      '--at and --turns are for OSRM',
    ],
    [['--format', 'osrm', '--out', 'x.csv', '--at', 'noon'], 'mon 08:00'],
    [['--format', 'osrm', '--out', 'x.csv', '--profiles', '--run', 'a'], 'two sources'],
    [['--format', 'osrm'], '--out'],
    [['--out', 'x.csv'], '--format'],
  ])('export speeds with %j is explained', async (options, hint) => {
    const run = await cli('export', 'speeds', project, ...options);
    expect(run.stderr).toContain(hint);
    expect(run.code).toBe(2);
    expect(existsSync('x.csv')).toBe(false);
  });

  test('help shows an example', async () => {
    expect((await cli('export', 'speeds', '--help')).stdout).toContain('Examples:\n  etalon export speeds');
    expect((await cli('import', 'profiles', '--help')).stdout).toContain(
      'Example:\n  etalon import profiles',
    );
  });
});
