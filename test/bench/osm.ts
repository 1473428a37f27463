import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietContext, Random } from '../../core/base/index.ts';
import { readRoads } from '../../core/roads/index.ts';
import type { OsmVisitor } from '../../core/roads/osm/elements.ts';
import { openPbf } from '../../core/roads/osm/pbf.ts';
import { type TestCity, type TestNode, type TestWay, writePbfFile } from '../support/osmFiles.ts';
import { median } from './engine/median.ts';

/**
 * How fast and in how much memory OSM files are read. On a file of 2.5 million elements, a fifth of its nodes on
 * roads: our reader visiting every element, and a whole import (both passes, splitting, turns), each beside
 * `osmium fileinfo -e` in turns. Then how far the peak memory of an import grows on a file with the same roads and
 * four times the rest. `npm run bench:osm`; exit code 1 where a target is missed.
 */
const RUNS = 7;
const TARGET_PER_S = 3e6;
const TARGET_SHARE = 0.4;
const TARGET_GROWTH = 1.25;
const HOUSES = 420_000;
const ROADS = 300;
const STEPS = 3 * ROADS;
const SPACING_DEG = 0.001;
const SEED = 1;

if (process.argv[2] === '--peak') {
  await readRoads(process.argv[3]);
  console.log(process.resourceUsage().maxRSS / 1024);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-osm-'));
  try {
    process.exitCode = (await speed(folder)) && memory(folder) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function speed(folder: string): Promise<boolean> {
  const path = join(folder, 'one.osm.pbf');
  writePbfFile(path, city(HOUSES), { sorted: true });
  const megabytes = statSync(path).size / 2 ** 20;
  const elements = await visitAll(path);
  console.log(`${elements} elements in ${megabytes.toFixed(1)} MB (seed ${SEED})`);
  const hasOsmium = spawnSync('osmium', ['--version']).status === 0;
  if (!hasOsmium) console.log('osmium is not installed: left out.');

  const seconds = { visit: [] as number[], import: [] as number[], osmium: [] as number[] };
  await readRoads(path);
  for (let run = 0; run < RUNS; run++) {
    seconds.visit.push(await timed(() => visitAll(path)));
    seconds.import.push(await timed(() => readRoads(path)));
    if (hasOsmium) seconds.osmium.push(await timed(() => spawnSync('osmium', ['fileinfo', '-e', path])));
  }
  const rate = (times: number[]): number => elements / median(times);
  const line = (name: string, times: number[]): void =>
    console.log(
      `${name.padEnd(28)} ${median(times).toFixed(3)} s  ${(rate(times) / 1e6).toFixed(2)} M elements/s`,
    );
  line('every element visited', seconds.visit);
  line('whole import', seconds.import);
  if (!hasOsmium) return rate(seconds.visit) >= TARGET_PER_S;
  line('osmium fileinfo -e', seconds.osmium);
  const share = rate(seconds.visit) / rate(seconds.osmium);
  const importShare = rate(seconds.import) / rate(seconds.osmium);
  console.log(`of osmium's rate: visited ${share.toFixed(2)}, imported ${importShare.toFixed(2)}`);
  return rate(seconds.visit) >= TARGET_PER_S || share >= TARGET_SHARE;
}

/** Decodes all ids, coordinates and node lists, and the tags and members that an import of roads asks for. */
async function visitAll(path: string): Promise<number> {
  const source = await openPbf(path);
  const visitor: OsmVisitor = {
    nodeKeys: ['highway', 'barrier'],
    nodes() {},
    wayKeys: ['highway', 'building'],
    way() {},
    relationKeys: ['type'],
    relation() {},
  };
  const { nodes, ways, relations } = await source.read(visitor, 'Reading', quietContext);
  await source.close();
  return nodes + ways + relations;
}

function memory(folder: string): boolean {
  const peaks = [1, 4].map((factor) => {
    const path = join(folder, `times-${factor}.osm.pbf`);
    writePbfFile(path, city(factor * HOUSES), { sorted: true });
    const peaksMb = Array.from({ length: 3 }, () => {
      const child = spawnSync(process.execPath, [import.meta.filename, '--peak', path], { encoding: 'utf8' });
      return Number(child.stdout);
    });
    console.log(`${factor} × the houses: peak ${median(peaksMb).toFixed(0)} MB`);
    return median(peaksMb);
  });
  console.log(
    `peak memory grows by ${((peaks[1] / peaks[0] - 1) * 100).toFixed(0)} % with four times the rest`,
  );
  return peaks[1] / peaks[0] <= TARGET_GROWTH;
}

/** A grid of ROADS × ROADS crossings with two nodes between neighbours, and houses of four nodes each. */
function city(houses: number): TestCity {
  return { nodes: nodesOf(houses), ways: waysOf(houses) };
}

function point(x: number, y: number): number {
  return 1000 + 3 * (y * STEPS + x);
}

function* nodesOf(houses: number): Generator<TestNode> {
  const random = new Random(SEED);
  for (let y = 0; y < STEPS; y++)
    for (let x = 0; x < STEPS; x++) {
      if (x % 3 !== 0 && y % 3 !== 0) continue;
      const lon = 8 + (SPACING_DEG / 3) * (x + 0.2 * random.uniform());
      const lat = 49 + (SPACING_DEG / 3) * (y + 0.2 * random.uniform());
      const signal = x % 3 === 0 && y % 3 === 0 && random.uniform() < 0.02;
      yield { id: point(x, y), lon, lat, ...(signal && { tags: { highway: 'traffic_signals' } }) };
    }
  for (let house = 0; house < houses; house++) {
    const lon = 8 + SPACING_DEG * ((house % 1000) + random.uniform());
    const lat = 49 + SPACING_DEG * (Math.floor(house / 1000) + random.uniform());
    for (let corner = 0; corner < 4; corner++) {
      const id = 1e9 + 2 * (4 * house + corner);
      yield { id, lon: lon + 1e-4 * random.uniform(), lat: lat + 1e-4 * random.uniform() };
    }
  }
}

function* waysOf(houses: number): Generator<TestWay> {
  const line = Array.from({ length: STEPS }, (_, i) => i);
  for (let i = 0; i < ROADS; i++) {
    const tags = { highway: i % 10 === 0 ? 'primary' : 'residential', name: `Road ${i}`, maxspeed: '50' };
    yield { id: 10 + 2 * i, refs: line.map((x) => point(x, 3 * i)), tags };
    yield { id: 11 + 2 * i, refs: line.map((y) => point(3 * i, y)), tags };
  }
  for (let house = 0; house < houses; house++) {
    const first = 1e9 + 8 * house;
    const tags = { building: 'yes', 'addr:housenumber': `${house % 200}` };
    yield { id: 1e6 + house, refs: [first, first + 2, first + 4, first + 6, first], tags };
  }
}

async function timed(run: () => unknown): Promise<number> {
  const begin = performance.now();
  await run();
  return (performance.now() - begin) / 1000;
}
