/**
 * How well and how fast GPS points are matched to roads. Porto's taxi trips are driven again, each at its mean speed, with
 * a point every 15 s and on arrival, off by normal noise of 10 m on each axis (seeded). They are matched on one thread
 * with σ and β estimated from the first traces, as an import does. `npm run bench:matching`; exit code 1 where a target
 * is missed. `--every n` takes every nth trip only.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quietContext, randomStream } from '../../core/base/index.ts';
import {
  estimateNoise,
  MapMatcher,
  QualityTally,
  readRoads,
  SegmentIndex,
  type TripSet,
} from '../../core/roads/index.ts';
import { agreement } from '../support/agreement.ts';
import { collectTrips } from '../support/collectTrips.ts';
import { driveAlong } from '../support/gps.ts';
import { hasPorto, portoFolder, portoTrips } from '../support/porto.ts';

const EVERY_S = 15;
const NOISE_M = 10;
const SEED = 1;
const CALIBRATION_TRACES = 500;
const TARGET_SHARE = 0.97;
const TARGET_POINTS_PER_S = 2000;

if (!hasPorto) {
  console.log(`Left out: ${portoFolder} is missing.`);
  process.exit(0);
}
const { values } = parseArgs({ options: { every: { type: 'string', default: '1' } } });
const { network } = await readRoads(join(portoFolder, 'edges.csv'));
const random = randomStream(SEED);
const drives = [];
for (const file of [portoTrips.a, portoTrips.b]) {
  const trips = await tripsOf(file);
  for (let trip = 0; trip < trips.count; trip += Number(values.every)) {
    const segments = trips.segments.subarray(trips.offsets[trip], trips.offsets[trip + 1]);
    const options = { everyS: EVERY_S, noiseM: NOISE_M, departS: trips.departS[trip] };
    drives.push({ segments, points: driveAlong(network, segments, trips.totalS[trip], options, random) });
  }
}
const pointCount = drives.reduce((sum, { points }) => sum + points.timeS.length, 0);
console.log(`${drives.length} trips, ${pointCount} points, seed ${SEED}`);

const index = SegmentIndex.build(network);
const first = new MapMatcher(network, {}, index);
const noise = estimateNoise(drives.slice(0, CALIBRATION_TRACES).map(({ points }) => first.match(points)));
const matcher = new MapMatcher(network, noise, index);
console.log(`σ = ${matcher.settings.sigmaM.toFixed(2)} m, β = ${matcher.settings.betaM.toFixed(2)} m`);

const begin = performance.now();
const matches = drives.map(({ points }) => matcher.match(points));
const seconds = (performance.now() - begin) / 1000;

const tally = new QualityTally();
let [drivenM, matchedM, commonM] = [0, 0, 0];
drives.forEach(({ segments }, i) => {
  const agreed = agreement(network, segments, matches[i].paths);
  drivenM += agreed.drivenM;
  matchedM += agreed.matchedM;
  commonM += agreed.commonM;
  tally.add(matches[i]);
});
const quality = tally.figures();
const share = commonM / drivenM;
const rate = pointCount / seconds;
const percent = (value: number) => `${(100 * value).toFixed(2)} %`;
console.log(`driven length given back       ${percent(share)} (at least ${percent(TARGET_SHARE)})`);
console.log(`matched length that was driven ${percent(commonM / matchedM)}`);
// Newson & Krumm 2009: length wrongly left out and wrongly added, over the length that was driven.
console.log(`route mismatch fraction        ${((drivenM + matchedM - 2 * commonM) / drivenM).toFixed(4)}`);
console.log(
  `points matched ${percent(quality.matchedShare)}, outliers ${quality.outliers}, breaks ${quality.breaks}, mean confidence ${quality.confidence.toFixed(3)}`,
);
console.log(`${Math.round(rate)} points a second on one thread (at least ${TARGET_POINTS_PER_S})`);
process.exitCode = share >= TARGET_SHARE && rate >= TARGET_POINTS_PER_S ? 0 : 1;

async function tripsOf(path: string): Promise<TripSet> {
  const mapping = {
    id: 'trip_id',
    dayOfYear: 'day_of_year',
    minuteOfDay: 'minute_of_day',
    year: 2014,
    totalSeconds: 'travel_time_s',
    segments: 'edge_fids',
  };
  return (await collectTrips(path, { mapping, timeZone: 'Europe/Lisbon', network, context: quietContext }))
    .trips;
}
