/**
 * Simulates traffic on real roads and prints its speed, and the mean km/h of each hour of each day:
 * `npx node test/bench/simulator.ts heidelberg|porto|monaco|helsinki [days] [demand]`. `porto calibrate` fits it to Porto's taxi
 * trips and prints the speeds that were observed, and simulated before and after.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { quietContext } from '../../core/base/index.ts';
import { DAY_S, readRoads } from '../../core/roads/index.ts';
import { calibrate, simulate } from '../../core/roads/simulator/index.ts';
import { loadPortoTrips } from '../support/porto.ts';

const FILES: Record<string, string> = {
  heidelberg: 'osm/heidelberg.osm.pbf',
  porto: 'porto/edges.csv',
  monaco: 'osm/monaco.osm.pbf',
  helsinki: 'osm/helsinki.osm.pbf',
};
const [name = 'heidelberg', days = '7', demand = '1'] = process.argv.slice(2);
const file = join(import.meta.dirname, '../../../shared/data', FILES[name] ?? name);
if (!existsSync(file)) {
  console.log(`skipped: ${file} is not there`);
  process.exit(0);
}
const { network } = await readRoads(file);
if (days === 'calibrate') {
  await printCalibration();
  process.exit(0);
}
const hours = 24 * Number(days);
const [metres, seconds] = [new Float64Array(hours), new Float64Array(hours)];
const readyCpuS = cpuSeconds();
const { trips, figures } = await simulate(
  network,
  {
    firstDay: '2025-01-06',
    days: Number(days),
    timeZone: 'Europe/Berlin',
    demand: Number(demand),
    incidentsPerDay: 10,
    rain: 0.3,
    probeShare: 0.066,
    seed: 1,
    observe: (segment, enterS, leaveS) => {
      const hour = Math.min(hours - 1, Math.floor(enterS / 3600));
      metres[hour] += network.lengthM[segment];
      seconds[hour] += leaveS - enterS;
    },
  },
  quietContext,
);
const cpuS = cpuSeconds() - readyCpuS;
console.log(`${name}: ${network.segmentCount} segments, ${days} days at demand ${demand}`, figures);
console.log(
  `${trips.count} trips; ${cpuS.toFixed(1)} s of CPU, peak ${process.resourceUsage().maxRSS >> 10} MB`,
);
const perCpuS = (count: number) => Math.round(count / cpuS).toLocaleString('en');
console.log(
  `learning included, per second of CPU: ${perCpuS(figures.traversals)} traversals, ${perCpuS(figures.departed * figures.packet)} vehicles of the street`,
);
for (let day = 0; day * DAY_S < hours * 3600; day++) {
  const kmh = Array.from({ length: 24 }, (_, hour) => 24 * day + hour).map((at) =>
    ((3.6 * metres[at]) / seconds[at]).toFixed(0),
  );
  console.log(`day ${day}, km/h by hour: ${kmh.join(' ')}`);
}

async function printCalibration(): Promise<void> {
  const found = await calibrate(network, loadPortoTrips(network), { seed: 1, demand: 1 }, quietContext);
  const { before, after, speedFactors } = found;
  for (const [when, { trips, mape, speedError, bias }] of Object.entries({ before, after }))
    console.log(
      `${when}: ${trips} trips, MAPE ${mape.toFixed(3)}, speed by hour off by ${speedError.toFixed(3)}, ln(observed ÷ simulated) ${bias.toFixed(3)}`,
    );
  console.log(
    `demand ${found.demand.toFixed(2)}, factors ${speedFactors.map((of) => of.toFixed(2)).join(' ')}`,
  );
  before.byHour.forEach(({ hour, observedKmh, simulatedKmh }, i) => {
    const fitted = after.byHour[i].simulatedKmh;
    console.log(
      `${hour}:00 ${observedKmh.toFixed(1)} km/h, ${simulatedKmh.toFixed(1)} before, ${fitted.toFixed(1)} after`,
    );
  });
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
