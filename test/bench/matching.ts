/**
 * How well and how fast GPS points are matched to roads. Porto's taxi trips are driven again, each at its mean speed, with a
 * point every 15 s and on arrival, off by normal noise of 10 m on each axis (seeded). `npm run bench:matching`; exit
 * code 1 where a target is missed. `--trips n` takes every so-manieth trip only, `--sigma`, `--beta` set the model's own.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quietContext, randomStream } from '../../core/base/index.ts';
import { readRoads, readTripsCsv, SegmentIndex, type TripSet } from '../../core/roads/index.ts';
import { MapMatcher } from '../../core/roads/matching/index.ts';
import { agreement } from '../support/agreement.ts';
import { driveAlong } from '../support/gps.ts';
import { hasPorto, portoFolder, portoTrips } from '../support/porto.ts';

const EVERY_S = 15;
const NOISE_M = 10;
const SEED = 1;
const TARGET_SHARE = 0.97;
const TARGET_POINTS_PER_S = 2000;

if (!hasPorto) {
  console.log(`Left out: ${portoFolder} is missing.`);
  process.exit(0);
}
const { values } = parseArgs({
  options: {
    trips: { type: 'string' },
    sigma: { type: 'string' },
    beta: { type: 'string' },
    set: { type: 'string', multiple: true },
  },
});
const { network } = await readRoads(join(portoFolder, 'edges.csv'));
const sets = await Promise.all([portoTrips.a, portoTrips.b].map(tripsOf));
const random = randomStream(SEED);
const step = Number(values.trips ?? 1);
const drives = sets.flatMap((set) =>
  Array.from({ length: Math.floor(set.count / step) }, (_, i) => {
    const trip = i * step;
    const segments = set.segments.subarray(set.offsets[trip], set.offsets[trip + 1]);
    const options = { everyS: EVERY_S, noiseM: NOISE_M, departS: set.departS[trip] };
    return { segments, points: driveAlong(network, segments, set.totalS[trip], options, random) };
  }),
);
const points = drives.reduce((sum, { points }) => sum + points.timeS.length, 0);
const index = SegmentIndex.build(network);
const settings = {
  ...(values.sigma && { sigmaM: Number(values.sigma) }),
  ...(values.beta && { betaM: Number(values.beta) }),
  ...Object.fromEntries(
    (values.set ?? []).map((t) => {
      const [k, v] = t.split('=');
      return [k, Number(v)];
    }),
  ),
};
const matcher = new MapMatcher(network, settings, index);
const begin = performance.now();
const matches = drives.map(({ points }) => matcher.match(points));
const seconds = (performance.now() - begin) / 1000;

const sum = { drivenM: 0, matchedM: 0, commonM: 0, paths: 0 };
let confidence = 0;
const fates: Record<string, number> = {};
drives.forEach(({ segments }, i) => {
  const { drivenM, matchedM, commonM } = agreement(network, segments, matches[i].paths);
  sum.drivenM += drivenM;
  sum.matchedM += matchedM;
  sum.commonM += commonM;
  sum.paths += matches[i].paths.length;
  for (const path of matches[i].paths) confidence += path.confidence;
  for (const [k, v] of Object.entries(matches[i].fates)) fates[k] = (fates[k] ?? 0) + v;
});
const share = sum.commonM / sum.drivenM;
const rate = points / seconds;
console.log(`${drives.length} trips, ${points} points, ${sum.paths} paths, seed ${SEED}`, fates);
console.log(`driven length given back   ${(100 * share).toFixed(2)} %`);
console.log(`matched length that is right ${((100 * sum.commonM) / sum.matchedM).toFixed(2)} %`);
console.log(
  `route mismatch fraction  ${((sum.drivenM + sum.matchedM - 2 * sum.commonM) / sum.drivenM).toFixed(4)}`,
);
console.log(`confidence ${(confidence / sum.paths).toFixed(3)}`);
console.log(`${rate.toFixed(0)} points a second, one thread`);
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
  const { trips } = await readTripsCsv(path, {
    mapping,
    timeZone: 'Europe/Lisbon',
    network,
    context: quietContext,
  });
  return trips;
}
