import { beforeAll, describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import {
  type CrossFit,
  crossFit,
  findTurn,
  LiveIndex,
  type RoadNetwork,
  SEGMENT_FLAGS,
  selectTrips,
  type TripSet,
} from '../../../core/roads/index.ts';
import { allFeatures, fitNormalisation, keptFeatures, rawFeatures } from '../../../models/eta/features.ts';
import { describePaths, wholePaths } from '../../../models/eta/paths.ts';
import { gridNetwork } from '../../support/gridNetwork.ts';
import { changingTraffic } from '../../support/smallCity.ts';

const network: RoadNetwork = gridNetwork(6, 5);
const trips = changingTraffic(network, { days: 3, perDay: 150, seed: 4 });
let models: CrossFit;
beforeAll(async () => {
  models = await crossFit(network, trips, {}, quietContext);
});

/** All features of one trip, with live figures from the trips that are said to have been observed. */
async function featuresOf(asked: TripSet, observed: TripSet) {
  const live = new LiveIndex(network, observed, models);
  const paths = await describePaths(asked, models, live, quietContext);
  const raw = rawFeatures(
    network,
    models,
    paths,
    wholePaths(paths, Array(asked.count).keys()),
    allFeatures(paths),
  );
  return { ...raw, expectedS: paths.expectedS, tripConstantS: paths.tripConstantS };
}

describe('features know nothing of what comes after departure', () => {
  /** Everything that ends after a time is told otherwise; trips that set out after it never do. */
  function otherFuture(timeS: number): TripSet {
    const totalS = trips.totalS.slice();
    const segmentS = trips.segmentS!.slice();
    for (let trip = 0; trip < trips.count; trip++) {
      if (trips.departS[trip] + trips.totalS[trip] > timeS) totalS[trip] *= 3;
      let endS = trips.departS[trip];
      for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++) {
        endS += trips.segmentS![k];
        if (endS > timeS) segmentS[k] *= 3;
      }
    }
    const begun = [...Array(trips.count).keys()].filter((trip) => trips.departS[trip] <= timeS);
    return selectTrips({ ...trips, totalS, segmentS }, begun);
  }

  it('of the city, of segments, or of the trip itself', async () => {
    const random = new Random(1);
    let changedLater = 0;
    for (let i = 0; i < 12; i++) {
      const trip = 20 + random.int(trips.count - 40);
      const asked = selectTrips(trips, [trip]);
      const future = otherFuture(trips.departS[trip]);
      expect(await featuresOf(asked, future)).toEqual(await featuresOf(asked, trips));
      // The same changes are seen by who asks two hours later: the test would notice a look ahead.
      const later = { ...asked, departS: asked.departS.map((s) => s + 7200) };
      const [told, known] = [await featuresOf(later, future), await featuresOf(later, trips)];
      if (String(told.graphs) !== String(known.graphs) && String(told.nodes) !== String(known.nodes))
        changedLater++;
    }
    expect(changedLater).toBeGreaterThan(8);
  });
});

describe('rows of features', () => {
  it('stand in the order of nodes, edges and graphs, the same for each stretch alone', async () => {
    const live = new LiveIndex(network, trips, models);
    const asked = selectTrips(trips, [40, 100, 70]);
    const paths = await describePaths(asked, models, live, quietContext);
    const features = allFeatures(paths);
    const { offsets } = asked;
    const stretches = [
      ...wholePaths(paths, [2, 0]),
      { path: 1, start: offsets[1] + 1, end: offsets[2] - 1 },
      { path: 1, start: offsets[1] + 2, end: offsets[1] + 3 },
    ];
    const together = rawFeatures(network, models, paths, stretches, features);
    const alone = stretches.map((stretch) => rawFeatures(network, models, paths, [stretch], features));
    for (const part of ['nodes', 'edges', 'graphs'] as const)
      expect([...together[part]]).toEqual(alone.flatMap((raw) => [...raw[part]]));
    const lengths = stretches.map(({ start, end }) => end - start);
    const sum = (values: number[]) => values.reduce((total, n) => total + n, 0);
    expect(together.nodes).toHaveLength(sum(lengths) * features.nodes.length);
    expect(together.edges).toHaveLength(sum(lengths.map((n) => 2 * (n - 1))) * features.edges.length);
    expect(together.graphs).toHaveLength(stretches.length * features.graphs.length);
    for (const values of Object.values(together)) expect(values.every(Number.isFinite)).toBe(true);
  });

  it('say what their names say', async () => {
    const asked = selectTrips(trips, [30]);
    const live = new LiveIndex(network, trips, models);
    const paths = await describePaths(asked, models, live, quietContext);
    const features = allFeatures(paths);
    const raw = rawFeatures(network, models, paths, wholePaths(paths, [0]), features);
    const column = (part: 'nodes' | 'edges' | 'graphs', name: string) => {
      const names = features[part].map((feature) => feature.name);
      expect(names).toContain(name);
      const rows = raw[part].length / names.length;
      return Array.from({ length: rows }, (_, row) => raw[part][row * names.length + names.indexOf(name)]);
    };
    const segments = [...asked.segments];
    expect(column('nodes', 'logLength')).toEqual(
      segments.map((s) => Math.fround(Math.log1p(network.lengthM[s]))),
    );
    expect(column('nodes', 'signal')).toEqual(
      segments.map((s) => Number((network.flags[s] & SEGMENT_FLAGS.signal) !== 0)),
    );
    expect(column('nodes', 'tripStarts')).toEqual(segments.map((_, i) => Number(i === 0)));
    expect(column('nodes', 'tripEnds')).toEqual(segments.map((_, i) => Number(i === segments.length - 1)));
    let elapsedS = 0;
    column('nodes', 'logElapsed').forEach((value, i) => {
      expect(value).toBeCloseTo(Math.log1p(elapsedS), 5);
      elapsedS += paths.expectedS[i];
    });
    const turns = segments.slice(1).map((s, i) => findTurn(network, segments[i], s));
    expect(column('edges', 'onward')).toEqual(turns.flatMap(() => [1, 0]));
    const left = turns.map((turn) => Number(network.turnAngleDeg[turn] === -90));
    expect(column('edges', 'left')).toEqual(left.flatMap((value) => [value, value]));
    const day = (2 * Math.PI * (asked.localDepartS[0] % 86_400)) / 86_400;
    expect(column('graphs', 'sinDay1')[0]).toBeCloseTo(Math.sin(day), 5);
    expect(column('graphs', 'cosDay2')[0]).toBeCloseTo(Math.cos(2 * day), 5);
    // The first day is a Monday, and the three days are the next ones.
    expect(column('graphs', 'weekday')).toEqual([1]);
    expect(column('graphs', 'logSegments')[0]).toBeCloseTo(Math.log(segments.length), 5);
  });

  it('have names that no two of a kind share', async () => {
    const live = new LiveIndex(network, trips, models);
    const features = allFeatures({ liveNames: live.segmentNames, cityNames: live.cityNames });
    for (const part of [features.nodes, features.edges, features.graphs])
      expect(new Set(part.map(({ name }) => name)).size).toBe(part.length);
  });
});

describe('normalisation', () => {
  const feature = (name: string) => ({ name, unit: 'm', value: () => 0 });

  it('has the mean and deviation of each column, and drops those that never vary', () => {
    const values = Float32Array.of(1, 7, 10, 3, 7, 20, 5, 7, 60);
    const { names, mean, deviation } = fitNormalisation(values, ['a', 'constant', 'b'].map(feature));
    expect(names).toEqual(['a', 'b']);
    expect(mean).toEqual([3, 30]);
    expect(deviation[0]).toBeCloseTo(Math.sqrt(8 / 3), 12);
    expect(deviation[1]).toBeCloseTo(Math.sqrt((400 + 100 + 900) / 3), 12);
  });

  it('drops everything where there is no row, and nothing becomes of dropped features', () => {
    const none = fitNormalisation(new Float32Array(0), [feature('a')]);
    expect(none).toEqual({ names: [], mean: [], deviation: [] });
    const all = allFeatures({ liveNames: ['x'], cityNames: [] });
    const pick = (names: string[]) => ({ names, mean: [], deviation: [] });
    const kept = keptFeatures(all, {
      nodes: pick(['live.x', 'lanes']),
      edges: pick([]),
      graphs: pick(['sunday']),
    });
    expect(kept.nodes.map(({ name }) => name)).toEqual(['live.x', 'lanes']);
    expect(kept.edges).toEqual([]);
    expect(kept.graphs.map(({ name }) => name)).toEqual(['sunday']);
  });
});
