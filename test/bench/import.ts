import { once } from 'node:events';
import { copyFileSync, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { Random } from '../../core/base/random.ts';
import type { RoadNetwork } from '../../core/roads/index.ts';
import { writeOsmnx } from '../support/importCsv.ts';
import { gridCity } from '../support/network.ts';
import { type CliRun, startCli } from '../support/runCli.ts';

/**
 * Imports generated files of two sizes, one twice as large as the other, each in a process of its own, and compares the
 * peaks of their memory: `npm run bench:import -- --size 5000 --kinds observations`. Exit code 1 where the larger one takes
 * over a quarter more, for then memory follows the file.
 */
const { values: options } = parseArgs({
  options: {
    /** Of the larger file, in MB. */
    size: { type: 'string', default: '300' },
    kinds: { type: 'string', default: 'observations,observations.jsonl.gz,trips' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const MAX_GROWTH = 1.25;
const CLI = join(import.meta.dirname, '../../cli/etalon.ts');
const FIRST_S = Date.UTC(2024, 2, 4) / 1000;
const WEEKS = 8;

const folder = mkdtempSync(join(options.folder, 'etalon-import-'));
try {
  const roads = gridCity({ rows: 60, columns: 60 });
  writeOsmnx(roads, join(folder, 'nodes.csv'), join(folder, 'edges.csv'));
  const project = join(folder, 'roads.etalon');
  await cli('new', project);
  await cli('import', 'roads', project, join(folder, 'edges.csv'), '--nodes', join(folder, 'nodes.csv'));
  for (const kind of options.kinds.split(',')) {
    const peaks: number[] = [];
    for (const megabytes of [Number(options.size) / 2, Number(options.size)])
      peaks.push(await measure(kind, megabytes, roads, project));
    const growth = peaks[1] / peaks[0];
    console.log(`${kind}: twice the file takes ${growth.toFixed(2)} times the memory\n`);
    if (growth > MAX_GROWTH) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Peak memory in MB of importing a file of that size (unzipped) into a copy of the project. */
async function measure(kind: string, megabytes: number, roads: RoadNetwork, empty: string): Promise<number> {
  const file = join(folder, `bench.${kind.includes('.') ? kind : `${kind}.csv`}`);
  const rows = await write(
    file,
    kind.startsWith('trips') ? tripRows(roads) : observationRows(roads, kind),
    megabytes,
  );
  const project = join(folder, 'bench.etalon');
  copyFileSync(empty, project);
  const options = kind.startsWith('trips') ? ['trips'] : ['observations'];
  const units = kind.startsWith('trips') ? [] : ['--unit', 'km/h', '--step', '5min'];
  const { events } = await cli('import', ...options, project, file, '--time-zone', 'UTC', ...units, '--json');
  const result = events.at(-1) as { seconds: number; cpuSeconds: number; peakRssMb: number };
  console.log(
    `${kind}, ${Math.round(statSync(file).size / 1e6)} MB, ${rows.toLocaleString('en')} rows: ` +
      `${result.seconds.toFixed(1)} s (${result.cpuSeconds.toFixed(1)} s of processor time), peak ${Math.round(result.peakRssMb)} MB, project ${Math.round(statSync(project).size / 1e6)} MB`,
  );
  for (const path of [file, project]) rmSync(path);
  return result.peakRssMb;
}

/** Writes rows until there are so many megabytes of them; returns how many. */
async function write(path: string, rows: Generator<string>, megabytes: number): Promise<number> {
  const out = createWriteStream(path);
  const into = path.endsWith('.gz') ? createGzip({ level: 1 }) : out;
  if (into !== out) into.pipe(out);
  let [bytes, count] = [0, -1];
  let block = '';
  while (bytes + block.length < megabytes * 1e6) {
    block += rows.next().value;
    count++;
    if (block.length < 1 << 16) continue;
    bytes += block.length;
    if (!into.write(block)) await once(into, 'drain');
    block = '';
  }
  into.end(block);
  await once(out, 'close');
  return count;
}

/** Segment after segment through all weeks: the order in which a chunk of the project holds least of a period. */
function* observationRows(roads: RoadNetwork, kind: string): Generator<string> {
  const random = new Random(1);
  const json = kind.includes('jsonl');
  yield json ? '' : 'segment,time,speed_kmh,count\n';
  for (let segment = 0; ; segment = (segment + 1) % roads.segmentCount)
    for (let hour = 0; hour < WEEKS * 7 * 24; hour += 1 + random.int(3)) {
      const time = new Date((FIRST_S + hour * 3600) * 1000).toISOString().slice(0, 19);
      const speed = (10 + 60 * random.uniform()).toFixed(1);
      const count = random.int(20);
      yield json
        ? `{"segment":"${roads.refs[segment]}","time":"${time}","speed_kmh":${speed},"count":${count}}\n`
        : `${roads.refs[segment]},${time},${speed},${count}\n`;
    }
}

/** Walks of 5 to 30 segments, a trip every two seconds. */
function* tripRows({ refs, lengthM, turnOffsets, turnTo, segmentCount }: RoadNetwork): Generator<string> {
  const random = new Random(2);
  yield 'trip_id,departure,travel_time,path\n';
  for (let trip = 1; ; trip++) {
    const path = [random.int(segmentCount)];
    for (let n = 5 + random.int(26); path.length < n; ) {
      const first = turnOffsets[path[path.length - 1]];
      path.push(turnTo[first + random.int(turnOffsets[path[path.length - 1] + 1] - first)]);
    }
    const seconds = path.reduce((sum, segment) => sum + lengthM[segment], 0) / (5 + 10 * random.uniform());
    const time = new Date((FIRST_S + 2 * trip) * 1000).toISOString().slice(0, 19);
    yield `${trip},${time},${seconds.toFixed(1)},${path.map((segment) => refs[segment]).join(' ')}\n`;
  }
}

async function cli(...args: string[]): Promise<CliRun> {
  const run = await startCli(args, { configFolder: join(folder, 'config'), entry: CLI }).ended;
  if (run.code === 0) return run;
  throw new Error(`etalon ${args.join(' ')} failed: ${run.stderr}${run.stdout.slice(-500)}`);
}
