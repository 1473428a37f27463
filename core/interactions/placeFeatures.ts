import { Random } from '../base/index.ts';
import type { FeatureMatrix } from './featureMatrix.ts';
import type { CoordinateColumn } from './features.ts';

export interface PlaceOptions {
  /** At which distances places begin to differ: a kernel of each, in km. */
  readonly scalesKm: readonly number[];
  /** Numbers of each kernel, even. */
  readonly perScale: number;
  readonly seed: number;
}

const EARTH_KM = 6371;

/**
 * Places as numbers whose inner products tell how near they are: for each scale σ random Fourier features (Rahimi & Recht 2007) of the
 * point on the globe, √(2/D) cos(w·x), √(2/D) sin(w·x) with w ~ N(0, σ⁻²), so that
 *   φ(a)·φ(b) ≈ exp(−‖a − b‖² / 2σ²), the chord in km.
 * A place that is not known is 0 everywhere. [rows, scales · perScale]
 */
export function placeFeatures(
  { longitude, latitude }: Pick<CoordinateColumn, 'longitude' | 'latitude'>,
  { scalesKm, perScale, seed }: PlaceOptions,
): FeatureMatrix {
  const random = new Random(seed);
  const waves = scalesKm.flatMap((scale) =>
    Array.from({ length: perScale / 2 }, () => [0, 1, 2].map(() => (random.normal() * EARTH_KM) / scale)),
  );
  const width = 2 * waves.length;
  const values = new Float32Array(longitude.length * width);
  const norm = Math.sqrt(2 / perScale);
  for (let row = 0; row < longitude.length; row++) {
    const [east, north] = [longitude[row], latitude[row]].map((degrees) => (degrees * Math.PI) / 180);
    if (Number.isNaN(east) || Number.isNaN(north)) continue;
    const point = [Math.cos(north) * Math.cos(east), Math.cos(north) * Math.sin(east), Math.sin(north)];
    waves.forEach((wave, i) => {
      const phase = wave[0] * point[0] + wave[1] * point[1] + wave[2] * point[2];
      values[row * width + 2 * i] = norm * Math.cos(phase);
      values[row * width + 2 * i + 1] = norm * Math.sin(phase);
    });
  }
  const names = scalesKm.flatMap((scale) =>
    Array.from({ length: perScale }, (_, i) => `place within ${scale} km, ${i}`),
  );
  return { names, values };
}
