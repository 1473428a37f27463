import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import { openDevice } from '../../../core/device/index.ts';
import { crossFit, LiveIndex } from '../../../core/roads/index.ts';
import { interpret, programInputs } from '../../../core/tensor/index.ts';
import { forwardFeed, lossFeed } from '../../../models/eta/batch.ts';
import { allFeatures, keptFeatures } from '../../../models/eta/features.ts';
import { etaNetwork } from '../../../models/eta/network.ts';
import { describePaths, wholePaths } from '../../../models/eta/paths.ts';
import { fitShape, splitByDays } from '../../../models/eta/prepare.ts';
import { parseEtaSettings } from '../../../models/eta/settings.ts';
import { gridNetwork } from '../../support/gridNetwork.ts';
import { relativeError } from '../../support/relativeError.ts';
import { changingTraffic } from '../../support/smallCity.ts';

async function prepared() {
  const network = gridNetwork(5, 4);
  const trips = changingTraffic(network, { days: 3, perDay: 80, seed: 2 });
  const models = await crossFit(network, trips, { folds: 3 }, quietContext);
  const live = new LiveIndex(network, trips, models);
  const paths = await describePaths(trips, models, live, quietContext);
  const data = { network, trips, ...splitByDays(trips, 0.3) };
  const shape = fitShape(data, models, paths, new Random(1));
  const settings = parseEtaSettings({ hidden: 8 });
  const source = { network, models, paths, features: keptFeatures(allFeatures(paths), shape) };
  return { trips, models, paths, shape, settings, source, eta: etaNetwork(shape, settings) };
}
const ready = prepared();

describe('a network that has learned nothing', () => {
  it('says what the segment model expects, but for a trace of delay that is the same everywhere', async () => {
    const { trips, models, source, paths, eta } = await ready;
    const positions = [0, 5, 90, 200];
    const feed = forwardFeed(source, wholePaths(paths, positions));
    const parameters = eta.layout.initialise(new Random(3));
    const { seconds, total } = interpret(eta.forward, { ...feed, parameters }).outputs;
    const expectedS = feed.expectedS as Float32Array;
    const delayS = seconds[0] - expectedS[0];
    expect(delayS).toBeGreaterThan(0);
    expect(delayS).toBeLessThan(0.1);
    seconds.forEach((value, i) => {
      expect(value).toBeCloseTo(expectedS[i] + delayS, 9);
    });
    positions.forEach((trip, i) => {
      const length = trips.offsets[trip + 1] - trips.offsets[trip];
      const byModel = models.modelAt(trips.localDepartS[trip]).predictTrip(trips, trip);
      expect(total[i]).toBeCloseTo(byModel + length * delayS, 3);
    });
  });
});

describe('programs', () => {
  it('read every input that a batch feeds, and no other', async () => {
    const { source, paths, eta } = await ready;
    const stretches = wholePaths(paths, [1, 2]);
    const inputs = (program: typeof eta.loss) => [...programInputs(program).keys()].sort();
    expect(inputs(eta.forward)).toEqual(
      [...Object.keys(forwardFeed(source, stretches)), 'parameters'].sort(),
    );
    const fed = lossFeed(source, stretches, { meanS: 100, relativeExponent: 0.5 });
    expect(inputs(eta.loss)).toEqual([...Object.keys(fed), 'parameters'].sort());
  });

  it('run on the CPU device as in the reference, whatever the weights', async () => {
    const { source, paths, eta } = await ready;
    const random = new Random(6);
    const parameters = eta.layout.initialise(random).map((w) => w + 0.05 * random.normal());
    const feed = lossFeed(source, wholePaths(paths, [7, 8, 150]), { meanS: 150, relativeExponent: 0.5 });
    const device = await openDevice('cpu');
    try {
      for (const program of [eta.forward, eta.loss]) {
        const own = Object.fromEntries(
          Object.entries(feed).filter(([name]) => programInputs(program).has(name)),
        );
        const executable = await device.compile(program);
        const actual = await executable.run({ ...own, parameters });
        const { outputs } = interpret(program, { ...own, parameters });
        for (const [name, values] of Object.entries(outputs))
          expect(relativeError(actual[name], values), name).toBeLessThanOrEqual(1e-4);
      }
    } finally {
      await device.dispose();
    }
  });

  it('give a path the same time alone and among others', async () => {
    const { source, paths, eta } = await ready;
    const random = new Random(7);
    const parameters = Float64Array.from(eta.layout.initialise(random), (w) => w + 0.05 * random.normal());
    const totals = (positions: number[]) =>
      interpret(eta.forward, { ...forwardFeed(source, wholePaths(paths, positions)), parameters }).outputs
        .total;
    const together = totals([3, 50, 4]);
    expect(together[1]).toBeCloseTo(totals([50])[0], 9);
  });
});

describe('labels', () => {
  it('are the trip’s own total for a whole path, and the sum of its segments for a part', async () => {
    const { source, paths, trips } = await ready;
    const { offsets, segmentS, totalS } = trips;
    const part = { path: 9, start: offsets[9] + 1, end: offsets[9] + 3 };
    const scale = { meanS: 100, relativeExponent: 0.5 };
    const feed = lossFeed(source, [...wholePaths(paths, [4]), part], scale);
    expect(feed.observedS[0]).toBe(totalS[4]);
    expect(feed.observedS[1]).toBeCloseTo(segmentS![part.start] + segmentS![part.start + 1], 4);
    expect(feed.scaleS[0]).toBeCloseTo(Math.sqrt(totalS[4] * 100), 3);
    expect(feed.tripConstantS[1]).toBe(0);
    expect(feed.nodeKnown.every((known) => known === 1)).toBe(true);
  });

  it('of segments do not count where they are unknown', async () => {
    const { source, paths, trips, settings, eta } = await ready;
    const begin = trips.offsets[4];
    const segmentS = trips.segmentS!.map((seconds, k) => (k === begin ? Number.NaN : seconds));
    const gappy = { ...source, paths: { ...paths, trips: { ...trips, segmentS } } };
    const feed = lossFeed(gappy, wholePaths(gappy.paths, [4]), { meanS: 100, relativeExponent: 0.5 });
    expect(feed.nodeKnown[0]).toBe(0);
    expect(feed.nodeKnown[1]).toBe(1);
    const parameters = eta.layout.initialise(new Random(3));
    const { outputs } = interpret(eta.loss, { ...feed, parameters });
    const parts = Object.entries(outputs).filter(([name]) => name !== 'loss');
    const total = parts.reduce((sum, [name, [value]]) => sum + value * settings[name as 'nodeHuber'], 0);
    expect(Number.isFinite(outputs.loss[0])).toBe(true);
    expect(outputs.loss[0]).toBeCloseTo(total, 9);
  });
});
