import { describe, expect, test } from 'vitest';
import { Random } from '../../../core/base/random.ts';
import { dayKinds } from '../../../core/roads/simulator/days.ts';
import { borderGates } from '../../../core/roads/simulator/gates.ts';
import { proxyLandUse } from '../../../core/roads/simulator/landUse.ts';
import { JourneyLuck } from '../../../core/roads/simulator/luck.ts';
import { choosePlaces } from '../../../core/roads/simulator/places.ts';
import { reaching, strongPart } from '../../../core/roads/simulator/reach.ts';
import { RouteTrees } from '../../../core/roads/simulator/routes.ts';
import { gridCity, type SegmentSketch, sketchNetwork } from '../../support/network.ts';

describe('the strongly connected part', () => {
  test('is the largest class of mutual reachability, by brute force', () => {
    const random = new Random(4);
    for (let round = 0; round < 20; round++) {
      const junctions = Array.from({ length: 12 }, (_, i): [number, number] => [
        11 + 0.01 * i,
        54 + 0.003 * i,
      ]);
      const sketches: SegmentSketch[] = Array.from({ length: 22 }, () => {
        const from = random.int(12);
        return { from, to: (from + 1 + random.int(11)) % 12, lengthM: 100 };
      });
      const network = sketchNetwork(junctions, sketches);
      const reach = sketches.map((_, s) => {
        const seen = new Set([s]);
        for (const at of seen)
          for (let t = network.turnOffsets[at]; t < network.turnOffsets[at + 1]; t++)
            seen.add(network.turnTo[t]);
        return seen;
      });
      const classes = sketches.map((_, s) => [...reach[s]].filter((other) => reach[other].has(s)));
      const largest = Math.max(...classes.map((of) => of.length));
      const strong = strongPart(network);
      const marked = [...strong.keys()].filter((s) => strong[s]);
      expect(marked.length).toBe(largest);
      for (const s of marked) expect(classes[s].toSorted((a, b) => a - b)).toEqual(marked);
      const ahead = reaching(network, strong, 'ahead');
      const back = reaching(network, strong, 'back');
      sketches.forEach((_, s) => {
        expect(ahead[s] === 1).toBe(marked.some((m) => reach[m].has(s)));
        expect(back[s] === 1).toBe(marked.some((m) => reach[s].has(m)));
      });
    }
  });
});

describe('gates', () => {
  test('pair the carriageways of a motorway that the border cuts, and take two-way roads that end there', () => {
    const city = gridCity({ rows: 9, columns: 9, spacingM: 200 });
    const junctions: [number, number][] = [];
    for (let j = 0; j < city.junctionCount; j++)
      junctions.push([city.junctionCoordinates[2 * j], city.junctionCoordinates[2 * j + 1]]);
    const sketches: SegmentSketch[] = Array.from({ length: city.segmentCount }, (_, s) => ({
      from: city.fromJunction[s],
      to: city.toJunction[s],
      roadClass: 'residential',
    }));
    const [east, west] = [junctions[4 * 9 + 8], junctions[4 * 9]];
    const out = junctions.push([east[0] + 0.03, east[1]]) - 1;
    const into = junctions.push([east[0] + 0.03, east[1] + 0.0003]) - 1;
    const end = junctions.push([west[0] - 0.03, west[1]]) - 1;
    const first = sketches.length;
    sketches.push({ from: 44, to: out, roadClass: 'motorway' });
    sketches.push({ from: into, to: 44, roadClass: 'motorway' });
    sketches.push({ from: 36, to: end, roadClass: 'secondary' });
    sketches.push({ from: end, to: 36, roadClass: 'secondary' });
    // Ends in the middle of the town: a gap of the map, no gate.
    const inside = junctions.push([junctions[40][0] + 0.0005, junctions[40][1] + 0.0005]) - 1;
    sketches.push(
      { from: 40, to: inside, roadClass: 'primary' },
      { from: inside, to: 40, roadClass: 'primary' },
    );
    const network = sketchNetwork(junctions, sketches);
    const strong = strongPart(network);
    const centre = junctions[40];
    const reach = {
      arrives: reaching(network, strong, 'ahead'),
      departs: reaching(network, strong, 'back'),
    };
    expect(borderGates(network, centre, reach, 10)).toEqual([
      { exit: first, entry: first + 1, weight: 8 },
      { exit: first + 2, entry: first + 3, weight: 1 },
    ]);
    expect(borderGates(network, centre, reach, 1)).toHaveLength(1);
  });
});

describe('places', () => {
  const network = gridCity({ rows: 17, columns: 17, spacingM: 200 });
  const places = choosePlaces(network, 60, proxyLandUse(network, strongPart(network), 60), new Random(1));

  test('share out every segment where people live, and homes and jobs add up to 1', () => {
    const members = places.origins.flat();
    expect(new Set(members).size).toBe(members.length);
    // In a city of blocks people live on residential streets alone.
    const residential = [...network.roadClass].filter((of) => of === 6).length;
    expect(members.length).toBe(residential);
    for (const shares of [places.homes, places.jobs])
      expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  });

  test('journeys end on the nearest of a place’s ends', async () => {
    const trees = new RouteTrees(network, places.ends, 1);
    await trees.grow(0, Float64Array.from(network.lengthM), new Float64Array(network.turnCount));
    const spread = new Set<number>();
    for (let s = 0; s < network.segmentCount; s++) {
      let at = s;
      for (let turn = trees.nextTurn(3, 0, at); turn >= 0; turn = trees.nextTurn(3, 0, at))
        at = network.turnTo[turn];
      expect(trees.endsAt(3, 0, at)).toBe(true);
      expect(places.ends[3]).toContain(at);
      spread.add(at);
    }
    expect(spread.size).toBeGreaterThan(2);
  });
});

describe('a journey’s own luck', () => {
  test('is uniform and normal, and independent of what others draw', () => {
    const luck = new JourneyLuck(7);
    const n = 20_000;
    const bins = new Array<number>(20).fill(0);
    let [sum, squares, product] = [0, 0, 0];
    for (let j = 0; j < n; j++) {
      bins[Math.floor(20 * luck.uniform(j, 4))]++;
      const normal = luck.normal(j, 1);
      sum += normal;
      squares += normal * normal;
      product += (luck.uniform(j, 4) - 0.5) * (luck.uniform(j, 5) - 0.5);
    }
    const chiSquare = bins.reduce((total, count) => total + (count - n / 20) ** 2 / (n / 20), 0);
    expect(chiSquare).toBeLessThan(43.8); // 0.999 quantile at 19 degrees of freedom
    expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(squares / n - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(product / n) * 12).toBeLessThan(4 / Math.sqrt(n));
    expect(luck.uniform(3, 9)).toBe(new JourneyLuck(7).uniform(3, 9));
    expect(luck.uniform(3, 9)).not.toBe(new JourneyLuck(8).uniform(3, 9));
  });
});

test('days are of the kind of their weekday, holidays like Sundays', () => {
  expect(dayKinds('2025-04-30', 5, ['2025-05-01'])).toEqual([
    'weekday',
    'sunday',
    'friday',
    'saturday',
    'sunday',
  ]);
  expect(() => dayKinds('2025-13-01', 1)).toThrow('is not a date');
});
