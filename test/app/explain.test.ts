import { describe, expect, it } from 'vitest';
import { type ExplainedFigures, explanationOf } from '../../core/app/explain/explanationWords.ts';
import { similarTrips } from '../../core/app/explain/similarTrips.ts';
import { stretchesOf } from '../../core/app/explain/stretches.ts';
import { gridNetwork, type PlainTrip, packTrips } from '../support/gridNetwork.ts';
import { FIRST_DAY_S } from '../support/smallCity.ts';

type Segment = ExplainedFigures['segments'][number];

const segment = (id: number, lengthM: number, liveS: number, more: Partial<Segment> = {}): Segment => ({
  segment: id,
  lengthM,
  freeFlowS: 30,
  roadS: 4,
  junctionsS: 3,
  hourS: 5,
  liveS,
  causedS: liveS / 2,
  observed: null,
  ...more,
});

const NAMES = ['Rua do Sol', 'Rua do Sol', 'Rua da Lua', '', ''];
const nameOf = (id: number) => NAMES[id];

describe('stretches', () => {
  it('are of one road each, not over 800 m, and add up in every part', () => {
    const seen = (ratio: number, nearby: boolean) => ({ ratio, minutes: nearby ? 60 : 15, nearby });
    const segments = [
      segment(0, 300, 60, { observed: seen(2, false) }),
      segment(1, 100, 20, { observed: seen(1.2, false) }),
      segment(1, 90, 1, { observed: seen(9, true) }),
      segment(2, 200, -5),
      segment(3, 500, 2),
      segment(4, 400, 1),
    ];
    const stretches = stretchesOf(segments, nameOf);
    expect(stretches.map(({ name, fromM, untilM, liveS }) => [name, fromM, untilM, liveS])).toEqual([
      ['Rua do Sol', 0, 490, 81],
      ['Rua da Lua', 490, 690, -5],
      ['', 690, 1190, 2],
      ['', 1190, 1590, 1],
    ]);
    expect(stretches[0].observed).toEqual({ ratio: (300 * 2 + 100 * 1.2) / 400, minutes: 15, nearby: false });
    expect(stretches[1].observed).toBeNull();
    for (const part of ['freeFlowS', 'roadS', 'junctionsS', 'hourS', 'liveS', 'causedS'] as const) {
      const sum = (rows: readonly Record<typeof part, number>[]) =>
        rows.reduce((total, row) => total + row[part], 0);
      expect(sum(stretches)).toBeCloseTo(sum(segments), 9);
    }
  });
});

/** A drive of 20 min that usually takes 12: five minutes of it lost on one road. */
function figures(changes: Partial<ExplainedFigures> = {}): ExplainedFigures {
  const segments = [
    segment(0, 1200, 300, { observed: { ratio: 1.6667, minutes: 15, nearby: false } }),
    segment(2, 2000, 110),
    segment(3, 3000, 70),
  ];
  return {
    depart: '2024-05-14T08:10:00',
    etaS: 1200,
    usualS: 720,
    freeFlowS: 500,
    roadS: 90,
    junctionsS: 60,
    hourS: 70,
    liveS: 480,
    medianHour: 13,
    inputs: [
      { group: 'here', seconds: 400 },
      { group: 'city', seconds: 90 },
      { group: 'sideRoads', seconds: -10 },
      { group: 'ahead', seconds: 0 },
    ],
    segments,
    stretches: stretchesOf(segments, nameOf),
    junctions: [
      { atM: 1200, signal: true, turn: 'sharpLeft', from: 'Rua do Sol', onto: 'Rua da Lua', seconds: 41 },
    ],
    leaving: [
      { minutes: -15, etaS: 1020, lowS: 900, highS: 1300 },
      { minutes: 15, etaS: 1260, lowS: 1000, highS: 1500 },
    ],
    otherWay: { via: 'Rua do Mar', distanceM: 7000, etaS: 1300, lowS: 1100, highS: 1500 },
    seldomM: 0,
    dayTypeSeen: true,
    steps: 64,
    gapS: -0.24,
    similar: {
      count: 34,
      withinMinutes: 30,
      dayType: 'weekday',
      sharedShare: 0.8,
      q10S: 700,
      medianS: 900,
      q90S: 1300,
    },
    lastTripMinutes: 2,
    ...changes,
  };
}

describe('an explanation in words', () => {
  it('says how far from usual, where most of it is lost, and how traffic ran there', () => {
    expect(explanationOf(figures()).sentence).toBe(
      '8.0 min longer than usual at this hour: 5.0 min of it on the 1.2 km of Rua do Sol before Rua da Lua, where traffic in the last 15 min ran 40 % slower than expected, and 1.8 min on the 2.0 km of Rua da Lua.',
    );
  });

  it('says the same of a drive that is quicker, and of one that is as usual', () => {
    const { stretches } = figures();
    const quicker = stretches.map((stretch) => ({ ...stretch, liveS: -stretch.liveS, observed: null }));
    const sentence = explanationOf(figures({ liveS: -480, etaS: 240, stretches: quicker })).sentence;
    expect(sentence).toContain('8.0 min less than usual at this hour: 5.0 min of it on the 1.2 km');
    expect(explanationOf(figures({ liveS: 15, etaS: 735 })).sentence).toBe(
      'About as long as usual at this hour: 12 min, where 12 min are usual.',
    );
    const spread = Array.from({ length: 8 }, (_, i) => ({ ...stretches[0], liveS: 60, fromM: 100 * i }));
    expect(explanationOf(figures({ stretches: spread })).sentence).toBe(
      '8.0 min longer than usual at this hour, spread over the whole way.',
    );
  });

  it('tells parts, inputs, junctions, other departures and ways, and similar trips', () => {
    expect(explanationOf(figures()).details).toEqual([
      'Of 20 min, 8.3 min are free flow, +1.5 min roads slower than their limit, +1.0 min signals and turns, +1.2 min the hour (08:00 against 13:00, the median of that day).',
      'By input: traffic on the way itself +6.7 min, traffic in the whole city +1.5 min, traffic on and about side roads −10 s.',
      'The dearest junction, at 1.2 km: Sharp left turn onto Rua da Lua, signal, 41 s.',
      'Leaving 15 min earlier −3.0 min, 15 min later +1.0 min.',
      'The quickest other way, by Rua do Mar, takes 22 min (+1.7 min).',
      '34 trips over 80 % of this way or more, on weekdays within 30 min of 08:10, took 15 min at the median, 8 of 10 12 min–22 min.',
    ]);
  });

  it('names its limits where there are any, and by how much gradients missed the sum', () => {
    const limits = (changes: Partial<ExplainedFigures>) => explanationOf(figures(changes)).limits.join(' ');
    expect(explanationOf(figures()).limits).toHaveLength(1);
    expect(limits({ lastTripMinutes: 300 })).toContain('the last was 5 h earlier');
    expect(limits({ lastTripMinutes: null })).toContain('No trip had ended');
    expect(limits({ seldomM: 900 })).toContain('900 m of the way were driven fewer than 10 times');
    expect(limits({ dayTypeSeen: false })).toContain('no trips on such a day');
    expect(limits({ similar: null })).toContain('No trip of the project');
    expect(explanationOf(figures()).method).toContain('in 64 steps, whose sum missed it by 0.2 s');
  });
});

describe('similar trips', () => {
  const network = gridNetwork(8, 2);
  /** Along the south, eastward. */
  const way = Array.from({ length: 6 }, (_, x) =>
    [...network.fromJunction.keys()].find(
      (s) => network.fromJunction[s] === x && network.toJunction[s] === x + 1,
    ),
  ) as number[];
  const metres = (segments: readonly number[]) => segments.reduce((sum, s) => sum + network.lengthM[s], 0);
  const trip = (day: number, hour: number, segments: number[], secondsPerM: number): PlainTrip => {
    const segmentS = segments.map((s) => network.lengthM[s] * secondsPerM);
    return {
      localDepartS: FIRST_DAY_S + day * 86_400 + hour * 3600,
      segments,
      totalS: segmentS.reduce((a, b) => a + b, 0),
      segmentS,
    };
  };
  const at = FIRST_DAY_S + 8 * 3600;

  it('are those of such days and hours that drove most of it, stretched to the whole of it', () => {
    const near = Array.from({ length: 11 }, (_, i) => trip(i % 5, 8 + 0.04 * (i - 5), way, 0.1 + 0.01 * i));
    const others = [
      trip(5, 8, way, 9), // Saturday
      trip(1, 12, way, 9), // noon
      trip(1, 8, way.slice(0, 2), 9), // a third of the way
    ];
    const found = similarTrips(network, packTrips([...near, ...others]), way, at)!;
    expect(found).toMatchObject({ count: 11, withinMinutes: 30, dayType: 'weekday', sharedShare: 0.9 });
    expect(found.medianS).toBeCloseTo(0.15 * metres(way), 2);
    expect(found.q10S).toBeCloseTo(0.11 * metres(way), 2);
    expect(found.q90S).toBeCloseTo(0.19 * metres(way), 2);
  });

  it('are looked for further away where there are few, and say so', () => {
    const part = way.slice(0, 5);
    const trips = packTrips([trip(0, 12, part, 0.2), trip(5, 8, part, 9)]);
    const found = similarTrips(network, trips, way, at)!;
    expect(found).toMatchObject({ count: 1, withinMinutes: null, sharedShare: 0.7 });
    expect(found.medianS).toBeCloseTo(0.2 * metres(way), 2);
    expect(similarTrips(network, packTrips([trip(5, 8, way, 9)]), way, at)).toBeNull();
  });

  it('that are timed as a whole count only where they drove little else', () => {
    const whole = ({ segmentS: _, ...rest }: PlainTrip) => rest;
    const back = [way[5], network.reverse[way[5]], network.reverse[way[4]], network.reverse[way[3]]];
    const trips = [whole(trip(0, 8, way, 0.2)), whole(trip(0, 8, [...way, ...back], 9))];
    const found = similarTrips(network, packTrips(trips), way, at)!;
    expect(found.count).toBe(1);
    expect(found.medianS).toBeCloseTo(0.2 * metres(way), 2);
  });
});
