import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiSupersegmentQuestion } from '../../core/api/supersegments.ts';
import { MapLayers } from '../../core/app/layers/mapLayers.ts';
import { Predictor } from '../../core/app/predictor.ts';
import { LAYER_BREAKS } from '../../core/app/ratios.ts';
import { PathNames } from '../../core/app/supersegments/names.ts';
import { SupersegmentReader } from '../../core/app/supersegments/reader.ts';
import { type Progress, quietContext, quietly, Random } from '../../core/base/index.ts';
import { createProject, type ProjectStore } from '../../core/project/index.ts';
import { countTraffic, freeFlowS, ROAD_CLASSES, SupersegmentSampler } from '../../core/roads/index.ts';
import { fakeModel } from '../support/fakeModel.ts';
import { gridNetwork } from '../support/gridNetwork.ts';
import { sketchNetwork } from '../support/network.ts';
import { emptyReport, randomTrips } from '../support/trips.ts';

const network = gridNetwork(6, 5);
const even = randomTrips(network, { count: 400, seed: 5, segmentTimes: true });
/** Trips differ in their pace. */
const paceOf = (trip: number) => 1 + (trip % 7) / 10;
const trips = {
  ...even,
  totalS: even.totalS.map((seconds, trip) => seconds * paceOf(trip)),
  segmentS: even.segmentS!.map(
    (seconds, k) => seconds * paceOf(even.offsets.findLastIndex((begin) => begin <= k)),
  ),
};
const traffic = countTraffic(network, trips);
const question: ApiSupersegmentQuestion = { runId: null, length: 3, count: 40, seed: 9, neighbours: 1 };
const never = new AbortController().signal;
/** The same draw, which is tested for itself. */
const { offsets, segments } = new SupersegmentSampler(network, traffic).draw(40, 3, new Random(9));
const pathOf = (id: number) => [...segments.subarray(offsets[id], offsets[id + 1])];
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

const folder = mkdtempSync(join(tmpdir(), 'etalon-supersegments-'));
let store: ProjectStore;
let reader: SupersegmentReader;
let run: number;

beforeAll(() => {
  store = createProject(join(folder, 'grid.etalon'));
  store.writeRoads(network, emptyReport('grid'));
  store.addTrips(trips, 'Etc/UTC', emptyReport('trips'));
  run = trainedRun();
  const learned = { offsets: Uint32Array.of(0, 2), segments: Int32Array.from(pathOf(0).slice(0, 2)) };
  const model = {
    ...fakeModel,
    open: async (...args: Parameters<typeof fakeModel.open>) => ({
      ...(await fakeModel.open(...args)),
      supersegments: args[1] === run ? learned : null,
    }),
  };
  const predictor = new Predictor(store, { eta: model });
  reader = new SupersegmentReader(store, predictor, new MapLayers(store, predictor));
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function trainedRun(): number {
  const { id } = store.createRun({ model: 'eta', config: { seed: 1, settings: {} } });
  store.saveCheckpoint(id, 'best', { epoch: 1, arrays: { w: Float32Array.of(1) }, json: {} });
  return id;
}

/** By brute force: seconds of every place of every trip that goes on along the path. */
function drivesByHand(path: readonly number[]): { hour: number; seconds: number }[] {
  const found: { hour: number; seconds: number }[] = [];
  for (let trip = 0; trip < trips.count; trip++) {
    const begin = trips.offsets[trip];
    const driven = [...trips.segments.subarray(begin, trips.offsets[trip + 1])];
    const seconds = [...trips.segmentS!.subarray(begin, trips.offsets[trip + 1])];
    for (let k = 0; k + path.length <= driven.length; k++)
      if (path.every((segment, i) => driven[k + i] === segment)) {
        const enteredS = trips.localDepartS[trip] + sum(seconds.slice(0, k));
        found.push({
          hour: new Date(enteredS * 1000).getUTCHours(),
          seconds: sum(seconds.slice(k, k + path.length)),
        });
      }
  }
  return found;
}

/** Between the two values that the share falls between, in proportion. */
function quantileByHand(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const rest = at % 1;
  return sorted[Math.floor(at)] * (1 - rest) + sorted[Math.ceil(at)] * rest;
}

describe('a catalogue of supersegments', () => {
  it('covers by road class what is counted by hand', async () => {
    const { coverage } = await reader.catalogue(question, quietContext);
    const { values: blob, classKm } = await reader.coverage(question, never);
    const held = new Set(segments);
    const all = [...Array(network.segmentCount).keys()];
    for (const row of coverage) {
      const own = all.filter(
        (s) => row.roadClass === 'all' || ROAD_CLASSES[network.roadClass[s]] === row.roadClass,
      );
      const covered = own.filter((s) => held.has(s));
      expect(row).toMatchObject({ segments: own.length, coveredSegments: covered.length });
      expect(row.km).toBeCloseTo(sum(own.map((s) => network.lengthM[s])) / 1000, 6);
      expect(row.coveredKm).toBeCloseTo(sum(covered.map((s) => network.lengthM[s])) / 1000, 6);
      expect(row.traversals).toBe([...trips.segments].filter((s) => own.includes(s)).length);
      expect(row.coveredTraversals).toBe([...trips.segments].filter((s) => covered.includes(s)).length);
    }
    expect(coverage.map((row) => row.roadClass)).toEqual(['secondary', 'residential', 'all']);
    const values = new Float32Array(await blob.arrayBuffer());
    for (const s of all)
      expect(values[s]).toBe(held.has(s) ? [...segments].filter((other) => other === s).length : Number.NaN);
    expect(classKm).toHaveLength(LAYER_BREAKS.coverage.length + 1);
    expect(sum(classKm)).toBeCloseTo(coverage.at(-1)!.coveredKm, 6);
  });

  it('has the figures of each, and the times of those who drove it from end to end', async () => {
    const { rows } = await reader.catalogue(question, quietContext);
    expect(rows).toHaveLength(40);
    for (const row of rows) {
      const path = pathOf(row.id);
      const drives = drivesByHand(path)
        .map(({ seconds }) => seconds)
        .sort((a, b) => a - b);
      expect(row.segments).toBe(path.length);
      expect(row.lengthM).toBeCloseTo(sum(path.map((s) => network.lengthM[s])), 6);
      expect(row.freeFlowS).toBeCloseTo(sum(path.map((s) => freeFlowS(network, s))), 6);
      expect(row.traversals).toBeCloseTo(sum(path.map((s) => traffic.segments[s])) / path.length, 6);
      expect(row.drives).toBe(drives.length);
      if (drives.length === 0) expect([row.lowS, row.medianS, row.highS]).toEqual([null, null, null]);
      else
        [row.lowS!, row.medianS!, row.highS!].forEach((seconds, i) => {
          expect(seconds).toBeCloseTo(quantileByHand(drives, [0.1, 0.5, 0.9][i]), 2);
        });
    }
    expect(rows.some((row) => row.drives > 1 && row.lowS! < row.highS!)).toBe(true);
  });

  it('tells one at length: its line, what lies around it, its hours', async () => {
    const { rows } = await reader.catalogue(question, quietContext);
    const busiest = rows.toSorted((a, b) => b.drives - a.drives)[0];
    const path = pathOf(busiest.id);
    const detail = await reader.one({ ...question, id: busiest.id }, never);
    expect(detail.coordinates).toHaveLength(path.length + 1);
    expect(detail.extended).toHaveLength(busiest.extended);
    const around = new Set<number>();
    for (let turn = 0; turn < network.turnCount; turn++) {
      const [from, to] = [network.turnFrom[turn], network.turnTo[turn]];
      if (path.includes(from) && !path.includes(to)) around.add(to);
      if (path.includes(to) && !path.includes(from)) around.add(from);
    }
    expect(busiest.extended).toBe(around.size);
    const byHand = drivesByHand(path);
    for (const { hour, count } of detail.byHour)
      expect(count).toBe(byHand.filter((drive) => drive.hour === hour).length);
    expect(sum(detail.byHour.map(({ count }) => count))).toBe(byHand.length);
    expect(detail.meanByHourS).toHaveLength(24);
    const lines = await reader.lines(question, never);
    expect(lines[busiest.id]).toEqual(detail.coordinates);
  });

  it('is the run’s own where it learned one, and says so where it did not', async () => {
    const { rows } = await reader.catalogue({ ...question, runId: run }, quietContext);
    expect(rows.map((row) => row.segments)).toEqual([2]);
    const other = trainedRun();
    await expect(reader.catalogue({ ...question, runId: other }, quietContext)).rejects.toThrow(
      'no catalogue',
    );
  });

  it('repeats by its seed, ends when cancelled, and knows its numbers', async () => {
    const again = await reader.catalogue({ ...question, seed: 10 }, quietContext);
    expect(again.rows).not.toEqual((await reader.catalogue(question, quietContext)).rows);
    const stopped = reader.catalogue({ ...question, seed: 11 }, quietly(AbortSignal.abort()));
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    await expect(reader.one({ ...question, id: 40 }, never)).rejects.toThrow('no supersegment 40');
  });
});

describe('building a catalogue', () => {
  it('reports its four steps, counts trips and supersegments, and ends in the middle when cancelled', async () => {
    const told: Progress[] = [];
    const { signal } = new AbortController();
    await reader.catalogue({ ...question, seed: 20 }, { signal, report: (progress) => told.push(progress) });
    expect([...new Set(told.map(({ step, steps }) => `${step} of ${steps}`))]).toEqual(
      [1, 2, 3, 4].map((step) => `${step} of 4`),
    );
    expect(told).toContainEqual(expect.objectContaining({ step: 3, total: trips.count, unit: 'trips' }));
    expect(told).toContainEqual(expect.objectContaining({ step: 4, total: 40, unit: 'supersegments' }));
    const stop = new AbortController();
    const stopped = reader.catalogue(
      { ...question, seed: 21 },
      { signal: stop.signal, report: ({ step }) => step === 3 && stop.abort() },
    );
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('names of supersegments', () => {
  const row = sketchNetwork(
    Array.from({ length: 8 }, (_, i): [number, number] => [8 + i / 100, 49]),
    ['Rua A', 'Rua A', '', 'Rua B', 'Rua C', 'Rua D', ''].map((name, i) => ({
      from: i,
      to: i + 1,
      name,
      lengthM: name === 'Rua C' ? 900 : 100,
      roadClass: 'residential' as const,
    })),
  );
  const names = new PathNames(row);

  it('are the roads in driving order; of many the first, the longest between and the last', () => {
    expect(names.of([0, 1])).toBe('Rua A');
    expect(names.of([3, 4])).toBe('Rua B → Rua C');
    expect(names.of([0, 1, 2, 3, 4, 5])).toBe('Rua A → Rua C → Rua D');
  });

  it('say class and place of roads without one', () => {
    expect(names.of([1, 2])).toBe('Rua A → residential street by Rua B');
    expect(names.of([6])).toBe('residential street by Rua D');
    const alone = sketchNetwork(
      [
        [8, 49],
        [8.01, 49],
      ],
      [{ from: 0, to: 1, roadClass: 'service' }],
    );
    expect(new PathNames(alone).of([0])).toBe('service road at 49.000, 8.000');
  });
});
