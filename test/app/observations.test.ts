import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { summarizeObservations } from '../../core/app/observationFigures.ts';
import { ObservationReader } from '../../core/app/observationReader.ts';
import { EtalonError } from '../../core/base/index.ts';
import { createProject, type Project } from '../../core/project/index.ts';
import { gridCity, sketchNetwork } from '../support/network.ts';
import { randomObservations } from '../support/randomObservations.ts';
import { emptyReport } from '../support/trips.ts';

let folder: string;
let project: Project;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-app-'));
  project = createProject(join(folder, 'a.etalon'));
});
afterEach(() => {
  project.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('what is said of observations', () => {
  it('is counts and mean speeds by day and hour, and the part of the network', () => {
    const roads = sketchNetwork(
      [
        [8, 49],
        [8.01, 49],
        [8.02, 49],
      ],
      [
        { from: 0, to: 1, lengthM: 1000 },
        { from: 1, to: 2, lengthM: 3000 },
        { from: 2, to: 1, lengthM: 3000 },
      ],
    );
    const day = Date.UTC(2024, 2, 4) / 3.6e6;
    const hours = [
      { hour: day + 8, observations: 4, speedSumKmh: 200 },
      { hour: day + 9, observations: 1, speedSumKmh: 10 },
      { hour: day + 48 + 8, observations: 1, speedSumKmh: 25 },
    ];
    const summary = summarizeObservations(roads, hours, Uint32Array.of(5, 0, 1));
    expect(summary.byDay).toEqual([
      { day: '2024-03-04', observations: 5, meanKmh: 42 },
      { day: '2024-03-05', observations: 0, meanKmh: null },
      { day: '2024-03-06', observations: 1, meanKmh: 25 },
    ]);
    expect(summary.byHour).toHaveLength(24);
    expect(summary.byHour[8]).toEqual({ observations: 5, meanKmh: 45 });
    expect(summary.byHour[10]).toEqual({ observations: 0, meanKmh: null });
    expect(summary.segments).toEqual({ observed: 2, all: 3, observedKm: 4, allKm: 7, median: 3 });
  });

  it('is a segment’s series, unknown counts as null', async () => {
    const city = gridCity({ rows: 3, columns: 3 });
    project.writeRoads(city, emptyReport('city'));
    const all = randomObservations({ count: 3000, segments: city.segmentCount, seed: 1 });
    await project.importObservations('UTC', async (add) => {
      add(all);
      return emptyReport('observed');
    });
    const reader = new ObservationReader(project);
    const series = reader.ofSegment(5, { from: '2024-03-05', until: '2024-03-08' });
    const expected = Array.from(all.segment.keys())
      .filter((i) => all.segment[i] === 5)
      .filter(
        (i) =>
          all.localStartS[i] >= Date.UTC(2024, 2, 5) / 1000 &&
          all.localStartS[i] < Date.UTC(2024, 2, 8) / 1000,
      )
      .sort((a, b) => all.startS[a] - all.startS[b] || a - b);
    expect(expected.length).toBeGreaterThan(3);
    expect(series).toEqual({
      localStartS: expected.map((i) => all.localStartS[i]),
      durationS: expected.map(() => 300),
      speedKmh: expected.map((i) => all.speedKmh[i]),
      vehicles: expected.map((i) => (Number.isNaN(all.vehicles[i]) ? null : all.vehicles[i])),
    });
    expect(reader.summary().byDay).toHaveLength(21);
    expect(() => reader.ofSegment(city.segmentCount, {})).toThrow(EtalonError);
  });
});
