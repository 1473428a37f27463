import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import { distanceM } from '../../../core/roads/geometry.ts';
import {
  DEFAULT_MATCH_SETTINGS,
  type RoadNetwork,
  SegmentIndex,
  type Snap,
} from '../../../core/roads/index.ts';
import { Reach } from '../../../core/roads/matching/reach.ts';
import { Trellis } from '../../../core/roads/matching/trellis.ts';
import { shifted } from '../../support/gps.ts';
import { type SegmentSketch, sketchNetwork } from '../../support/network.ts';

const ORIGIN: [number, number] = [8.68, 49.4];
const U_TURN_M = 150;

/** Junctions scattered over a kilometre, joined at random: one-way and two-way roads, some turns forbidden. */
function randomNetwork(random: Random): RoadNetwork {
  const count = 6 + random.int(8);
  const junctions = Array.from({ length: count }, () =>
    shifted(ORIGIN, 1000 * random.uniform(), 1000 * random.uniform()),
  );
  const segments: SegmentSketch[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < 2.2 * count; i++) {
    const [from, to] = [random.int(count), random.int(count)];
    if (from === to || seen.has(`${from} ${to}`)) continue;
    seen.add(`${from} ${to}`).add(`${to} ${from}`);
    segments.push({ from, to });
    if (random.uniform() < 0.7) segments.push({ from: to, to: from });
  }
  const forbidden = segments.flatMap((a, i) =>
    segments.flatMap((b, j): [number, number][] =>
      a.to === b.from && random.uniform() < 0.1 ? [[i, j]] : [],
    ),
  );
  return sketchNetwork(junctions, segments, forbidden);
}

/** Metres from the end of each segment to the start of each other (Bellman–Ford over the list of turns). */
function allWays(network: RoadNetwork): number[][] {
  const { segmentCount: S, lengthM, turnFrom, turnTo, reverse } = network;
  const steps = Array.from(turnFrom, (from, turn) => ({ from, to: turnTo[turn], costM: 0 }))
    .filter(({ from, to }) => reverse[from] !== to)
    .concat(Array.from(reverse, (to, from) => ({ from, to, costM: U_TURN_M })).filter(({ to }) => to >= 0));
  return Array.from({ length: S }, (_, source) => {
    const toStartM = new Array<number>(S).fill(Infinity);
    for (const { from, to, costM } of steps)
      if (from === source) toStartM[to] = Math.min(toStartM[to], costM);
    for (let round = 0; round < S; round++)
      for (const { from, to, costM } of steps)
        toStartM[to] = Math.min(toStartM[to], toStartM[from] + lengthM[from] + costM);
    return toStartM;
  });
}

describe('ways from the end of a segment', () => {
  test('are those of Bellman and Ford, up to the bound, with parents that lead back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 50, max: 3000 }), (seed, boundM) => {
        const network = randomNetwork(new Random(seed));
        const wanted = allWays(network);
        const reach = new Reach(network, U_TURN_M);
        for (let source = 0; source < network.segmentCount; source++) {
          const { targets, costM, parents, boundM: upTo } = reach.from(source, boundM);
          expect(upTo).toBeGreaterThanOrEqual(boundM);
          const found = new Map(Array.from(targets, (target, i) => [target, costM[i]]));
          wanted[source].forEach((metres, target) => {
            if (metres <= upTo - 1e-6) expect(found.get(target)).toBeCloseTo(metres, 6);
            else if (metres > upTo + 1e-6) expect(found.has(target)).toBe(false);
          });
          targets.forEach((target, i) => {
            const from = parents[i] < 0 ? source : targets[parents[i]];
            const beforeM = parents[i] < 0 ? 0 : costM[parents[i]] + network.lengthM[from];
            const back = network.reverse[from] === target ? U_TURN_M : 0;
            expect(costM[i]).toBeCloseTo(beforeM + back, 6);
          });
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('the hidden Markov model', () => {
  const settings = {
    ...DEFAULT_MATCH_SETTINGS,
    radiusM: 250,
    maxCandidates: 4,
    sigmaM: 60,
    betaM: 80,
    maxDetourM: 1500,
  };

  test('finds the likeliest of all chains of places, and the probability of each place, as counting all of them does', () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const random = new Random(seed);
        const network = randomNetwork(random);
        const index = SegmentIndex.build(network);
        const places = Array.from({ length: 4 }, () =>
          shifted(ORIGIN, 1000 * random.uniform(), 1000 * random.uniform()),
        );
        const columns = places.map((at) =>
          index.nearest(at, { maxM: settings.radiusM, limit: settings.maxCandidates }),
        );
        if (columns.some((column) => column.length === 0)) return;
        const counted = countChains(network, places, columns, settings);
        const trellis = new Trellis(network, index, settings);
        let linked = true;
        places.forEach(([lon, lat], i) => {
          if (!linked) return;
          const column = trellis.add(i, lon, lat);
          if (i > 0) linked = trellis.connect(column - 1, straightM(places[i - 1], places[i]), 60);
        });
        if (!linked) {
          expect(counted.total).toBe(0);
          return;
        }
        compared++;
        const chain = trellis.likeliest()!;
        const states = chain.segments.map((segment, i) =>
          columns[i].findIndex((place) => place.segment === segment),
        );
        expect(counted.probabilityOf(states)).toBeCloseTo(counted.best, 12);
        expect(chain.points).toEqual([0, 1, 2, 3]);
        chain.confidences.forEach((confidence, i) => {
          expect(confidence).toBeCloseTo(counted.marginal(i, states[i]), 9);
        });
      }),
      { numRuns: 150 },
    );
    expect(compared).toBeGreaterThan(30);
  });
});

const straightM = (a: readonly [number, number], b: readonly [number, number]) => distanceM(...a, ...b);

/** Every chain of places with its likelihood, by the equations alone. */
function countChains(
  network: RoadNetwork,
  places: readonly [number, number][],
  columns: readonly Snap[][],
  { sigmaM, betaM, maxDetourM, maxSpeedKmh }: typeof DEFAULT_MATCH_SETTINGS,
) {
  const ways = allWays(network);
  const emission = ({ distanceM: z }: Snap) => Math.exp(-0.5 * (z / sigmaM) ** 2);
  const step = (a: Snap, b: Snap, i: number) => {
    const straight = straightM(places[i - 1], places[i]);
    const fastest = (maxSpeedKmh / 3.6) * 60 + 4 * sigmaM;
    if (straight > fastest) return 0;
    const [lengthA, lengthB] = [network.lengthM[a.segment], network.lengthM[b.segment]];
    const aheadM = b.fraction * lengthB - a.fraction * lengthA;
    let drivenM = (1 - a.fraction) * lengthA + ways[a.segment][b.segment] + b.fraction * lengthB;
    if (drivenM > Math.min(straight + maxDetourM, fastest)) drivenM = Infinity;
    if (a.segment === b.segment && aheadM >= -2 * sigmaM) drivenM = Math.max(0, aheadM);
    return Math.exp(-Math.abs(drivenM - straight) / betaM);
  };
  const chains: { states: number[]; probability: number }[] = [];
  const grow = (states: number[], probability: number) => {
    const i = states.length;
    if (i === columns.length) {
      chains.push({ states, probability });
      return;
    }
    columns[i].forEach((place, k) => {
      const before = i === 0 ? 1 : step(columns[i - 1][states[i - 1]], place, i);
      grow([...states, k], probability * before * emission(place));
    });
  };
  grow([], 1);
  const total = chains.reduce((sum, { probability }) => sum + probability, 0);
  return {
    total,
    best: Math.max(...chains.map(({ probability }) => probability)) / total,
    probabilityOf: (wanted: readonly number[]) =>
      chains.find(({ states }) => states.join() === wanted.join())!.probability / total,
    marginal: (i: number, state: number) =>
      chains
        .filter(({ states }) => states[i] === state)
        .reduce((sum, { probability }) => sum + probability, 0) / total,
  };
}
