import { beforeAll, describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import {
  type CrossFit,
  crossFit,
  findTurn,
  NO_OBSERVATIONS,
  type RoadNetwork,
  SEGMENT_FLAGS,
  selectTrips,
  type TripSet,
} from '../../../core/roads/index.ts';
import { describeGraphs } from '../../../models/eta/describe.ts';
import { allFeatures, keptFeatures } from '../../../models/eta/features.ts';
import { describePaths, wholePaths } from '../../../models/eta/paths.ts';
import { Traffic } from '../../../models/eta/traffic.ts';
import { fitNormalisation } from '../../../models/normalisation.ts';
import { gridNetwork } from '../../support/gridNetwork.ts';
import { changingTraffic } from '../../support/smallCity.ts';

const network: RoadNetwork = gridNetwork(6, 5);
const trips = changingTraffic(network, { days: 3, perDay: 150, seed: 4 });
let models: CrossFit;
beforeAll(async () => {
  models = await crossFit(network, trips, {}, quietContext);
});

/** Every figure of traffic that there is. */
const ON = { trafficWindows: 'on', edges: 'on' } as const;

/** All features of one trip, and of what lies around it, with live figures from the trips that are said to have been observed. */
async function featuresOf(asked: TripSet, observed: TripSet) {
  const traffic = new Traffic(network, observed, models, ON, NO_OBSERVATIONS);
  const paths = await describePaths(asked, models, traffic, quietContext);
  const source = { network, models, paths, features: allFeatures(paths), around: { turns: 1, traffic } };
  const { nodes, edges, graphs, expectedS } = describeGraphs(
    source,
    wholePaths(paths, Array(asked.count).keys()),
  );
  return { nodes, edges, graphs, expectedS, tripConstantS: paths.tripConstantS };
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
    const traffic = new Traffic(network, trips, models, ON, NO_OBSERVATIONS);
    const asked = selectTrips(trips, [40, 100, 70]);
    const paths = await describePaths(asked, models, traffic, quietContext);
    const features = allFeatures(paths);
    const { offsets } = asked;
    const stretches = [
      ...wholePaths(paths, [2, 0]),
      { path: 1, start: offsets[1] + 1, end: offsets[2] - 1 },
      { path: 1, start: offsets[1] + 2, end: offsets[1] + 3 },
    ];
    const source = { network, models, paths, features };
    const together = describeGraphs(source, stretches);
    const alone = stretches.map((stretch) => describeGraphs(source, [stretch]));
    for (const part of ['nodes', 'edges', 'graphs'] as const)
      expect([...together[part]]).toEqual(alone.flatMap((raw) => [...raw[part]]));
    const lengths = stretches.map(({ start, end }) => end - start);
    const sum = (values: number[]) => values.reduce((total, n) => total + n, 0);
    expect(together.nodes).toHaveLength(sum(lengths) * features.nodes.length);
    expect(together.edges).toHaveLength(sum(lengths.map((n) => 2 * (n - 1))) * features.edges.length);
    expect(together.graphs).toHaveLength(stretches.length * features.graphs.length);
    for (const part of ['nodes', 'edges', 'graphs'] as const)
      expect(together[part].every(Number.isFinite)).toBe(true);
  });

  it('say what their names say', async () => {
    const asked = selectTrips(trips, [30]);
    const traffic = new Traffic(network, trips, models, ON, NO_OBSERVATIONS);
    const paths = await describePaths(asked, models, traffic, quietContext);
    const features = allFeatures(paths);
    const raw = describeGraphs({ network, models, paths, features }, wholePaths(paths, [0]));
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

  it('say nothing of what lies around a segment where there are no edges', () => {
    const named = (edges: 'on' | 'off') =>
      new Traffic(network, trips, models, { ...ON, edges }, NO_OBSERVATIONS).nodeNames;
    const around = ['ahead1', 'ahead2', 'behind1'];
    expect(named('on').filter((name) => !named('off').includes(name))).toEqual(around);
    expect(named('on')).toEqual(expect.arrayContaining(named('off') as string[]));
  });

  it('have names that no two of a kind share', async () => {
    const traffic = new Traffic(network, trips, models, ON, NO_OBSERVATIONS);
    const features = allFeatures({ liveNames: traffic.nodeNames, cityNames: traffic.cityNames });
    for (const part of [features.nodes, features.edges, features.graphs])
      expect(new Set(part.map(({ name }) => name)).size).toBe(part.length);
  });
});

describe('the graph of a path with what lies around it', () => {
  it('leaves the rows of the path as they are, and adds segments one turn away at places of the path', async () => {
    const asked = selectTrips(trips, [40, 100]);
    const traffic = new Traffic(network, trips, models, ON, NO_OBSERVATIONS);
    const paths = await describePaths(asked, models, traffic, quietContext);
    const features = allFeatures(paths);
    const source = { network, models, paths, features };
    const stretches = wholePaths(paths, [0, 1]);
    const alone = describeGraphs(source, stretches);
    const around = describeGraphs({ ...source, around: { turns: 1, traffic } }, stretches);
    const width = features.nodes.length;
    const rows = (described: typeof alone, first: number, count: number) => [
      ...described.nodes.slice(first * width, (first + count) * width),
    ];
    const turnsAway = features.nodes.findIndex(({ name }) => name === 'turnsAway');
    stretches.forEach(({ start, end }, g) => {
      const count = end - start;
      const first = around.graph.nodeOffsets[g];
      expect(rows(around, first, count)).toEqual(rows(alone, alone.graph.nodeOffsets[g], count));
      expect(around.graph.nodeOffsets[g + 1] - first).toBeGreaterThan(count);
      for (let node = first + count; node < around.graph.nodeOffsets[g + 1]; node++) {
        expect(around.nodes[node * width + turnsAway]).toBe(1);
        expect(around.expectedS[node]).toBeGreaterThan(0);
      }
    });
    expect([...around.graphs]).toEqual([...alone.graphs]);
  });

  it('tells a supersegment when it is reached, where that is known better than expected', async () => {
    const asked = selectTrips(trips, [40]);
    const traffic = new Traffic(network, trips, models, ON, NO_OBSERVATIONS);
    const paths = await describePaths(asked, models, traffic, quietContext);
    const features = allFeatures(paths);
    const source = { network, models, paths, features };
    const column = features.nodes.findIndex(({ name }) => name === 'logElapsed');
    const elapsed = (elapsedS?: number) => {
      const stretch = { path: 0, start: 2, end: 4, ...(elapsedS !== undefined && { elapsedS }) };
      return describeGraphs(source, [stretch]).nodes[column];
    };
    expect(elapsed()).toBeCloseTo(Math.log1p(paths.expectedS[0] + paths.expectedS[1]), 5);
    expect(elapsed(500)).toBeCloseTo(Math.log1p(500), 5);
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
