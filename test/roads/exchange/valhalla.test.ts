import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EtalonError, type Progress, quietContext } from '../../../core/base/index.ts';
import { readValhallaSpeeds } from '../../../core/roads/exchange/readValhalla.ts';
import { compressWeek, encodeCoefficients } from '../../../core/roads/exchange/speedCodec.ts';
import { graphEdgeText, parseGraphEdge, trafficFile } from '../../../core/roads/exchange/valhallaEdges.ts';
import { toSundayFirst, WEEK_BINS } from '../../../core/roads/exchange/weekBins.ts';
import { profileSource, sampledSource } from '../../../core/roads/exchange/weeklySpeeds.ts';
import { writeValhallaSpeeds } from '../../../core/roads/exchange/writeValhalla.ts';
import { inFolder, node, type ReadCity, readCity, way } from '../../support/osmCity.ts';

/** Way 7 runs 1–2–3 both ways and is cut at 2; 8 is driven against its drawing alone, from 5 to 2. */
const city = await readCity({
  nodes: [node(1, 0, 0), node(2, 1, 0), node(3, 3, 0), node(5, 1, 1)],
  ways: [way(7, [1, 2, 3]), way(8, [2, 5], { oneway: '-1' })],
});
const S = (ref: string) => city.segment(ref);

/** An edge as the 64-bit number of the format: level, tile, number within it. */
const edgeId = (level: number, tile: number, edge: number) => level + tile * 8 + edge * 2 ** 25;

const WAYS = `7,1,${edgeId(2, 700_123, 4)},0,${edgeId(2, 700_123, 5)}\n8,0,${edgeId(1, 47_701, 130)}\n99,1,12\n`;

const constant = (kmh: number) => encodeCoefficients(compressWeek(new Float32Array(WEEK_BINS).fill(kmh)));

function reading(csv: string | Record<string, string>, ways = WAYS, { network }: ReadCity = city) {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, 'way_edges.txt'), ways);
    const path = join(folder, typeof csv === 'string' ? 'traffic.csv' : 'traffic');
    for (const [name, text] of Object.entries(typeof csv === 'string' ? { '': csv } : csv)) {
      const file = name === '' ? path : join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return readValhallaSpeeds(path, join(folder, 'way_edges.txt'), network, quietContext);
  });
}

async function failure(work: Promise<unknown>): Promise<EtalonError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EtalonError);
  return error as EtalonError;
}

describe("Valhalla's edges", () => {
  it('are level, tile and number in 3, 22 and 21 bits', () => {
    expect(parseGraphEdge('1/47701/130')).toBe(edgeId(1, 47_701, 130));
    expect(graphEdgeText(edgeId(2, 700_123, 2_097_151))).toBe('2/700123/2097151');
    for (const wrong of ['8/1/1', '1/1', '1/4194304/1', '1/1/2097152', '1/-1/1', 'edge_id', ''])
      expect(parseGraphEdge(wrong), wrong).toBeUndefined();
  });

  it("have their rows in the files that Valhalla's own test of tile names expects", () => {
    const names: [level: number, tile: number, name: string][] = [
      [2, 2, '2/000/000/002'],
      [2, 4, '2/000/000/004'],
      [1, 64_799, '1/064/799'],
      [0, 49, '0/000/049'],
      [3, 1_000_000, '3/001/000/000'],
    ];
    for (const [level, tile, name] of names) expect(trafficFile(edgeId(level, tile, 3))).toBe(`${name}.csv`);
  });
});

describe('reading historical speeds', () => {
  it('gives every segment of a way and direction the speeds of its edge, with the week from Monday on', async () => {
    const sundaySlow = Float32Array.from(
      { length: WEEK_BINS },
      (_, bin) =>
        // Sunday first, as in the file: slow around Sunday noon, and around Monday noon a little.
        60 - 30 * Math.exp(-(((bin - 144) / 30) ** 2)) - 10 * Math.exp(-(((bin - 432) / 30) ** 2)),
    );
    const csv = [
      'edge_id,freeflow_speed,constrained_speed,historical_speeds',
      `2/700123/4,58,41,${encodeCoefficients(compressWeek(sundaySlow))}`,
      `2/700123/5,0,30`,
      `1/47701/130,20,18,${constant(19)}`,
      `2/700123/9,50,40,${constant(45)}`,
      `1/47701/130,20,18`,
    ].join('\n');
    const { profiles, report } = await reading(csv);
    expect(report).toMatchObject({
      format: 'Valhalla historical speeds',
      read: { edges: 5, edgesOfWays: 4 },
      kept: { edges: 3, segments: 5 },
      dropped: [
        { reason: 'unknown-edge', count: 1, examples: ['traffic.csv:5'] },
        { reason: 'duplicate-edge', count: 1, examples: ['traffic.csv:6'] },
      ],
    });
    const source = profileSource(profiles);
    for (const ref of ['7/1/2', '7/2/3']) {
      const speeds = source.of(S(ref))!;
      expect(speeds).toMatchObject({ freeFlowKmh: 58, constrainedKmh: 41 });
      expect(speeds.week![144]).toBeCloseTo(50, 0); // Monday noon
      expect(speeds.week![6 * 288 + 144]).toBeCloseTo(30, 0); // Sunday noon, the week's last day
      expect(speeds.week![3 * 288]).toBeCloseTo(60, 0);
    }
    for (const ref of ['7/3/2', '7/2/1'])
      expect(source.of(S(ref))).toEqual({ week: null, freeFlowKmh: 0, constrainedKmh: 30 });
    expect(source.of(S('8/5/2'))!.week![0]).toBeCloseTo(19, 1);
  });

  it('joins the edges of a way that differ to the speed at which all of them are driven', async () => {
    const ways = `7,1,${edgeId(0, 1, 1)},1,${edgeId(0, 1, 2)},1,${edgeId(0, 1, 3)}\n`;
    const csv = `0/1/1,30,0,${constant(30)}\n0/1/2,60,50,${constant(60)}\n0/1/3,60,0\n`;
    const { profiles, report } = await reading(csv, ways);
    const speeds = profileSource(profiles).of(S('7/1/2'))!;
    expect(speeds.week![1000]).toBeCloseTo(40, 1); // 2 / (1/30 + 1/60)
    expect(speeds.freeFlowKmh).toBeCloseTo(45, 4); // 3 / (1/30 + 2/60)
    expect(speeds.constrainedKmh).toBe(50);
    expect(report.notes).toEqual([expect.stringMatching(/different speeds.*: 1 \(way 7\)/)]);
  });

  it('takes the folder that Valhalla takes, gzip too', async () => {
    const { report } = await reading({
      '2/000/700/123.csv': `2/700123/4,50,40,${constant(44)}\n`,
      '1/047/701.csv': '1/47701/130,9,8\n',
    });
    expect(report.kept).toEqual({ edges: 2, segments: 3 });
    const zipped = await inFolder(async (folder) => {
      writeFileSync(join(folder, 'ways.txt.gz'), gzipSync(WAYS));
      writeFileSync(join(folder, 'a.csv.gz'), gzipSync('2/700123/4,50,40\r\n'));
      return readValhallaSpeeds(
        join(folder, 'a.csv.gz'),
        join(folder, 'ways.txt.gz'),
        city.network,
        quietContext,
      );
    });
    expect(zipped.report.kept).toEqual({ edges: 1, segments: 2 });
  });

  const good = '2/700123/4,50,40\n';
  it.each([
    ['an edge that is none', '2/700123,50,40', 'edge_id', /level\/tile\/id/],
    ['a speed that is none', '2/700123/5,fast,40', 'freeflow_speed', /whole km\/h/],
    ['a speed beyond a byte', '2/700123/5,50,300', 'constrained_speed', /0 .* 255/],
    ['too few fields', '2/700123/5,50', null, /historical_speeds/],
    ['too many fields', '2/700123/5,50,40,,1', null, /historical_speeds/],
    [
      'a code that is cut short',
      `2/700123/5,50,40,${constant(30).slice(0, 100)}`,
      'historical_speeds',
      /valhalla_get_compressed/,
    ],
    ['a code that is no base64', '2/700123/5,50,40,%%%%', 'historical_speeds', /leave the field empty/],
    ['a header in the middle', 'edge_id,freeflow_speed,constrained_speed', 'edge_id', /level\/tile\/id/],
  ])('stops at %s, naming file, line and remedy', async (_, row, field, remedy) => {
    const error = await failure(reading(`${good}${row}\n`));
    expect(error).toMatchObject({ code: 'input', where: { line: 2 } });
    expect(error.where!.field ?? null).toBe(field);
    expect(error.where!.file).toMatch(/traffic\.csv$/);
    expect(error.remedy).toMatch(remedy);
  });

  it.each([['7,1'], ['7,2,33554432'], ['way,1,5'], ['7,1,2,3'], ['7,1,99999999999999999']])(
    'stops at the line %j of the edges of ways',
    async (line) => {
      const error = await failure(reading(good, `8,0,12\n${line}\n`));
      expect(error).toMatchObject({ code: 'input', where: { line: 2 } });
      expect(error.where!.file).toMatch(/way_edges\.txt$/);
      expect(error.remedy).toMatch(/valhalla_ways_to_edges/);
    },
  );

  it('says when nothing fits, and when the roads know no ways', async () => {
    expect(await failure(reading('2/1/1,50,40\n'))).toMatchObject({
      code: 'input',
      message: expect.stringMatching(/None of the 1 edges/),
    });
    const anonymous = {
      ...city,
      network: { ...city.network, wayIds: new Float64Array(city.network.segmentCount) },
    };
    expect(await failure(reading(good, WAYS, anonymous))).toMatchObject({ code: 'conflict' });
    expect(await failure(reading({}))).toMatchObject({ code: 'not-found' });
  });
});

/** Reads rows by the format's description alone. */
function plainRows(
  text: string,
): { edge: string; free: number; constrained: number; speed(bin: number): number }[] {
  const [header, ...rows] = text.trimEnd().split('\n');
  expect(header).toBe('edge_id,freeflow_speed,constrained_speed,historical_speeds');
  return rows.map((row) => {
    const [edge, free, constrained, code] = row.split(',');
    const bytes = Buffer.from(code, 'base64');
    expect(bytes.length).toBe(400);
    return {
      edge,
      free: Number(free),
      constrained: Number(constrained),
      speed(bin) {
        let speed = bytes.readInt16BE(0) / Math.sqrt(2);
        for (let k = 1; k < 200; k++)
          speed += bytes.readInt16BE(2 * k) * Math.cos((Math.PI / 2016) * (bin + 0.5) * k);
        return speed * Math.sqrt(2 / 2016);
      },
    };
  });
}

describe('writing historical speeds', () => {
  const { segmentCount } = city.network;
  /** Hourly samples: segment s drives 30 + s at night, 10 less at noon on Wednesdays. */
  const hourly = sampledSource(
    {
      segmentCount,
      offsetS: 1800,
      stepS: 3600,
      speedsKmh: Float32Array.from({ length: 168 * segmentCount }, (_, i) => {
        const hour = Math.floor(i / segmentCount);
        return 30 + (i % segmentCount) - (hour === 2 * 24 + 12 ? 10 : 0);
      }),
    },
    'a test',
  );

  it('gives back by the format’s description what the source says, and by our reader too', async () => {
    await inFolder(async (folder) => {
      const waysPath = join(folder, 'way_edges.txt');
      writeFileSync(waysPath, WAYS);
      const out = join(folder, 'traffic.csv');
      const report = await writeValhallaSpeeds(out, waysPath, city.network, async () => hourly, quietContext);
      expect(report).toMatchObject({ format: 'valhalla', rows: 3, segments: 5, files: 1, source: 'a test' });
      expect(readdirSync(folder).sort()).toEqual(['traffic.csv', 'way_edges.txt']);
      // The dip's hour is 1 of 168: all but it, and the waves beside it, come back nearly exactly.
      const [, most, all] = /99 % .* within ([\d.]+) km\/h, and all within ([\d.]+)/
        .exec(report.notes[0])!
        .map(Number);
      expect(all).toBeGreaterThan(1);
      expect(all).toBeLessThan(1.4);
      expect(most).toBeLessThan(all);
      const text = readFileSync(out, 'utf8');
      expect(report.bytes).toBe(text.length);
      const rows = plainRows(text);
      expect(rows.map(({ edge }) => edge)).toEqual(['1/47701/130', '2/700123/4', '2/700123/5']);
      const [against] = rows;
      const asked = hourly.of(S('8/5/2'))!;
      expect(against.free).toBe(Math.round(asked.freeFlowKmh));
      expect(against.constrained).toBe(Math.round(asked.constrainedKmh));
      const sunday = toSundayFirst(asked.week!);
      for (let bin = 0; bin < WEEK_BINS; bin += 7)
        expect(Math.abs(against.speed(bin) - sunday[bin])).toBeLessThan(1.4); // A dip of two hours, cut at 200 terms.
      // The way's two segments in one row: their lengths over their times.
      const [one, two] = ['7/1/2', '7/2/3'].map((ref) => hourly.of(S(ref))!.week![0]);
      const [a, b] = ['7/1/2', '7/2/3'].map((ref) => city.network.lengthM[S(ref)]);
      expect(rows[1].speed(288)).toBeCloseTo((a + b) / (a / one + b / two), 1);

      const again = await readValhallaSpeeds(out, waysPath, city.network, quietContext);
      const back = profileSource(again.profiles).of(S('8/5/2'))!;
      for (let bin = 0; bin < WEEK_BINS; bin++)
        expect(Math.abs(back.week![bin] - asked.week![bin])).toBeLessThan(1.4);
    });
  });

  it('writes imported speeds out as they came in, to the letter', async () => {
    const lines = [
      'edge_id,freeflow_speed,constrained_speed,historical_speeds',
      `1/47701/130,20,18,${constant(19)}`,
      `2/700123/4,58,41,${constant(44)}`,
      '2/700123/5,0,30,',
    ];
    const { profiles } = await reading(lines.join('\n'));
    await inFolder(async (folder) => {
      writeFileSync(join(folder, 'w.txt'), WAYS);
      const out = join(folder, 'out.csv');
      await writeValhallaSpeeds(
        out,
        join(folder, 'w.txt'),
        city.network,
        async () => profileSource(profiles),
        quietContext,
      );
      expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toEqual(lines);
    });
  });

  it('writes a folder of files by tile, whole or not at all', async () => {
    await inFolder(async (folder) => {
      const waysPath = join(folder, 'way_edges.txt');
      writeFileSync(waysPath, WAYS);
      const out = join(folder, 'traffic');
      const report = await writeValhallaSpeeds(out, waysPath, city.network, async () => hourly, quietContext);
      expect(report).toMatchObject({ files: 2, rows: 3 });
      expect(plainRows(readFileSync(join(out, '2/000/700/123.csv'), 'utf8'))).toHaveLength(2);
      expect(plainRows(readFileSync(join(out, '1/047/701.csv'), 'utf8'))).toHaveLength(1);
      const again = await readValhallaSpeeds(out, waysPath, city.network, quietContext);
      expect(again.report.kept).toEqual({ edges: 3, segments: 5 });
      expect(
        await failure(writeValhallaSpeeds(out, waysPath, city.network, async () => hourly, quietContext)),
      ).toMatchObject({
        code: 'conflict',
        where: { file: out },
      });

      const cancelling = new AbortController();
      const other = join(folder, 'other');
      // Cancelled while the first tile is written: the second finds it out.
      const context = {
        signal: cancelling.signal,
        report: ({ stage }: Progress) => {
          if (stage === 'Writing edges') setImmediate(() => cancelling.abort());
        },
      };
      expect(
        await failure(writeValhallaSpeeds(other, waysPath, city.network, async () => hourly, context)),
      ).toMatchObject({ code: 'cancelled' });
      expect(existsSync(other)).toBe(false);
      expect(existsSync(`${other}.part`)).toBe(false);
    });
  });

  it('refuses tiles of another place, before it asks for speeds', async () => {
    const unasked = () => Promise.reject(new Error('asked'));
    await inFolder(async (folder) => {
      writeFileSync(join(folder, 'w.txt'), '99,1,12\n');
      const out = join(folder, 'out.csv');
      expect(
        await failure(writeValhallaSpeeds(out, join(folder, 'w.txt'), city.network, unasked, quietContext)),
      ).toMatchObject({ code: 'conflict' });
      expect(readdirSync(folder)).toEqual(['w.txt']);
    });
  });
});
