/**
 * How far the peak memory of an import of GPS points grows with four times the points: CSV files of 1.2 and 4.8 million, of
 * vehicles that mostly stand, on a small grid city. `node test/bench/gpsMemory.ts`, at the end of `npm run
 * bench:matching`; exit code 1 where the target is missed.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietContext, Random } from '../../core/base/index.ts';
import { readGps } from '../../core/roads/index.ts';
import { driveAlong } from '../support/gps.ts';
import { gridCity } from '../support/network.ts';

const POINTS = 1_200_000;
const IN_TRACE = 400;
const TARGET_GROWTH = 1.25;

const city = gridCity({ rows: 10, columns: 10 });

if (process.argv[2] === '--peak') {
  const mapping = { trace: 'id', time: 'time', latitude: 'lat', longitude: 'lon' };
  const add = () => {};
  await readGps(process.argv[3], { mapping, timeZone: 'UTC', network: city, add, context: quietContext });
  console.log(process.resourceUsage().maxRSS / 1024);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-gps-'));
  try {
    const [one, four] = [1, 4].map((factor) => peakMb(join(folder, `times-${factor}.csv`), factor * POINTS));
    console.log(`peak memory grows by ${((four / one - 1) * 100).toFixed(0)} % with four times the points`);
    process.exitCode = four / one <= TARGET_GROWTH ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function peakMb(path: string, points: number): number {
  writePoints(path, points);
  const child = spawnSync(process.execPath, [import.meta.filename, '--peak', path], { encoding: 'utf8' });
  const megabytes = Number(child.stdout);
  console.log(`${points} points: peak ${megabytes.toFixed(0)} MB ${child.stderr}`);
  return megabytes;
}

/** One vehicle drives, so that there is a trip; all others stand at a crossing. */
function writePoints(path: string, points: number): void {
  const file = openSync(path, 'w');
  writeSync(file, 'id,time,lat,lon\n');
  const [street] = city.turnFrom;
  const { timeS, lon, lat } = driveAlong(
    city,
    [street, city.turnTo[0]],
    40,
    { everyS: 5, noiseM: 0, departS: 1.7e9 },
    new Random(1),
  );
  writeSync(file, Array.from(timeS, (t, i) => `drive,${t},${lat[i]},${lon[i]}\n`).join(''));
  for (let trace = 0; trace * IN_TRACE < points; trace++) {
    const [x, y] = city.junctionCoordinates.subarray(2 * (trace % city.junctionCount));
    const rows = Array.from({ length: IN_TRACE }, (_, k) => `vehicle-${trace},${1.7e9 + 10 * k},${y},${x}\n`);
    writeSync(file, rows.join(''));
  }
  closeSync(file);
}
