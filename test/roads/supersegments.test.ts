import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  countTraffic,
  coverage,
  ExtendedPaths,
  findTurn,
  PathExtender,
  SupersegmentCatalogue,
  SupersegmentSampler,
} from '../../core/roads/index.ts';
import { fitsExpected } from '../support/chiSquare.ts';
import { gridNetwork } from '../support/gridNetwork.ts';
import { randomTrips } from '../support/trips.ts';

const network = gridNetwork(6, 5);
const trips = randomTrips(network, { count: 80, seed: 5 });
const traffic = countTraffic(network, trips);

describe('counts of traffic', () => {
  it('are how often segments and turns were driven', () => {
    expect(traffic.segments.reduce((a, b) => a + b, 0)).toBe(trips.segments.length);
    expect(traffic.turns.reduce((a, b) => a + b, 0)).toBe(trips.segments.length - trips.count);
    const some = countTraffic(network, trips, [3]);
    expect(some.segments.reduce((a, b) => a + b, 0)).toBe(trips.offsets[4] - trips.offsets[3]);
  });
});

describe('supersegments', () => {
  const sampler = new SupersegmentSampler(network, traffic);
  const LENGTH = 6;
  const { offsets, segments } = sampler.draw(30_000, LENGTH, new Random(2));

  it('begin at each segment in proportion to its traffic (χ²)', () => {
    const begun = new Float64Array(network.segmentCount);
    for (let i = 0; i + 1 < offsets.length; i++) begun[segments[offsets[i]]]++;
    expectDrawnBy(begun, traffic.segments);
  });

  it('go on by each turn in proportion to how often it was driven (χ²)', () => {
    const busiest = traffic.segments.indexOf(Math.max(...traffic.segments));
    const onto = new Float64Array(network.segmentCount);
    for (let i = 0; i + 1 < offsets.length; i++)
      for (let k = offsets[i]; k + 1 < offsets[i + 1]; k++)
        if (segments[k] === busiest) onto[segments[k + 1]]++;
    const driven = new Float32Array(network.segmentCount);
    for (let turn = network.turnOffsets[busiest]; turn < network.turnOffsets[busiest + 1]; turn++)
      driven[network.turnTo[turn]] = traffic.turns[turn];
    expectDrawnBy(onto, driven);
  });

  it('are walks along driven turns, as long as asked or to where no drive went on', () => {
    const goesOn = (segment: number) => {
      for (let turn = network.turnOffsets[segment]; turn < network.turnOffsets[segment + 1]; turn++)
        if (traffic.turns[turn] > 0) return true;
      return false;
    };
    for (let i = 0; i < 2000; i++) {
      const walk = segments.subarray(offsets[i], offsets[i + 1]);
      for (let k = 0; k + 1 < walk.length; k++)
        expect(traffic.turns[findTurn(network, walk[k], walk[k + 1])]).toBeGreaterThan(0);
      if (walk.length < LENGTH) expect(goesOn(walk[walk.length - 1])).toBe(false);
      else expect(walk.length).toBe(LENGTH);
    }
  });

  it('are the same for the same seed, and none without traffic', () => {
    expect(sampler.draw(50, 4, new Random(7))).toEqual(sampler.draw(50, 4, new Random(7)));
    expect(sampler.draw(50, 4, new Random(7))).not.toEqual(sampler.draw(50, 4, new Random(8)));
    const empty = new SupersegmentSampler(network, countTraffic(network, trips, []));
    expect(empty.draw(50, 4, new Random(7)).segments).toHaveLength(0);
  });

  it('cover what they hold, in shares of kilometres', () => {
    const one = { offsets: Uint32Array.of(0, 2), segments: Int32Array.of(3, 4) };
    const { times, networkShare, trafficShare } = coverage(network, traffic, one);
    const sum = (metres: (s: number) => number, of: Iterable<number>) =>
      [...of].reduce((total, s) => total + metres(s), 0);
    const all = Array(network.segmentCount).keys();
    const length = (s: number) => network.lengthM[s];
    const driven = (s: number) => network.lengthM[s] * traffic.segments[s];
    expect(networkShare).toBeCloseTo(sum(length, [3, 4]) / sum(length, all), 9);
    expect(trafficShare).toBeCloseTo(
      sum(driven, [3, 4]) / sum(driven, Array(network.segmentCount).keys()),
      9,
    );
    expect(times[3]).toBe(1);
    expect(times[5]).toBe(0);
    expect(coverage(network, traffic, { offsets, segments }).drivenShare).toBe(1);
  });
});

describe('the catalogue', () => {
  const supersegments = {
    offsets: Uint32Array.of(0, 3, 5, 8),
    segments: Int32Array.of(1, 2, 3, 3, 4, 5, 6, 7),
  };
  const catalogue = new SupersegmentCatalogue(network.segmentCount, supersegments);

  it('knows which supersegment shares most of a path, the first of equals', () => {
    const nearest = (...path: number[]) => catalogue.nearest(path, 0, path.length);
    expect(nearest(1, 2, 9)).toBe(0);
    expect(nearest(3, 4)).toBe(1);
    expect(nearest(3)).toBe(0);
    expect(nearest(6, 7, 1)).toBe(2);
    expect(nearest(20)).toBe(3);
    expect(catalogue.nearest([1, 2, 6, 7], 2, 4)).toBe(2);
  });

  it('comes back from a checkpoint', () => {
    const again = SupersegmentCatalogue.fromArrays(network.segmentCount, catalogue.toArrays());
    expect(again.supersegments).toEqual(supersegments);
  });
});

describe('extended paths', () => {
  const extender = new PathExtender(network);
  const turnBetween = (a: number, b: number) => findTurn(network, a, b);
  const path = trips.segments.subarray(trips.offsets[3], trips.offsets[4]);

  /** By brute force: the segments that a turn joins to the given ones, but for the other direction of the same road. */
  function neighbours(of: Iterable<number>): Set<number> {
    const found = new Set<number>();
    for (const segment of of)
      for (let turn = 0; turn < network.turnCount; turn++) {
        const [from, to] = [network.turnFrom[turn], network.turnTo[turn]];
        if (network.reverse[from] === to) continue;
        if (from === segment) found.add(to);
        if (to === segment) found.add(from);
      }
    return found;
  }

  it.each([0, 1, 2])('hold the route and every segment at most %i turns away', (rings) => {
    const graph = new ExtendedPaths();
    extender.append(graph, path, { start: 0, end: path.length, rings }, turnBetween);
    expect(graph.segments.slice(0, path.length)).toEqual([...path]);
    let known = new Set<number>(path);
    let last: Set<number> = known;
    for (let ring = 1; ring <= rings; ring++) {
      const next = new Set([...neighbours(last)].filter((segment) => !known.has(segment)));
      const here = graph.segments.filter((_, node) => graph.turnsAway[node] === ring);
      expect(here.sort((a, b) => a - b)).toEqual([...next].sort((a, b) => a - b));
      known = new Set([...known, ...next]);
      last = next;
    }
    expect(graph.segments).toHaveLength(known.size);
  });

  it('have edges along permitted turns that lead towards the route', () => {
    const graph = new ExtendedPaths();
    extender.append(graph, path, { start: 1, end: path.length - 1, rings: 2 }, turnBetween);
    graph.senders.forEach((sender, e) => {
      const [a, b] = [graph.segments[sender], graph.segments[graph.receivers[e]]];
      expect(graph.turns[e]).toBe(graph.onward[e] === 1 ? findTurn(network, a, b) : findTurn(network, b, a));
      const step = graph.turnsAway[sender] - graph.turnsAway[graph.receivers[e]];
      expect(step).toBe(graph.turnsAway[sender] === 0 ? 0 : 1);
    });
    for (let node = path.length - 2; node < graph.segments.length; node++)
      expect(graph.senders).toContain(node);
  });

  it('stand one after another, each as it would alone', () => {
    const both = new ExtendedPaths();
    const second = new ExtendedPaths();
    const span = { start: 0, end: path.length, rings: 1 };
    extender.append(both, path, { ...span, end: 3 }, turnBetween);
    const first = both.segments.length;
    extender.append(both, path, span, turnBetween);
    extender.append(second, path, span, turnBetween);
    expect(both.segments.slice(first)).toEqual(second.segments);
    expect(both.nodeOffsets).toEqual([0, first, first + second.segments.length]);
    expect(both.graphs.slice(first).every((graph) => graph === 1)).toBe(true);
  });
});

/** Nothing is drawn of no weight, and what is likely enough to be tested follows its weight. */
function expectDrawnBy(counts: Float64Array, weights: Float32Array): void {
  const total = weights.reduce((a, b) => a + b, 0);
  const drawn = counts.reduce((a, b) => a + b, 0);
  weights.forEach((weight, i) => {
    if (weight === 0) expect(counts[i]).toBe(0);
  });
  const likely = [...weights.keys()].filter((i) => (drawn * weights[i]) / total >= 5);
  expect(likely.length).toBeGreaterThan(1);
  const expected = likely.map((i) => (drawn * weights[i]) / total);
  expect(
    fitsExpected(
      likely.map((i) => counts[i]),
      expected,
    ),
  ).toBe(true);
}
