import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROAD_CLASSES, type RoadNetwork, readRoads } from '../../core/roads/index.ts';
import type { ImportReport } from '../../core/tables/index.ts';

const folder = join(import.meta.dirname, '../../../shared/data/osm');
const hasOsmium = spawnSync('osmium', ['--version']).status === 0;

interface Extract {
  file: string;
  counts: { nodes: number; ways: number; relations: number };
  /** Degrees: west, south, east, north of the roads. */
  box: readonly [number, number, number, number];
  segments: number;
  /** Of the segments, in the largest part where every segment can be reached from every other. */
  connected: number;
}

// Counts by osmium 1.15; segments and connected shares are floors under what was looked at on a map.
const extracts: Extract[] = [
  {
    file: 'heidelberg.osm.pbf',
    counts: { nodes: 221_009, ways: 31_619, relations: 1700 },
    box: [7.7, 49.3, 9.2, 49.6],
    segments: 20_000,
    // The extract has villages whose roads to the city it lacks, and a road on the far side of the Rhine.
    connected: 0.85,
  },
  {
    file: 'monaco.osm.pbf',
    counts: { nodes: 180_118, ways: 27_377, relations: 212 },
    box: [7.3, 43.6, 7.6, 43.9],
    segments: 3500,
    connected: 0.9,
  },
  {
    file: 'helsinki.osm.pbf',
    counts: { nodes: 24_260, ways: 5130, relations: 620 },
    box: [24.9, 60.1, 25, 60.2],
    segments: 1200,
    connected: 0.85,
  },
  {
    file: 'krems.osm.gz',
    counts: { nodes: 15_042, ways: 2402, relations: 73 },
    box: [15.5, 48.3, 15.8, 48.5],
    segments: 1000,
    connected: 0.7,
  },
  {
    file: 'north-bayreuth.osm.gz',
    counts: { nodes: 58_631, ways: 7801, relations: 179 },
    box: [11.4, 49.9, 11.7, 50.1],
    segments: 2000,
    connected: 0.8,
  },
];

describe.skipIf(!existsSync(folder)).each(extracts)(
  '$file (skipped where ../shared/data/osm is missing)',
  ({ file, counts, box, segments, connected }) => {
    const path = join(folder, file);
    let network: RoadNetwork;
    let report: ImportReport;
    beforeAll(async () => {
      ({ network, report } = await readRoads(path));
    });

    it('counts every element of the file', () => expect(report.read).toEqual(counts));

    it.skipIf(!hasOsmium)('counts as osmium does (skipped without osmium)', () => {
      const text = execFileSync('osmium', ['fileinfo', '-e', '-j', path], { encoding: 'utf8' });
      expect(report.read).toEqual(osmiumCounts(text));
    });

    it('accounts for every way', () => {
      const ofWays = report.dropped.filter(({ reason }) => !reason.includes('restriction'));
      const dropped = ofWays.reduce((sum, { count }) => sum + count, 0);
      expect(dropped + report.kept.ways).toBe(counts.ways);
    });

    it('holds sane values', () => {
      expect(network.segmentCount).toBeGreaterThan(segments);
      expect(new Set(network.refs).size).toBe(network.segmentCount);
      const outside = network.coordinates.filter(
        (degrees, i) => degrees < box[i % 2] || degrees > box[2 + (i % 2)],
      );
      expect(outside).toHaveLength(0);
      expect(Math.min(...network.lengthM)).toBeGreaterThan(0);
      expect(Math.max(...network.lengthM)).toBeLessThan(20_000);
      expect(Math.min(...network.speedLimitKmh)).toBeGreaterThanOrEqual(4);
      expect(Math.max(...network.speedLimitKmh)).toBeLessThanOrEqual(130);
      const degree = network.turnCount / network.segmentCount;
      expect(degree).toBeGreaterThan(1);
      expect(degree).toBeLessThan(3);
      const classes = new Set(Array.from(network.roadClass, (index) => ROAD_CLASSES[index]));
      expect(classes.has('residential')).toBe(true);
    });

    it('is mostly one piece to drive in', () => {
      expect(largestComponent(network) / network.segmentCount).toBeGreaterThan(connected);
    });
  },
);

function osmiumCounts(json: string): Record<string, number> {
  const { nodes, ways, relations } = (
    JSON.parse(json) as { data: { count: { nodes: number; ways: number; relations: number } } }
  ).data.count;
  return { nodes, ways, relations };
}

/** Size of the largest strongly connected set of segments: those that reach, and are reached from, one of them. */
function largestComponent(network: RoadNetwork): number {
  const { segmentCount, turnOffsets, turnFrom, turnTo } = network;
  const before: number[][] = Array.from({ length: segmentCount }, () => []);
  for (let turn = 0; turn < network.turnCount; turn++) before[turnTo[turn]].push(turnFrom[turn]);
  const after = (s: number): Iterable<number> => turnTo.subarray(turnOffsets[s], turnOffsets[s + 1]);
  const done = new Uint8Array(segmentCount);
  let largest = 0;
  for (let start = 0; start < segmentCount && largest < segmentCount / 2; start++) {
    if (done[start]) continue;
    const forward = reach(start, after);
    const backward = reach(start, (s) => before[s]);
    const component = [...forward].filter((s) => backward.has(s));
    for (const s of component) done[s] = 1;
    largest = Math.max(largest, component.length);
  }
  return largest;
}

function reach(start: number, next: (segment: number) => Iterable<number>): Set<number> {
  const seen = new Set([start]);
  for (const s of seen) for (const t of next(s)) seen.add(t);
  return seen;
}
