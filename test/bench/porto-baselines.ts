/**
 * Prints the baselines' figures on Porto: fitted on days up to 150 of 2014, scored on the days after. The learned ones come
 * last; their seconds leave out the description of routes, which they share.
 */
import { quietContext } from '../../core/base/index.ts';
import { baselines } from '../../core/roads/baselines/index.ts';
import { crossFit, LiveIndex, selectTrips } from '../../core/roads/index.ts';
import { type Estimates, etaMetrics } from '../../core/train/metrics/index.ts';
import { learnedBaselines } from '../../models/eta/baselines/index.ts';
import { routeInputs } from '../../models/eta/baselines/routeInputs.ts';
import { hasPorto, loadPortoNetwork, loadPortoTrips, portoFolder, portoSplitS } from '../support/porto.ts';

if (!hasPorto) {
  console.log(`Left out: ${portoFolder} is missing.`);
  process.exit(0);
}
const network = loadPortoNetwork();
const trips = loadPortoTrips(network);
const positions = [...trips.departS.keys()];
const train = selectTrips(
  trips,
  positions.filter((trip) => trips.localDepartS[trip] < portoSplitS),
);
const test = selectTrips(
  trips,
  positions.filter((trip) => trips.localDepartS[trip] >= portoSplitS),
);
console.log(`${train.count} training trips, ${test.count} test trips`);
console.log('baseline        MAPE     MAE s   RMSE s  bias s   bad    cover80  width80 s  fitted in s');
for (const baseline of baselines) {
  const begin = performance.now();
  const fitted = await baseline.fit(network, train, quietContext);
  print(baseline.id, fitted.predict(test, trips), begin);
}
const models = await crossFit(network, train, {}, quietContext);
const live = new LiveIndex(network, trips, models);
const [known, asked] = [
  await routeInputs(network, models, live, train, { perSegment: true }, quietContext),
  await routeInputs(network, models, live, test, { perSegment: true }, quietContext),
];
for (const { id, estimate } of learnedBaselines) {
  const begin = performance.now();
  print(id, await estimate({ train, known, test, asked }, quietContext), begin);
}

function print(id: string, estimates: Estimates, begin: number): void {
  const { mape, maeS, rmseS, biasS, badShare, coverage80, width80S } = etaMetrics(estimates, test.totalS);
  const figures = [
    mape.toFixed(4),
    maeS.toFixed(1),
    rmseS.toFixed(1),
    biasS.toFixed(1),
    badShare.toFixed(3),
    coverage80?.toFixed(3) ?? '–',
    width80S?.toFixed(0) ?? '–',
    ((performance.now() - begin) / 1000).toFixed(2),
  ];
  console.log(id.padEnd(14), figures.map((figure) => figure.padStart(8)).join(' '));
}
