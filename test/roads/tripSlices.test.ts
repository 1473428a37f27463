import { describe, expect, it } from 'vitest';
import { DAY_S, ROAD_CLASSES, resamplingBlocks, sliceTrips, tripTraits } from '../../core/roads/index.ts';
import { gridNetwork, packTrips } from '../support/gridNetwork.ts';

const network = gridNetwork(4, 4);
/** Monday, 2024-01-01. */
const MONDAY_S = Date.UTC(2024, 0, 1) / 1000;
const primary = [...network.roadClass].indexOf(network.roadClass[0]);
const other = [...network.roadClass].findIndex((c) => c !== network.roadClass[0]);

describe('slices of trips', () => {
  const trips = packTrips([
    { localDepartS: MONDAY_S + 8.5 * 3600, segments: [primary], totalS: 10 },
    { localDepartS: MONDAY_S + 2 * DAY_S + 8.1 * 3600, segments: [primary, other, other], totalS: 500 },
    { localDepartS: MONDAY_S + 6 * DAY_S + 23.9 * 3600, segments: [other], totalS: 40 },
  ]);
  const traits = tripTraits(network, trips);

  it('know length, free-flow seconds and the class that most metres are of', () => {
    const { lengthM, speedLimitKmh, roadClass } = network;
    expect(traits.lengthM[1]).toBeCloseTo(lengthM[primary] + 2 * lengthM[other], 3);
    expect(traits.freeFlowS[0]).toBeCloseTo((lengthM[primary] / speedLimitKmh[primary]) * 3.6, 3);
    expect([...traits.roadClass]).toEqual([roadClass[primary], roadClass[other], roadClass[other]]);
  });

  it('each kind holds every trip once, in order, without empty groups', () => {
    const slices = sliceTrips(traits, trips.totalS);
    for (const by of ['hour', 'weekday', 'length', 'class', 'congestion']) {
      const ofKind = slices.filter((slice) => slice.by === by);
      expect(ofKind.flatMap(({ positions }) => positions).sort()).toEqual([0, 1, 2]);
      expect(ofKind.every(({ positions }) => positions.length > 0)).toBe(true);
    }
    const labels = (by: string) => slices.filter((slice) => slice.by === by).map(({ label }) => label);
    expect(labels('hour')).toEqual(['08:00', '23:00']);
    expect(labels('weekday')).toEqual(['Monday', 'Wednesday', 'Sunday']);
    expect(labels('class').sort()).toEqual(
      [network.roadClass[primary], network.roadClass[other]].map((c) => ROAD_CLASSES[c]).sort(),
    );
  });

  it('split lengths and congestion at their bounds', () => {
    const traits = {
      localDepartS: new Float64Array(4),
      lengthM: Float32Array.of(999, 1000, 1500, 40_000),
      freeFlowS: new Float32Array(4).fill(100),
      roadClass: new Uint8Array(4),
    };
    const slices = sliceTrips(traits, [124, 125, 299, 900]);
    const groups = (by: string) =>
      slices.filter((slice) => slice.by === by).map(({ label, positions }) => [label, positions]);
    expect(groups('length')).toEqual([
      ['under 1 km', [0]],
      ['1–2 km', [1, 2]],
      ['over 16 km', [3]],
    ]);
    expect(groups('congestion')).toEqual([
      ['under 1.25 × free flow', [0]],
      ['1.25–1.5 × free flow', [1]],
      ['2–3 × free flow', [2]],
      ['over 3 × free flow', [3]],
    ]);
  });

  it('are resampled by days, or by hours where there are few', () => {
    const days = Float64Array.from({ length: 10 }, (_, i) => (i >> 1) * DAY_S + i * 3600);
    expect(resamplingBlocks(days)).toEqual({
      blockOf: Int32Array.of(0, 0, 1, 1, 2, 2, 3, 3, 4, 4),
      unit: 'day',
    });
    expect(resamplingBlocks(Float64Array.of(10, 3700, 7000)).unit).toBe('hour');
    expect([...resamplingBlocks(Float64Array.of(10, 3700, 7000)).blockOf]).toEqual([0, 1, 1]);
  });
});
