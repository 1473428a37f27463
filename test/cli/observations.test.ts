import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasLosLoop, losLoop } from '../support/losLoop.ts';
import { type CliRun, startCli } from '../support/runCli.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const cli = (...args: string[]): Promise<CliRun> =>
  startCli(args, { configFolder: join(folder, 'config') }).ended;
const file = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-cli-observations-'));
  file('nodes.csv', 'osmid,y,x\n1,41.15,-8.63\n2,41.151,-8.63\n3,41.152,-8.63\n');
  file(
    'edges.csv',
    [
      'u,v,osmid,oneway,reversed,highway,maxspeed,length,fid',
      '1,2,10,False,False,primary,50,111,a',
      '2,1,10,False,True,primary,50,111,b',
      '2,3,11,True,False,primary,50,111,c',
    ].join('\n'),
  );
  await cli('new', at('city.etalon'));
  await cli('import', 'roads', at('city.etalon'), at('edges.csv'), '--nodes', at('nodes.csv'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rows = Array.from(
  { length: 30 },
  (_, i) => `10,backward,2024-03-04 08:${String(2 * i).padStart(2, '0')},${20 + (i % 9)}`,
);

describe('import observations', () => {
  test('needs the time zone, and says which', async () => {
    const path = file('o.csv', `way_id,direction,time,speed\n${rows.join('\n')}\n`);
    const run = await cli('import', 'observations', at('city.etalon'), path);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('--time-zone Europe/Lisbon');
  });

  test('of ways and directions, with guessed columns, unit and interval', async () => {
    const path = file('o.csv', `way_id,direction,time,speed\n${rows.join('\n')}\n`);
    const run = await cli(
      'import',
      'observations',
      at('city.etalon'),
      path,
      '--time-zone',
      'Europe/Lisbon',
      '--json',
    );
    expect(run.events.at(-1)).toMatchObject({
      type: 'result',
      command: 'import observations',
      kept: { observations: 30, segments: 1 },
      // 20–28 where 50 km/h are allowed.
      mapping: { way: 'way_id', direction: 'direction', unit: 'mph', stepS: 120 },
      timeZone: 'Europe/Lisbon',
    });
    const info = await cli('info', at('city.etalon'));
    expect(info.stdout).toContain('30 of 1 segments from 2024-03-04 to 2024-03-04');
  });

  test('says the unit that it guessed, and that another source has the same hours', async () => {
    const run = await cli('import', 'observations', at('city.etalon'), at('o.csv'));
    expect(run.stdout).toContain(
      'Unit: mph, guessed by the speed limits of the roads; --unit says otherwise.',
    );
    expect(run.stdout).toContain('Hours that other sources observe, too: 1');
  });

  test('of a malformed line names file, line and remedy, and imports nothing', async () => {
    const before = await cli('info', at('city.etalon'), '--json');
    const path = file(
      'bad.jsonl',
      `${'{"segment":"a","time":"2024-03-04T08:00","speed":30}\n'.repeat(300)}{"segment":\n`,
    );
    const args = ['import', 'observations', at('city.etalon'), path, '--unit', 'km/h', '--step', '5min'];
    const run = await cli(...args, '--json');
    expect(run.code).toBe(1);
    expect(run.events.at(-1)).toMatchObject({
      type: 'error',
      code: 'input',
      where: { file: path, line: 301 },
      remedy: expect.stringContaining('Mend the line'),
    });
    const sources = (run: CliRun) => (run.events.at(-1)!.project as { sources: unknown[] }).sources;
    expect(sources(await cli('info', at('city.etalon'), '--json'))).toEqual(sources(before));

    const forPeople = await cli(...args);
    expect(forPeople.stderr).toContain(`${path}:301`);
    expect(forPeople.stderr).toContain('Or add --skip-malformed to leave it out.');
    const skipping = await cli(...args, '--skip-malformed', '--json');
    expect(skipping.events.at(-1)).toMatchObject({
      type: 'result',
      kept: { observations: 300 },
      dropped: [{ reason: 'malformed', count: 1, examples: [expect.stringContaining('bad.jsonl:301')] }],
    });
  });

  test.each([
    [['--step', 'soon'], 'Give a length of time'],
    [['--unit', 'knots'], 'Allowed choices are km/h, mph, m/s'],
    [['--map', 'speed=velocity'], 'no column “velocity”'],
    [['--map', 'sped=speed'], 'no field “sped”'],
  ])('refuses %s', async (more, message) => {
    const run = await cli('import', 'observations', at('city.etalon'), at('o.csv'), ...more);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(message);
  });
});

describe('import detectors', () => {
  const positions = () =>
    file('sensors.csv', 'sensor_id,latitude,longitude\nA,41.1505,-8.63\nB,41.1515,-8.6301\nC,41.2,-8.63\n');
  const matrix = () => file('matrix.csv', 'A,B,C\n50,48,45\n0,47,45\n');
  const settings = ['--unit', 'km/h', '--step', '5min', '--start', '2024-03-05T00:00'];

  test('asks for what it cannot know', async () => {
    const path = matrix();
    const run = (...more: string[]) => cli('import', 'detectors', at('city.etalon'), path, ...more);
    expect((await run()).stderr).toContain('--positions <file>');
    expect((await run('--positions', positions())).stderr).toContain('--start YYYY-MM-DDTHH:MM');
    expect((await run('--positions', positions(), '--start', '2024-03-05T00:00')).stderr).toContain(
      '--step 5min',
    );
  });

  test('puts sensors on the roads and leaves out those too far away', async () => {
    const run = await cli(
      'import',
      'detectors',
      at('city.etalon'),
      matrix(),
      '--positions',
      positions(),
      ...settings,
      '--json',
    );
    expect(run.events.at(-1)).toMatchObject({
      type: 'result',
      read: { sensors: 3 },
      kept: { sensors: 2, observations: 3 },
      dropped: expect.arrayContaining([expect.objectContaining({ reason: 'too-far', count: 1 })]),
    });
  });

  test('that fails without roads leaves no network behind', async () => {
    await cli('new', at('empty.etalon'));
    const path = file('broken.csv', 'A,B,C\n50,48,45\n50,oops,45\n');
    const run = await cli(
      ...['import', 'detectors', at('empty.etalon'), path, '--positions', positions(), ...settings],
      ...['--time-zone', 'Europe/Lisbon', '--json'],
    );
    expect(run.events.at(-1)).toMatchObject({ type: 'error', where: { file: path, line: 3, field: 'B' } });
    const info = await cli('info', at('empty.etalon'), '--json');
    expect(info.events.at(-1)).toMatchObject({
      project: { segments: 0, observations: 0, sources: [], timeZone: null },
    });
  });

  test.skipIf(!hasLosLoop)(
    'of los-loop makes the network of its sensors (skipped without the data)',
    async () => {
      await cli('new', at('los.etalon'));
      const run = await cli(
        ...[
          'import',
          'detectors',
          at('los.etalon'),
          losLoop.speeds,
          '--start',
          '2012-03-01T00:00',
          '--step',
          '5min',
        ],
        ...['--unit', 'mph', '--time-zone', 'America/Los_Angeles', '--json'],
      );
      expect(run.events.at(-1)).toMatchObject({ kept: { observations: 417_312, segments: 207 } });
      const info = await cli('info', at('los.etalon'), '--json');
      expect(info.events.at(-1)).toMatchObject({
        project: {
          segments: 207,
          turns: 2626,
          observations: 417_312,
          firstObservedDay: '2012-03-01',
          lastObservedDay: '2012-03-07',
        },
      });
    },
  );
});
