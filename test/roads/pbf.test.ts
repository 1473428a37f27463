import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EtalonError, Random } from '../../core/base/index.ts';
import { readRoads } from '../../core/roads/index.ts';
import type { NodeBatch } from '../../core/roads/osm/elements.ts';
import { openPbf } from '../../core/roads/osm/pbf.ts';
import { inFolder, readText, restriction } from '../support/osmCity.ts';
import { type PbfOptions, type TestCity, type TestNode, toXml, writePbfFile } from '../support/osmFiles.ts';

const hasOsmium = spawnSync('osmium', ['--version']).status === 0;

/** A town with everything that the reader looks at, large enough for several blocks. */
function town(seed: number): TestCity {
  const random = new Random(seed);
  const nodes: TestNode[] = [];
  for (let id = 1; id <= 900; id++) {
    const tags =
      id % 17 === 0 ? { highway: 'traffic_signals' } : id % 41 === 0 ? { barrier: 'bollard' } : undefined;
    // Ids beyond 32 bits, as OSM's are; both hemispheres.
    nodes.push({
      id: id * 10_000_000_019,
      lon: Math.round((random.uniform() - 0.5) * 1e6) / 1e7,
      lat: Math.round((random.uniform() - 0.5) * 1e6) / 1e7,
      ...(tags && { tags }),
    });
  }
  const kinds = ['primary', 'residential', 'footway', 'motorway', 'service'];
  const ways = Array.from({ length: 400 }, (_, i) => ({
    id: 5_000_000_000 + i,
    refs: Array.from({ length: 2 + random.int(5) }, () => nodes[random.int(nodes.length)].id),
    tags:
      i % 7 === 0
        ? { building: 'yes' }
        : { highway: kinds[random.int(kinds.length)], name: `Straße ${i % 30}` },
  }));
  const relations = Array.from({ length: 60 }, (_, i) => {
    const from = ways[random.int(400)];
    const via = from.refs[random.int(from.refs.length)];
    const met = ways.filter((way) => way !== from && way.refs.includes(via));
    const to = met.length > 0 ? met[random.int(met.length)] : from;
    return restriction(i + 1, ['no_left_turn', 'only_straight_on', 'no_u_turn'][i % 3], [
      from.id,
      via,
      to.id,
    ]);
  });
  return { nodes, ways, relations };
}

const city = town(1);
const oracle = await readText('town.osm', toXml(city));

function readPbf(options: PbfOptions) {
  return inFolder((folder) => {
    const path = join(folder, 'town.osm.pbf');
    writePbfFile(path, city, { blockSize: 128, ...options });
    return readRoads(path);
  });
}

async function failure(run: Promise<unknown>): Promise<EtalonError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EtalonError);
  return error as EtalonError;
}

describe('one town in every form of the format', () => {
  it('is worth comparing', () => {
    expect(oracle.network.segmentCount).toBeGreaterThan(500);
    expect(oracle.report.kept.restrictions).toBeGreaterThan(5);
    expect(oracle.network.flags.some((flags) => flags & 16)).toBe(true);
  });

  it.each<[string, PbfOptions]>([
    ['dense nodes, zlib', {}],
    ['one block of each kind', { blockSize: 10_000 }],
    ['plain nodes', { dense: false }],
    ['uncompressed', { compression: 'none' }],
    ['zstd', { compression: 'zstd' }],
    ['sorted', { sorted: true }],
    ['sorted, one block of each kind', { sorted: true, blockSize: 10_000 }],
    ['granularity and offsets', { granularity: 50, latOffset: 12_345_600, lonOffset: 700 }],
    ['relations and ways first', { order: ['relations', 'ways', 'nodes'] }],
  ])('%s', async (_, options) => {
    const { network, report } = await readPbf(options);
    expect(network).toEqual(oracle.network);
    expect(report.read).toEqual({ nodes: 900, ways: 400, relations: 60 });
    expect({ kept: report.kept, dropped: report.dropped, notes: report.notes }).toEqual({
      kept: oracle.report.kept,
      dropped: oracle.report.dropped,
      notes: oracle.report.notes,
    });
  });

  it('XML in gzip', async () => {
    expect((await readText('town.osm.gz', gzipSync(toXml(city)))).network).toEqual(oracle.network);
  });

  it.skipIf(!hasOsmium)('as osmium writes it (skipped without osmium)', async () => {
    await inFolder(async (folder) => {
      const xml = join(folder, 'town.osm');
      const pbf = join(folder, 'town.osm.pbf');
      writeFileSync(xml, toXml(city));
      execFileSync('osmium', ['cat', xml, '-o', pbf]);
      expect((await readRoads(pbf)).network).toEqual(oracle.network);
    });
  });

  it('delivers ids and coordinates exactly', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'town.osm.pbf');
      writePbfFile(path, city, { blockSize: 128 });
      const source = await openPbf(path);
      const seen: TestNode[] = [];
      const context = { signal: new AbortController().signal, report() {} };
      const take = ({ count, ids, lons, lats }: NodeBatch): void => {
        for (let i = 0; i < count; i++) seen.push({ id: ids[i], lon: lons[i], lat: lats[i] });
      };
      await source.read({ nodes: take }, 'Reading', context);
      await source.close();
      expect(seen).toEqual(Array.from(city.nodes, ({ id, lon, lat }) => ({ id, lon, lat })));
    });
  });
});

describe('what cannot be read is refused by name', () => {
  it('history files', async () => {
    const error = await failure(readPbf({ requiredFeatures: ['OsmSchema-V0.6', 'HistoricalInformation'] }));
    expect(error.message).toContain('history');
    expect(error.remedy).toContain('time-filter');
    expect(error.where?.file).toMatch(/town\.osm\.pbf$/);
  });

  it('unknown features and compressions', async () => {
    expect((await failure(readPbf({ requiredFeatures: ['Teleportation'] }))).message).toContain(
      'Teleportation',
    );
    expect((await failure(readPbf({ compression: 'lzma' }))).message).toContain('lzma');
  });

  it('a file that says it is sorted and is not', async () => {
    for (const order of [
      ['ways', 'nodes'],
      ['nodes', 'relations', 'ways'],
      ['relations', 'ways', 'nodes'],
    ] as const) {
      const error = await failure(readPbf({ sorted: true, order }));
      expect(error.message).toContain('sorted');
    }
  });

  it('a file cut short, wherever it was cut', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'town.osm.pbf');
      writePbfFile(path, city, { blockSize: 400 });
      const whole = readFileSync(path);
      const random = new Random(3);
      // Cut at a border of blocks, a file is whole as far as the format goes.
      const borders = new Set(blobBorders(whole));
      const cuts = [
        1,
        3,
        4,
        10,
        40,
        whole.length - 1,
        ...Array.from({ length: 60 }, () => random.int(whole.length)),
      ];
      for (const cut of cuts) {
        if (borders.has(cut)) continue;
        writeFileSync(path, whole.subarray(0, cut));
        const error = await failure(readRoads(path));
        expect(error.code).toBe('input');
        expect(error.where?.file).toBe(path);
        expect(error.message).toMatch(/ends in the middle|damaged|empty/);
      }
    });
  });

  it('damaged bytes give a named error, or a network without broken rows', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'town.osm.pbf');
      writePbfFile(path, city, { blockSize: 400, compression: 'none' });
      const whole = readFileSync(path);
      const random = new Random(4);
      let refused = 0;
      for (let i = 0; i < 150; i++) {
        const damaged = Buffer.from(whole);
        damaged[random.int(whole.length)] = random.int(256);
        writeFileSync(path, damaged);
        const result = await readRoads(path).catch((error: unknown) => error);
        if (result instanceof Error) {
          expect(result).toBeInstanceOf(EtalonError);
          expect((result as EtalonError).code).toBe('input');
          refused++;
        } else {
          const { network } = result as Awaited<ReturnType<typeof readRoads>>;
          expect(network.coordinates.every((degrees, i) => Math.abs(degrees) <= (i % 2 ? 90 : 180))).toBe(
            true,
          );
          expect(network.lengthM.every((length) => length > 0)).toBe(true);
        }
      }
      expect(refused).toBeGreaterThan(10);
    });
  });

  it('a compressed block whose content changed', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'town.osm.pbf');
      writePbfFile(path, city);
      const bytes = readFileSync(path);
      bytes.fill(0, bytes.length - 60, bytes.length - 40);
      writeFileSync(path, bytes);
      const error = await failure(readRoads(path));
      expect(error.message).toMatch(/block at byte \d+ is damaged/);
      expect(error.remedy).toBeTruthy();
    });
  });
});

it('stops when it is cancelled', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'town.osm.pbf');
    writePbfFile(path, city, { blockSize: 64 });
    const abort = new AbortController();
    const context = { signal: abort.signal, report: () => abort.abort() };
    expect((await failure(readRoads(path, { context }))).code).toBe('cancelled');
  });
});

/** Where blocks begin, from the lengths in the file. */
function blobBorders(bytes: Buffer): number[] {
  const borders = [0];
  for (let at = 0; at < bytes.length; ) {
    const headerSize = bytes.readUInt32BE(at);
    const header = bytes.subarray(at + 4, at + 4 + headerSize);
    // The header ends with field 3 (0x18) and the block's size as a varint.
    const sizeAt = header.lastIndexOf(0x18) + 1;
    let size = 0;
    for (let i = sizeAt; i < header.length; i++) size += (header[i] & 0x7f) * 128 ** (i - sizeAt);
    at += 4 + headerSize + size;
    borders.push(at);
  }
  return borders;
}
