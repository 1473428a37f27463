import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EtalonError, quietContext } from '../../../core/base/index.ts';
import { turnDelaysBesideSpeeds } from '../../../core/roads/exchange/turnDelays.ts';
import { WEEK_BINS } from '../../../core/roads/exchange/weekBins.ts';
import { type SpeedSource, speedsOfWeek } from '../../../core/roads/exchange/weeklySpeeds.ts';
import { writeOsrmSpeeds, writeOsrmTurns } from '../../../core/roads/exchange/writeOsrm.ts';
import { findTurn, type RoadNetwork, SEGMENT_FLAGS, type TripSet } from '../../../core/roads/index.ts';
import { inFolder, node, readCity, readText, way } from '../../support/osmCity.ts';

/** Way 7 bends at 11 and 12 between the junctions 1 and 2; 8 crosses it at 2; 9 is driven against its drawing. */
const city = await readCity({
  nodes: [
    node(1, 0, 0),
    node(11, 1, 0.2),
    node(12, 2, 0.4),
    node(2, 3, 0),
    node(3, 6, 0),
    node(4, 3, 3),
    node(5, 3, -3),
    node(6, 6, 3),
  ],
  ways: [way(7, [1, 11, 12, 2, 3]), way(8, [4, 2, 5]), way(9, [6, 3], { oneway: '-1' })],
});
const { network } = city;
const S = (ref: string) => city.segment(ref);

/** 20 km/h and 2 for each segment's number; half of that on Tuesday 08:00–08:05. Nothing of way 9. */
const TUESDAY_8 = 288 + 96;
const source: SpeedSource = {
  description: 'a test',
  of(segment) {
    if (network.wayIds[segment] === 9) return null;
    const kmh = 20 + 2 * segment;
    return speedsOfWeek(
      Float32Array.from({ length: WEEK_BINS }, (_, bin) => (bin === TUESDAY_8 ? kmh / 2 : kmh)),
    );
  },
};

/** By the format's description: from, to, km/h, with no empty line and no header. */
function plainSpeeds(text: string): Map<string, number> {
  expect(text.endsWith('\n')).toBe(true);
  const pairs = text
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const fields = /^(\d+),(\d+),(\d+(?:\.\d+)?)$/.exec(line);
      expect(fields, line).not.toBeNull();
      return [`${fields![1]} ${fields![2]}`, Number(fields![3])] as const;
    });
  expect(new Set(pairs.map(([pair]) => pair)).size).toBe(pairs.length);
  return new Map(pairs);
}

describe('the nodes of roads from OSM', () => {
  it('stand at every point, in driving order, and each direction is known', () => {
    const nodesOf = (ref: string) => [
      ...network.pointNodeIds!.subarray(network.geometryOffsets[S(ref)], network.geometryOffsets[S(ref) + 1]),
    ];
    expect(nodesOf('7/1/2')).toEqual([1, 11, 12, 2]);
    expect(nodesOf('7/2/1')).toEqual([2, 12, 11, 1]);
    expect(nodesOf('9/3/6')).toEqual([3, 6]);
    const against = (ref: string) => (network.flags[S(ref)] & SEGMENT_FLAGS.againstWay) !== 0;
    expect(['7/1/2', '7/2/1', '8/4/2', '8/2/4', '9/3/6'].map(against)).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
  });
});

describe('speeds for OSRM', () => {
  const writing = (bin: number | null, of: RoadNetwork = network) =>
    inFolder(async (folder) => {
      const out = join(folder, 'speeds.csv');
      const report = await writeOsrmSpeeds(out, of, async () => source, bin, quietContext);
      expect(readdirSync(folder)).toEqual(['speeds.csv']);
      return { report, text: readFileSync(out, 'utf8') };
    });

  it('name every two successive nodes, both ways, at the time asked for', async () => {
    const { report, text } = await writing(TUESDAY_8);
    const speeds = plainSpeeds(text);
    expect(report).toMatchObject({ format: 'osrm', rows: speeds.size, segments: 8, bytes: text.length });
    const expected = new Map<string, number>();
    for (const [ref, nodes] of [
      ['7/1/2', [1, 11, 12, 2]],
      ['7/2/1', [2, 12, 11, 1]],
      ['7/2/3', [2, 3]],
      ['7/3/2', [3, 2]],
      ['8/4/2', [4, 2]],
      ['8/2/4', [2, 4]],
      ['8/2/5', [2, 5]],
      ['8/5/2', [5, 2]],
    ] as const)
      for (let i = 0; i + 1 < nodes.length; i++) expected.set(`${nodes[i]} ${nodes[i + 1]}`, 10 + S(ref));
    expect(speeds).toEqual(expected);
  });

  it('are the mean of the day’s hours where no time is asked for', async () => {
    const speeds = plainSpeeds((await writing(null)).text);
    const kmh = 20 + 2 * S('8/4/2');
    const bins = 7 * 144;
    expect(speeds.get('4 2')).toBeCloseTo(bins / ((bins - 1) / kmh + 2 / kmh), 1);
  });

  it('need roads that keep OSM’s nodes', async () => {
    const { network: drawn } = await readText(
      'roads.geojson',
      JSON.stringify({
        type: 'Feature',
        properties: {},
        geometry: {
          type: 'LineString',
          coordinates: [
            [8, 49],
            [8.01, 49],
          ],
        },
      }),
    );
    await expect(writing(null, drawn)).rejects.toMatchObject({
      code: 'conflict',
      remedy: expect.stringMatching(/OSM file/),
    });
  });

  it('are not written where there are none', async () => {
    await inFolder(async (folder) => {
      const nothing = { description: '', of: () => null };
      const error = await writeOsrmSpeeds(
        join(folder, 'a.csv'),
        network,
        async () => nothing,
        null,
        quietContext,
      ).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(EtalonError);
      expect(error).toMatchObject({ code: 'conflict' });
      expect(readdirSync(folder)).toEqual([]);
    });
  });
});

describe('turn penalties for OSRM', () => {
  const turn = (from: string, to: string) => findTurn(network, S(from), S(to));
  /** Left turns cost 8 s, right ones 3, and every segment's own signal 5, which all its turns share. */
  const model = {
    endDelayS(from: number, to: number): number {
      const angle = network.turnAngleDeg[findTurn(network, from, to)];
      return 5 + (angle < -45 ? 8 : angle > 45 ? 3 : 0);
    },
  };
  const trips = (...paths: string[][]): TripSet => {
    const offsets = new Uint32Array(paths.length + 1);
    paths.forEach((path, i) => {
      offsets[i + 1] = offsets[i] + path.length;
    });
    const zeros = new Float64Array(paths.length);
    return {
      count: paths.length,
      ids: paths.map((_, i) => `${i}`),
      departS: zeros,
      localDepartS: zeros,
      totalS: new Float32Array(paths.length).fill(60),
      offsets,
      segments: Int32Array.from(paths.flat(), S),
    };
  };

  it('are what a turn takes more than those that drivers made at the segment’s end', () => {
    const driven = trips(['7/1/2', '7/2/3'], ['7/1/2', '7/2/3'], ['7/1/2', '7/2/3'], ['7/1/2', '8/2/4']);
    const delays = turnDelaysBesideSpeeds(network, driven, model);
    // 4 is to the left of a drive eastwards, 5 to the right. Mean of the four: 5 + 8/4.
    expect(delays[turn('7/1/2', '7/2/3')]).toBeCloseTo(-2, 5);
    expect(delays[turn('7/1/2', '8/2/4')]).toBeCloseTo(6, 5);
    expect(delays[turn('7/1/2', '8/2/5')]).toBeCloseTo(1, 5);
    // Nobody drove from 3: the plain mean of 0, 3 and 8.
    expect(delays[turn('7/3/2', '7/2/1')]).toBeCloseTo(-11 / 3, 5);
    const sum = driven.offsets
      .subarray(0, 4)
      .reduce(
        (total, at) => total + delays[findTurn(network, driven.segments[at], driven.segments[at + 1])],
        0,
      );
    expect(sum).toBeCloseTo(0, 4);
  });

  it('name the nodes before, at and after the junction', async () => {
    const delays = Float32Array.from({ length: network.turnCount }, (_, at) => at / 10 - 0.5);
    await inFolder(async (folder) => {
      const out = join(folder, 'turns.csv');
      expect(await writeOsrmTurns(out, network, delays, quietContext)).toBe(network.turnCount);
      const lines = readFileSync(out, 'utf8').slice(0, -1).split('\n');
      expect(lines).toHaveLength(network.turnCount);
      for (const line of lines) expect(line).toMatch(/^\d+,\d+,\d+,-?\d+(\.\d+)?$/);
      const penalty = (nodes: string) =>
        Number(lines.find((line) => line.startsWith(`${nodes},`))!.split(',')[3]);
      expect(penalty('12,2,3')).toBeCloseTo(delays[turn('7/1/2', '7/2/3')], 5);
      expect(penalty('4,2,12')).toBeCloseTo(delays[turn('8/4/2', '7/2/1')], 5);
      expect(penalty('2,3,6')).toBeCloseTo(delays[turn('7/2/3', '9/3/6')], 5);
      // Where a road ends, and there alone, the way back.
      expect(penalty('11,1,11')).toBeCloseTo(delays[turn('7/2/1', '7/1/2')], 5);
    });
  });
});
