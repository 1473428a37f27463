import type { ApiMapLayer } from '../api/types.ts';
import { count, fixed, signed } from '../format/format.ts';
import type { Theme } from '../theme/theme.ts';
import { SPEED_RAMP } from './ramp.ts';

/** What the map shows. `difference` is of two runs' errors and is reached from their comparison only. */
export type MapLayer = 'speed' | 'error' | 'uncertainty' | 'observations' | 'coverage' | 'difference';
export const PICKED_LAYERS = ['speed', 'error', 'uncertainty', 'observations', 'coverage'] as const;

export const SPEED_KINDS = ['predicted', 'live', 'historical'] as const;
export type SpeedKind = (typeof SPEED_KINDS)[number];
/** Minutes after the strip's time for which speeds are predicted. */
export const HORIZONS = [0, 15, 30, 60] as const;

/** What a layer's values mean, beside the breaks that come with them. */
interface LayerMeaning {
  label: string;
  /** Above the legend. */
  title: string;
  /** What the ends of the legend mean, from its first class to its last. */
  ends: readonly [string, string];
  ramp: Readonly<Record<Theme, readonly string[]>>;
  /** Of a break, and of a value in a table. */
  format(value: number): string;
  /** Dashed grey: */
  gap: string;
}

/** Green to purple; both ends contrast most with the ground. */
const DIVERGING = {
  light: ['#0e492a', '#2a7e4f', '#75b68c', '#d2d1cb', '#b296d2', '#7f53ac', '#4d2472'],
  dark: ['#97eebc', '#5abb88', '#3b7e5a', '#494843', '#7f5ba6', '#bd8be8', '#e3c1fe'],
};
const SEQUENTIAL = {
  light: ['#c1ccd7', '#8aa1ba', '#547291', '#2c4462', '#141f32'],
  dark: ['#3b434d', '#52657a', '#7390a9', '#9ec0d8', '#dbebf3'],
};

/** Green from pale to deep; dark reverses lightness. */
const COVERAGE = {
  light: ['#c3dcc4', '#8fbf9f', '#539a7c', '#24705e', '#0c4238'],
  dark: ['#2c4640', '#3d6c5e', '#59957f', '#86bfa2', '#c9ecd0'],
};

export const LAYERS: Readonly<Record<MapLayer, LayerMeaning>> = {
  speed: {
    label: 'Speed',
    title: 'Speed ÷ free-flow speed',
    ends: ['free', 'slow'],
    ramp: SPEED_RAMP,
    format: (value) => value.toFixed(2),
    gap: 'no value',
  },
  error: {
    label: 'Error',
    title: 'Error, % of travel time',
    ends: ['predicted too slow', 'too fast'],
    ramp: DIVERGING,
    format: (value) => signed(value, Number.isInteger(value) ? 0 : 1),
    gap: 'nothing to compare with',
  },
  uncertainty: {
    label: 'Uncertainty',
    title: '80 % width ÷ median',
    ends: ['sure', 'unsure'],
    ramp: SEQUENTIAL,
    format: (value) => value.toFixed(2),
    gap: 'no interval',
  },
  observations: {
    label: 'Observations',
    title: 'Traversals at this hour',
    ends: ['few', 'many'],
    ramp: SEQUENTIAL,
    format: count,
    gap: 'none',
  },
  coverage: {
    label: 'Coverage',
    title: 'Supersegments on a road',
    ends: ['one', 'many'],
    ramp: COVERAGE,
    format: count,
    gap: 'in no supersegment',
  },
  difference: {
    label: 'Difference',
    title: 'Change in segment error, % of travel time',
    ends: ['better', 'worse'],
    ramp: DIVERGING,
    format: (value) => signed(value, Number.isInteger(value) ? 0 : 1),
    gap: 'nothing to compare with',
  },
};

/** Ends of the classes of a difference of absolute errors, in points: below −8 is best. */
export const DIFFERENCE_BREAKS = [-8, -4, -1, 1, 4, 8] as const;

/** The layer whose values the map has, with what they were computed for. */
export interface ShownLayer {
  layer: MapLayer;
  speed: SpeedKind;
  horizonMinutes: number;
  values: Float32Array;
  breaks: readonly number[];
  /** Kilometres of each class; null where the window computed the layer itself and knows no lengths. */
  classKm: readonly number[] | null;
  note: string | null;
  meanSpeedsKmh: Float32Array | null;
  hasGaps: boolean;
}

/** A layer that depends on run and time. */
export type TimedLayer = Exclude<MapLayer, 'coverage' | 'difference'>;

/** The contract's name for a layer. */
export const requestedLayer = (layer: TimedLayer, speed: SpeedKind) => (layer === 'speed' ? speed : layer);

/** Bulk values arrive as bytes; the wire is little-endian, as are all machines that run this. */
export async function readFloats(blob: Blob): Promise<Float32Array> {
  return new Float32Array(await blob.arrayBuffer());
}

export async function shownLayer(
  wish: { layer: MapLayer; speed: SpeedKind; horizonMinutes: number },
  answer: ApiMapLayer,
): Promise<ShownLayer> {
  const values = await readFloats(answer.values);
  return {
    ...wish,
    values,
    breaks: answer.breaks,
    classKm: answer.classKm,
    note: answer.note,
    meanSpeedsKmh: answer.meanSpeedsKmh ? await readFloats(answer.meanSpeedsKmh) : null,
    hasGaps: values.some(Number.isNaN),
  };
}

/** How much further run `a` is off than run `b`, in points: negative where `a` is better. */
export function differenceLayer(a: ShownLayer, b: ShownLayer): ShownLayer {
  const values = a.values.map((error, s) => Math.abs(error) - Math.abs(b.values[s] ?? Number.NaN));
  return {
    ...a,
    layer: 'difference',
    values,
    breaks: DIFFERENCE_BREAKS,
    classKm: null,
    hasGaps: values.some(Number.isNaN),
  };
}

/** "Predicted", "Predicted in 15 min", "Live", "Historical". */
export function speedName({ speed, horizonMinutes }: Pick<ShownLayer, 'speed' | 'horizonMinutes'>): string {
  if (speed === 'live') return 'Live, last 30 min';
  if (speed === 'historical') return 'Historical';
  return horizonMinutes === 0 ? 'Predicted, now' : `Predicted, +${horizonMinutes} min`;
}

/** A segment's value in words: name and figure. */
export function valueInWords(
  shown: ShownLayer,
  segment: number,
  freeFlowKmh: number | null,
): { name: string; text: string } | null {
  const value = shown.values[segment];
  if (value === undefined) return null;
  const { label, format, gap } = LAYERS[shown.layer];
  const name = shown.layer === 'speed' ? speedName(shown) : label;
  if (Number.isNaN(value)) return { name, text: gap };
  if (shown.layer === 'speed') {
    const speed = freeFlowKmh === null ? '' : `${fixed(freeFlowKmh * value, 0)} km/h · `;
    return { name, text: `${speed}ratio ${format(value)}` };
  }
  if (shown.layer === 'coverage')
    return { name, text: `in ${format(value)} supersegment${value === 1 ? '' : 's'}` };
  if (shown.layer === 'observations') {
    const mean = shown.meanSpeedsKmh?.[segment] ?? Number.NaN;
    return { name, text: `${format(value)}${Number.isNaN(mean) ? '' : ` · mean ${fixed(mean, 0)} km/h`}` };
  }
  return {
    name,
    text: shown.layer === 'uncertainty' ? `${format(value)} of the median` : `${format(value)} %`,
  };
}
