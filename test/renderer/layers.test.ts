import { describe, expect, it } from 'vitest';
import { classOf, LAYER_BREAKS } from '../../core/app/ratios.ts';
import {
  DIFFERENCE_BREAKS,
  differenceLayer,
  LAYERS,
  type ShownLayer,
  valueInWords,
} from '../../renderer/map/layers.ts';
import { classRange, layerClass, NO_PREDICTION, RATIO_BREAKS } from '../../renderer/map/ramp.ts';
import { luminance } from '../support/luminance.ts';

const plain = (text: string) => text.replaceAll(/[\u00a0\u2009]/g, ' ');
const shown = (layer: ShownLayer['layer'], values: number[], breaks: readonly number[]): ShownLayer => ({
  layer,
  speed: 'predicted',
  horizonMinutes: 0,
  values: Float32Array.from(values),
  breaks,
  classKm: null,
  note: null,
  meanSpeedsKmh: layer === 'observations' ? Float32Array.of(31.6) : null,
  hasGaps: false,
});

describe('classes of a legend', () => {
  it('are those that the server counts kilometres in', () => {
    const values = [Number.NaN, -30, -8, -1, 0, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9, 1, 3, 8, 10, 30, 100, 1e6];
    for (const breaks of Object.values(LAYER_BREAKS))
      for (const value of values) expect(layerClass(value, breaks)).toBe(classOf(value, breaks));
    expect([...LAYER_BREAKS.ratio]).toEqual([...RATIO_BREAKS]);
  });

  it('have one colour each in both themes', () => {
    const breaks = { speed: LAYER_BREAKS.ratio, ...LAYER_BREAKS, difference: DIFFERENCE_BREAKS };
    for (const layer of ['speed', 'error', 'uncertainty', 'observations', 'coverage', 'difference'] as const)
      for (const theme of ['light', 'dark'] as const) {
        const ramp = LAYERS[layer].ramp[theme];
        expect(ramp).toHaveLength(breaks[layer].length + 1);
        expect(new Set(ramp).size).toBe(ramp.length);
      }
  });

  it('get heavier towards the end that matters', () => {
    const steps = (ramp: readonly string[]) => ramp.map(luminance);
    const rising = (values: number[]) => values.slice(1).every((value, i) => value > values[i]!);
    expect(rising(steps(LAYERS.uncertainty.ramp.light).toReversed())).toBe(true);
    expect(rising(steps(LAYERS.uncertainty.ramp.dark))).toBe(true);
    const light = steps(LAYERS.error.ramp.light);
    expect(rising(light.slice(0, 4)) && rising(light.slice(3).toReversed())).toBe(true);
    const dark = steps(LAYERS.error.ramp.dark);
    expect(rising(dark.slice(0, 4).toReversed()) && rising(dark.slice(3))).toBe(true);
  });

  it('are named by their limits, whichever way they run', () => {
    const named = (breaks: readonly number[], format: (value: number) => string) =>
      [...breaks, 0].map((_, k) => plain(classRange(k, breaks, format)));
    expect(named(LAYER_BREAKS.error, LAYERS.error.format)).toEqual([
      '+8 or more',
      '+4 to +8',
      '+1 to +4',
      '−1 to +1',
      '−4 to −1',
      '−8 to −4',
      'under −8',
    ]);
    expect(named(LAYER_BREAKS.observations, LAYERS.observations.format)).toEqual([
      'under 3',
      '3–10',
      '10–30',
      '30–100',
      '100 or more',
    ]);
  });
});

describe('a segment’s value', () => {
  it('is said in the layer’s own unit', () => {
    const say = (...layer: Parameters<typeof shown>) => plain(valueInWords(shown(...layer), 0, 50)!.text);
    expect(say('speed', [0.5], RATIO_BREAKS)).toBe('25 km/h · ratio 0.50');
    expect(say('error', [-6.24], LAYER_BREAKS.error)).toBe('−6.2 %');
    expect(say('uncertainty', [0.333], LAYER_BREAKS.uncertainty)).toBe('0.33 of the median');
    expect(say('observations', [1204], LAYER_BREAKS.observations)).toBe('1,204 · mean 32 km/h');
    expect(say('error', [Number.NaN], LAYER_BREAKS.error)).toBe('nothing to compare with');
    expect(valueInWords(shown('speed', [], RATIO_BREAKS), 0, 50)).toBeNull();
  });
});

it('of two runs, the difference is green where the first is nearer to what was driven', () => {
  const a = shown('error', [2, -12, 5, Number.NaN], LAYER_BREAKS.error);
  const b = shown('error', [-12, 2, -5, 3], LAYER_BREAKS.error);
  const { values, breaks, hasGaps } = differenceLayer(a, b);
  expect([...values]).toEqual([-10, 10, 0, Number.NaN]);
  expect([...values].map((value) => layerClass(value, breaks))).toEqual([0, 6, 3, NO_PREDICTION]);
  expect(hasGaps).toBe(true);
});
