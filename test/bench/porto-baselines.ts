/** Prints the baselines' figures on Porto: fitted on days up to 150 of 2014, scored on the days after. */
import { quietContext } from '../../core/base/index.ts';
import { baselines } from '../../core/roads/baselines/index.ts';
import { selectTrips } from '../../core/roads/index.ts';
import { etaMetrics } from '../../core/train/metrics/index.ts';
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
  const seconds = (performance.now() - begin) / 1000;
  const { mape, maeS, rmseS, biasS, badShare, coverage80, width80S } = etaMetrics(
    fitted.predict(test, trips),
    test.totalS,
  );
  const figures = [
    mape.toFixed(4),
    maeS.toFixed(1),
    rmseS.toFixed(1),
    biasS.toFixed(1),
    badShare.toFixed(3),
    coverage80?.toFixed(3) ?? '–',
    width80S?.toFixed(0) ?? '–',
    seconds.toFixed(2),
  ];
  console.log(baseline.id.padEnd(14), figures.map((figure) => figure.padStart(8)).join(' '));
}
