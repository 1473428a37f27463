import { describe, expect, it } from 'vitest';
import { LATER_BREAKS, LATER_RAMP, laterClass, waterfall } from '../../renderer/explain/contribution.ts';
import { coloured } from '../../renderer/map/routeOnMap.ts';
import { EXPLAINED } from '../../renderer/map/style.ts';
import { mockExplanation } from './mockExplanation.ts';

/** Ten segments of 100 m along the equator, each with 10 s over its free flow. */
const profile = Array.from({ length: 10 }, (_, i) => ({
  segment: i,
  distanceM: 100 * (i + 1),
  elapsedS: 20 * (i + 1),
  lowS: 0,
  highS: 0,
  freeFlowS: 10 * (i + 1),
  ratio: 0.5,
}));
const route = { depart: '2024-05-14T08:10:00', etaS: 200, freeFlowS: 100, profile };
const why = mockExplanation(route, () => '');

describe('the bars of an explanation', () => {
  it('each begin where the last ended, and end at the usual time and the ETA', () => {
    const steps = waterfall(why);
    let sum = 0;
    for (const { kind, fromS, untilS } of steps) {
      if (kind === 'usual' || kind === 'predicted') expect(untilS).toBeCloseTo(sum, 6);
      else expect(fromS).toBeCloseTo(sum, 6);
      sum = untilS;
    }
    expect(steps.find(({ kind }) => kind === 'usual')?.untilS).toBeCloseTo(why.usualS, 6);
    expect(steps.at(-1)).toMatchObject({ label: 'Predicted', fromS: 0, untilS: why.etaS });
    expect(new Set(steps.map(({ label }) => label)).size).toBe(steps.length);
  });
});

describe('the colours of an explained route', () => {
  it('are by seconds longer than usual per kilometre, one for each class', () => {
    const at = (perKm: number) => laterClass({ liveS: perKm / 10, lengthM: 100 });
    expect([-90, -30, -10, 0, 10, 30, 90].map(at)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const ramp of Object.values(LATER_RAMP)) expect(ramp).toHaveLength(LATER_BREAKS.length + 1);
  });

  it('join neighbours of one class, and are those of speed where nothing is explained', () => {
    const coordinates: [number, number][] = [
      [0, 0],
      [0.009, 0],
    ];
    const answer = { ...route, coordinates } as unknown as Parameters<typeof coloured>[0];
    expect(coloured(answer).map(({ k }) => k)).toEqual([3]);
    const classes = why.segments.map((segment) => EXPLAINED + laterClass(segment));
    const joined = classes.filter((k, i) => k !== classes[i - 1]);
    expect(coloured(answer, why).map(({ k }) => k)).toEqual(joined);
    expect(joined.length).toBeGreaterThan(2);
  });
});
