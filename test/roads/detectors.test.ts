import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EtalonError, quietContext } from '../../core/base/index.ts';
import type { RoadNetwork } from '../../core/roads/network.ts';
import { type PartialObservationMapping, readSensorNetwork } from '../../core/roads/observationFile.ts';
import { completeObservationMapping } from '../../core/roads/observationImport/mapping.ts';
import { previewObservations } from '../../core/roads/observationPreview.ts';
import { collectObservations } from '../support/collectObservations.ts';
import { hasLosLoop, losLoop } from '../support/losLoop.ts';
import { distanceM, gridCity } from '../support/network.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-detectors-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function rejection(promise: Promise<unknown>): Promise<EtalonError> {
  const error = await promise.then(
    () => new Error('Nothing was thrown.'),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(EtalonError);
  return error as EtalonError;
}

const utcS = (text: string) => Date.parse(`${text}Z`) / 1000;
// Blocks of 100 m at [8.68, 49.4]; a millidegree of latitude is 111 m.
const street = gridCity({ rows: 1, columns: 5 });
const [lon0, lat] = street.junctionCoordinates;
const lonOf = (junction: number) => street.junctionCoordinates[2 * junction];
const middle = (a: number, b: number) => (lonOf(a) + lonOf(b)) / 2;
const positions = (more = '') =>
  file(
    'positions.csv',
    `sensor_id,latitude,longitude\nA,${lat + 0.0001},${middle(0, 1)}\nB,${lat},${middle(2, 3)}\nfar,${lat + 0.1},${lon0}\n${more}`,
  );
const matrix = 'A,B,far,odd\n50,60,40,1\n0,61,40,1\n52,,40,1\n';

function mappingOf(more: PartialObservationMapping = {}): PartialObservationMapping {
  return {
    layout: 'detectors',
    positions: positions(),
    start: '2024-03-31T01:50',
    stepS: 300,
    unit: 'km/h',
    ...more,
  };
}

function read(
  path: string,
  mapping: PartialObservationMapping,
  { network = street, skipMalformed = false }: { network?: RoadNetwork; skipMalformed?: boolean } = {},
) {
  return collectObservations(path, {
    mapping,
    timeZone: 'Europe/Berlin',
    network,
    skipMalformed,
    context: quietContext,
  });
}

describe('a matrix of detectors', () => {
  it('gives each sensor’s segment the speeds above 0, in steps that pass over a change of the clocks', async () => {
    const { observations, report } = await read(file('m.csv', matrix), mappingOf());
    const [a, b] = [street.refs.indexOf('0>1'), street.refs.indexOf('2>3')];
    const start = utcS('2024-03-31T00:50:00');
    expect([...observations.segment]).toEqual([a, b, b, a]);
    expect([...observations.speedKmh]).toEqual([50, 60, 61, 52]);
    expect([...observations.startS]).toEqual([start, start, start + 300, start + 600]);
    // 01:50, 01:55, and then it is 03:00.
    expect(observations.localStartS[3]).toBe(utcS('2024-03-31T03:00:00'));
    expect([...observations.durationS]).toEqual([300, 300, 300, 300]);
    expect(report.read).toMatchObject({ rows: 3, values: 6, sensors: 3 });
    expect(report.kept).toMatchObject({ observations: 4, segments: 2, sensors: 2 });
    expect(report.dropped).toMatchObject([
      { reason: 'missing', count: 2 },
      { reason: 'too-far', count: 1, examples: [expect.stringContaining('sensor far')] },
      { reason: 'unknown-sensor', count: 1, examples: ['column "odd"'] },
    ]);
    expect(report.notes[0]).toMatch(/2 of them, \d+ m away in the median, 11 m at most/);
  });

  it('may have times of its own', async () => {
    const path = file(
      'm.csv',
      ',A,B\n2024-03-04 08:00,50,60\n2024-03-04 08:10,51,61\nnever,52,62\n2024-03-04 08:20,53,63\n',
    );
    const mapping = mappingOf({ time: 'column 1', start: null });
    expect(await rejection(read(path, mapping))).toMatchObject({
      where: { file: path, line: 4, field: 'column 1' },
    });
    const { observations, report } = await read(path, mapping, { skipMalformed: true });
    expect(observations.count).toBe(6);
    expect(observations.localStartS[2]).toBe(utcS('2024-03-04T08:10:00'));
    expect(report.dropped).toMatchObject([
      {
        reason: 'malformed',
        count: 1,
        examples: ['m.csv:4: column 1: "never" is no date and time'],
      },
    ]);
  });

  it('names a value that is none, by file, line and column', async () => {
    const path = file('m.csv', 'A,B\n50,60\n51,quick\n');
    const error = await rejection(read(path, mappingOf()));
    expect(error).toMatchObject({ code: 'input', where: { file: path, line: 3, field: 'B' } });
    expect(error.message).toContain('"quick"');
    expect(error.remedy).toContain('leave it empty');
  });

  it('names a row of another length', async () => {
    const path = file('m.csv', 'A,B\n50,60\n51\n');
    expect(await rejection(read(path, mappingOf()))).toMatchObject({
      code: 'input',
      where: { file: path, line: 3 },
    });
  });

  it('in another unit than said is refused when most of it is too fast', async () => {
    const error = await rejection(read(file('m.csv', 'A,B\n90,95\n80,60\n'), mappingOf({ unit: 'm/s' })));
    expect(error.message).toContain('3 of 4 values');
    expect(error.remedy).toContain('unit');
  });

  it.each([
    ['sensor_id,latitude\nA,1\n', 1, 'no column longitude'],
    ['sensor_id,latitude,longitude\nA,49.4,8.6\nB,490,8\n', 3, '"490"'],
    ['sensor_id,latitude,longitude\nA,49.4,8.6\nA,49,8\n', 3, 'twice'],
    ['sensor_id,latitude,longitude\nA,49.4\n', 2, '2 fields instead of 3'],
  ])('needs positions that can be read: %#', async (content, line, message) => {
    const path = file('p.csv', content);
    const error = await rejection(read(file('m.csv', matrix), mappingOf({ positions: path })));
    expect(error).toMatchObject({ code: 'input', where: { file: path, line } });
    expect(error.message).toContain(message);
  });

  it('whose names are unknown, or whose sensors are all far from the roads, is refused', async () => {
    const named = await rejection(read(file('m.csv', 'X,Y\n50,60\n'), mappingOf()));
    expect(named.message).toContain('No column bears the name');
    expect(named.remedy).toContain('X, Y');
    const far = await rejection(read(file('m.csv', 'far\n50\n'), mappingOf()));
    expect(far.message).toContain('within 50 m');
  });

  it('is previewed with its sensors and guessed unit', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => `${30 + (i % 8)},${31 + (i % 8)},40,1`).join('\n');
    const preview = await previewObservations(file('m.csv', `A,B,far,odd\n${rows}\n`), {
      network: street,
      mapping: { layout: 'detectors', positions: positions(), start: '2024-03-04T00:00' },
    });
    expect(preview.missing).toEqual(['stepS']);
    expect(preview.sensors).toMatchObject({
      sensors: 3,
      matched: 2,
      leftOut: ['far'],
      unknownColumns: ['odd'],
    });
    // The street's limit is 60 km/h.
    expect(preview).toMatchObject({ unitFrom: 'limits', suggested: { unit: 'mph' }, medianLimitKmh: 60 });
    expect(preview.speedsKmh).toHaveLength(100);
  });
});

describe('a table without a word on its layout', () => {
  it('is a matrix where it has many columns of numbers, and rows of segments where their columns are named', async () => {
    const names = Array.from({ length: 9 }, (_, i) => `s${i}`);
    const wide = await previewObservations(file('w.csv', `${names}\n${names.map((_, i) => 40 + i)}\n`), {});
    expect(wide.suggested.layout).toBe('detectors');
    const more = ['segment', 'speed', ...names];
    const rows = await previewObservations(file('r.csv', `${more}\n${more.map((_, i) => 40 + i)}\n`), {});
    expect(rows.suggested.layout).toBe('segments');
  });

  it('does not take a file of other sensors that lies beside it, unless told to', async () => {
    const other = file('sensor_locations.csv', 'sensor_id,latitude,longitude\nZ,49,8\n');
    const path = file('m.csv', matrix);
    const preview = await previewObservations(path, { mapping: { layout: 'detectors' } });
    expect(preview.suggested.positions).toBeNull();
    expect(preview.missing).toContain('positions');
    const told = previewObservations(path, { mapping: { layout: 'detectors', positions: other } });
    expect((await rejection(told)).message).toContain('No column bears the name');
  });
});

describe('a sensor network', () => {
  const adjacency = (text: string) => file('adj.csv', text);
  const network = (mapping: PartialObservationMapping, text = 'A,B,far\n50,60,40\n') => {
    const path = file('m.csv', text);
    return readSensorNetwork(
      path,
      completeObservationMapping(mappingOf(mapping), text.split('\n')[0].split(',')),
      false,
    );
  };

  it('has a segment for each sensor and a turn for each weight off the diagonal', async () => {
    const { network: net, report } = await network({
      adjacency: adjacency('1,0.5,0\n0.25,1,0\n0,0.125,1\n'),
    });
    expect(net.refs).toEqual(['A', 'B', 'far']);
    expect([...net.turnFrom]).toEqual([0, 1, 2]);
    expect([...net.turnTo]).toEqual([1, 0, 1]);
    expect([...net.turnWeight!]).toEqual([0.5, 0.25, 0.125]);
    expect([...net.turnOffsets]).toEqual([0, 1, 2, 3]);
    const apart = distanceM([middle(0, 1), lat + 0.0001], [middle(2, 3), lat]);
    expect(net.lengthM[0] / apart).toBeCloseTo(1, 2);
    expect(net.lengthM[2]).toBe(2000);
    // Drawn through the sensor, 100 m long at most, towards the next one (east).
    const [west, south, east, north] = net.coordinates;
    expect((west + east) / 2).toBeCloseTo(middle(0, 1), 6);
    expect((south + north) / 2).toBeCloseTo(lat + 0.0001, 6);
    expect(east).toBeGreaterThan(west);
    expect(distanceM([west, south], [east, north])).toBeLessThan(101);
    expect(report.notes.join()).toContain('each sensor is a segment');
  });

  it('takes a matrix with names in their order, and one of all positions', async () => {
    const named = await network({ adjacency: adjacency(',B,A,far\nB,1,0.25,0\nA,0.5,1,0\nfar,0.125,0,1\n') });
    expect([...named.network.turnWeight!]).toEqual([0.5, 0.25, 0.125]);
    const part = await network({ adjacency: adjacency('1 0 0\n0 1 0.5\n0 0 1\n') }, 'far,B\n1,2\n');
    expect(part.network.refs).toEqual(['far', 'B']);
    expect([...part.network.turnFrom]).toEqual([1]);
    expect([...part.network.turnWeight!]).toEqual([0.5]);
  });

  it('has no turns without a matrix', async () => {
    const { network: net, report } = await network({});
    expect(net.turnCount).toBe(0);
    expect(report.notes.join()).toContain('no turns');
  });

  it.each([
    ['1,0,0\n0,1\n0,0,1\n', 2, '2 values instead of 3'],
    ['1,0,0\n0,1,0\n', 2, '2 rows'],
    ['1,0,0\n0,1,x\n0,0,1\n', 2, '"x"'],
    ['1,0\n0,1\n', 1, '2 sensors'],
  ])('names what is wrong with a matrix: %#', async (text, line, message) => {
    const error = await rejection(network({ adjacency: adjacency(text) }));
    expect(error).toMatchObject({ code: 'input', where: { file: join(folder, 'adj.csv'), line } });
    expect(error.message).toContain(message);
    expect(error.remedy).toBeTruthy();
  });

  it('matches its sensors by their names, however near they are', async () => {
    const same = file('same.csv', 'sensor_id,latitude,longitude\nA,49.4,8.68\nB,49.4,8.68\n');
    const { network: net } = await network({ positions: same }, 'A,B\n50,60\n');
    const { observations, report } = await read(
      file('m.csv', 'B,A\n60,50\n'),
      mappingOf({ positions: same }),
      { network: net },
    );
    expect([...observations.segment]).toEqual([1, 0]);
    expect(report.notes).toEqual([]);
  });
});

describe.skipIf(!hasLosLoop)('los-loop (skipped where ../shared/data/los-loop is missing)', () => {
  it('imports: sensors become segments, the matrix turns, mph km/h', async () => {
    const preview = await previewObservations(losLoop.speeds, {
      mapping: { layout: 'detectors', start: '2012-03-01T00:00', stepS: 300 },
      timeZone: 'America/Los_Angeles',
    });
    expect(preview.missing).toEqual([]);
    expect(preview.suggested).toMatchObject({
      positions: losLoop.positions,
      adjacency: losLoop.adjacency,
      unit: 'mph',
      time: null,
    });
    const mapping = completeObservationMapping(
      preview.suggested,
      preview.columns.map(({ name }) => name),
    );
    const { network } = await readSensorNetwork(losLoop.speeds, mapping, false);
    expect(network.segmentCount).toBe(207);
    // Counted in the file by another program: 2,833 weights, 207 of them on the diagonal.
    expect(network.turnCount).toBe(2626);
    const { observations, report } = await collectObservations(losLoop.speeds, {
      mapping,
      timeZone: 'America/Los_Angeles',
      network,
      context: quietContext,
    });
    expect(report.read).toMatchObject({ rows: 2016, values: 2016 * 207 });
    const mean = observations.speedKmh.reduce((sum, kmh) => sum + kmh, 0) / observations.count;
    // Of the file's values over 0, computed by another program.
    expect(mean).toBeCloseTo(94.7766, 2);
    expect(observations.count).toBe(417_312);
    expect(observations.localStartS[0]).toBe(utcS('2012-03-01T00:00:00'));
  });
});
