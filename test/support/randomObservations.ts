import { Random } from '../../core/base/random.ts';
import type { ObservationSet } from '../../core/roads/observations.ts';

/** Observations of random segments over some days from `firstS` (UTC, taken as local too) in steps of 5 minutes, in no order. */
export function randomObservations({
  count,
  segments,
  seed,
  days = 21,
  firstS = Date.parse('2024-03-04T00:00:00Z') / 1000,
}: {
  count: number;
  segments: number;
  seed: number;
  days?: number;
  firstS?: number;
}): ObservationSet {
  const random = new Random(seed);
  const startS = Float64Array.from({ length: count }, () => firstS + 300 * random.int(days * 288));
  return {
    count,
    segment: Int32Array.from({ length: count }, () => random.int(segments)),
    startS,
    localStartS: startS.slice(),
    durationS: new Float32Array(count).fill(300),
    speedKmh: Float32Array.from({ length: count }, () => 5 + 90 * random.uniform()),
    vehicles: Float32Array.from({ length: count }, () =>
      random.uniform() < 0.3 ? Number.NaN : random.int(9),
    ),
  };
}
