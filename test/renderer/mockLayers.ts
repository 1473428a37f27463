import type { ApiMapLayer, ApiRunComparison, ApiSegmentDay, ApiSegmentWeek } from '@etalon/core/api/contract';
import type { MockCity } from './mockCity.ts';

const BREAKS = {
  ratio: [0.9, 0.75, 0.6, 0.45, 0.3],
  error: [8, 4, 1, -1, -4, -8],
  uncertainty: [0.2, 0.35, 0.5, 0.75],
  observations: [3, 10, 30, 100],
};

/** What invented layers are made of: the city, its speed by segment and minute, and a number in 0 … 1 for each seed. */
export interface MockTraffic {
  city: MockCity;
  ratioAt(segment: number, minute: number): number;
  freeS(segment: number): number;
  noise(seed: number): number;
}

interface LayerInput {
  runId: number | null;
  layer: 'predicted' | 'live' | 'historical' | 'error' | 'uncertainty' | 'observations';
  at: string;
  horizonMinutes: number;
}

export function mockLayer(
  traffic: MockTraffic,
  { runId, layer, at, horizonMinutes }: LayerInput,
): ApiMapLayer {
  const { city, ratioAt, noise } = traffic;
  const minute = Number(at.slice(11, 13)) * 60 + Number(at.slice(14, 16)) + horizonMinutes;
  const isSeen = (id: number) => city.segments[id]!.roadClass <= 4 && noise(id * 7) > 0.25;
  const value = (id: number): number => {
    const ratio = ratioAt(id, minute);
    if (layer === 'predicted') return id % 97 === 0 ? Number.NaN : ratio;
    if (layer === 'historical') return Math.min(1, ratio + 0.04);
    if (layer === 'live') return isSeen(id) ? ratio * (0.9 + 0.2 * noise(id)) : Number.NaN;
    if (layer === 'uncertainty') return runId === null ? Number.NaN : 0.12 + 0.9 * (1 - ratio) * noise(id);
    if (!isSeen(id)) return Number.NaN;
    if (layer === 'error') return 26 * (noise(id + (runId ?? 0)) - 0.48);
    return Math.ceil(180 * noise(id) ** 3);
  };
  const values = Float32Array.from(city.segments, (_, id) => value(id));
  const breaks = layer in BREAKS ? BREAKS[layer as keyof typeof BREAKS] : BREAKS.ratio;
  const descending = breaks[0]! > breaks.at(-1)!;
  const classKm = new Array<number>(breaks.length + 1).fill(0);
  values.forEach((shown, id) => {
    if (Number.isNaN(shown)) return;
    const found = breaks.findIndex((end) => (descending ? shown >= end : shown < end));
    classKm[found < 0 ? breaks.length : found]! += city.segments[id]!.lengthM / 1000;
  });
  const notes: Partial<Record<LayerInput['layer'], string>> = {
    live: 'Traversals that ended in the 30 min before.',
    error: 'Within 30 min of this time on 5 held-out days of its kind.',
    uncertainty: 'Of the stretch of road that each segment is predicted with.',
    observations: 'Traversals in this hour of weekdays, all days.',
  };
  return {
    values: new Blob([values]),
    classKm,
    breaks,
    unit: layer,
    note: notes[layer] ?? null,
    meanSpeedsKmh:
      layer === 'observations' ? new Blob([values.map((_, id) => 40 * ratioAt(id, minute))]) : null,
  };
}

export function mockSegmentDay({ city, ratioAt, freeS, noise }: MockTraffic, segment: number): ApiSegmentDay {
  const free = freeS(segment);
  const seconds = (minute: number) => free / ratioAt(segment, minute);
  const steps = Array.from({ length: 96 }, (_, step) => step * 15);
  return {
    freeFlowS: free,
    lengthM: city.segments[segment]!.lengthM,
    observed: Array.from({ length: 70 }, (_, i) => {
      const minute = Math.min(1439, 330 + 1100 * noise(segment + i));
      return { minute, seconds: seconds(minute) * (0.8 + 0.5 * noise(segment * 3 + i)) };
    }),
    predicted: steps.map((minute) => ({ minute, seconds: seconds(minute) })),
    usual: steps.slice(20, 92).map((minute) => ({
      minute: minute + 7.5,
      lowS: seconds(minute) * 0.86,
      medianS: seconds(minute) * 1.01,
      highS: seconds(minute) * 1.24,
      count: Math.ceil(20 * noise(minute)),
    })),
    note: null,
  };
}

export function mockSegmentWeek({ ratioAt, freeS, noise }: MockTraffic, segment: number): ApiSegmentWeek {
  const hours = Array.from({ length: 168 }, (_, hour) => hour);
  const ratio = (hour: number) => {
    const now = ratioAt(segment, (hour % 24) * 60 + 30);
    return hour < 120 ? now : 1 - (1 - now) * 0.35;
  };
  const count = hours.map((hour) => (hour % 24 < 5 ? 0 : Math.round(30 * noise(hour + segment))));
  return {
    freeFlowS: freeS(segment),
    observed: hours.map((hour) =>
      count[hour]! > 0 ? Math.min(1, ratio(hour) * (0.92 + 0.16 * noise(hour))) : null,
    ),
    count,
    predicted: hours.map(ratio),
    from: '2025-05-19',
    note: null,
  };
}

/** Run a beside run b; better on average, worse at night. */
export function mockComparison(
  a: { id: number; name: string },
  b: { id: number | null; name: string },
): ApiRunComparison {
  const metric = (
    name: string,
    unit: 's' | '%',
    left: number,
    right: number,
    halfWidth: number,
    betterWhen: 'lower' | 'nominal' = 'lower',
  ) => ({
    name,
    unit,
    a: left,
    b: right,
    difference: left - right,
    low: left - right - halfWidth,
    high: left - right + halfWidth,
    betterWhen,
  });
  const slice = (
    by: 'hour' | 'length' | 'class',
    label: string,
    n: number,
    left: number,
    right: number,
    half: number,
  ) => ({
    by,
    label,
    n,
    a: left,
    b: right,
    difference: left - right,
    low: left - right - half,
    high: left - right + half,
  });
  return {
    a: { runId: a.id, name: a.name },
    b: { runId: b.id, name: b.name },
    sameTrips: true,
    warnings: ['The two were trained on different days.'],
    settings: [
      { key: 'processorSteps', a: '3', b: '2' },
      { key: 'until', a: '2025-05-19', b: '2025-05-12' },
    ],
    metrics: [
      metric('MAE', 's', 91.3, 97.5, 1.3),
      metric('RMSE', 's', 146.1, 156, 3.1),
      metric('MAPE', '%', 13.2, 14.1, 0.2),
      metric('Bad ETAs', '%', 18.4, 18.9, 0.9),
      metric('Bias', 's', -2, -5, 2, 'nominal'),
      metric('80 % band covers', '%', 79.6, 78.4, 0.4, 'nominal'),
      metric('80 % band width', 's', 474, 528, 6),
    ],
    slices: [
      ...Array.from({ length: 24 }, (_, hour) => {
        const night = hour < 5 || hour > 21;
        const level = night ? 52 : 90 + 30 * Math.exp(-((hour - 8) ** 2) / 4);
        return slice(
          'hour',
          `${String(hour).padStart(2, '0')}–${String((hour + 1) % 24).padStart(2, '0')} h`,
          night ? 620 : 2_100,
          level,
          level + (night ? -1.1 : 6.8),
          night ? 0.8 : 2.4,
        );
      }),
      slice('length', '0–2 km', 4_120, 41, 41.6, 1.2),
      slice('length', '2–5 km', 6_080, 77, 82.2, 1.9),
      slice('length', 'over 5 km', 2_714, 163, 175.8, 4.4),
      slice('class', 'mostly motorway', 1_127, 88, 93.9, 3.1),
    ],
    calibration: [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95].map((nominal) => ({
      nominal,
      a: nominal + 0.012 - 0.022 * nominal,
      b: nominal + 0.042 - 0.078 * nominal,
    })),
  };
}
