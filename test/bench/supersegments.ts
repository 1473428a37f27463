import { Random } from '../../core/base/index.ts';
import { countTraffic, coverage, SupersegmentSampler } from '../../core/roads/index.ts';
import { hasPorto, loadPortoNetwork, loadPortoTrips, portoFolder } from '../support/porto.ts';
import { median } from './engine/median.ts';

/** How fast supersegments of 20 segments are drawn on Porto, and what 20,000 of them cover. `npm run bench:supersegments`. */
const LEAST_PER_S = 100_000;
const COUNT = 200_000;
const LENGTH = 20;
const ROUNDS = 5;

if (!hasPorto) {
  console.log(`Left out: ${portoFolder} is missing.`);
} else {
  const network = loadPortoNetwork();
  const traffic = countTraffic(network, loadPortoTrips(network));
  const sampler = new SupersegmentSampler(network, traffic);
  const rates = Array.from({ length: ROUNDS }, (_, round) => {
    const begin = performance.now();
    sampler.draw(COUNT, LENGTH, new Random(round));
    return COUNT / ((performance.now() - begin) / 1000);
  });
  const perS = median(rates);
  console.log(
    `${Math.round(perS).toLocaleString('en')} supersegments of ${LENGTH} segments a second (least ${LEAST_PER_S.toLocaleString('en')}).`,
  );
  const { networkShare, drivenShare, trafficShare } = coverage(
    network,
    traffic,
    sampler.draw(20_000, LENGTH, new Random(1)),
  );
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  console.log(
    `20,000 of them cover ${percent(networkShare)} of the network’s kilometres, ${percent(drivenShare)} of the driven roads’, ${percent(trafficShare)} of all driven kilometres.`,
  );
  process.exitCode = perS >= LEAST_PER_S ? 0 : 1;
}
