/** Units of speed that files have; the value is what one of them measures in km/h. */
export const SPEED_UNITS = { 'km/h': 1, mph: 1.609344, 'm/s': 3.6 } as const;
export type SpeedUnit = keyof typeof SPEED_UNITS;

/** What a guess of the unit rests on. */
export type UnitReason = 'name' | 'limits' | 'values';

/** Under this the fast end of the traffic is in m/s, and under the second, of detectors, in mph. */
const FASTEST_MPS = 38;
const FASTEST_MPH = 85;

/**
 * Guesses the unit of speeds: by what the column's name says; else, with the speed limits (km/h) of the same places, by the
 * unit that brings the 85th percentile of speed ÷ limit nearest to 1, as on roads where traffic flows; else by their size.
 */
export function guessSpeedUnit(
  speeds: readonly number[],
  { column, limitsKmh }: { column?: string | null; limitsKmh?: readonly number[] },
): { unit: SpeedUnit; from: UnitReason } {
  const named = column ? unitInName(column) : null;
  if (named) return { unit: named, from: 'name' };
  const known = speeds.flatMap((speed, i) =>
    speed > 0 ? [{ speed, limit: limitsKmh?.[i] ?? Number.NaN }] : [],
  );
  const ratios = known.map(({ speed, limit }) => speed / limit).filter(Number.isFinite);
  if (ratios.length > 0 && 2 * ratios.length >= known.length) {
    const flowing = quantile(ratios, 0.85);
    const misfit = (unit: SpeedUnit) => Math.abs(Math.log(flowing * SPEED_UNITS[unit]));
    const units = Object.keys(SPEED_UNITS) as SpeedUnit[];
    return { unit: units.reduce((a, b) => (misfit(b) < misfit(a) ? b : a)), from: 'limits' };
  }
  const fastest = quantile(
    known.map(({ speed }) => speed),
    0.95,
  );
  if (fastest <= FASTEST_MPS) return { unit: 'm/s', from: 'values' };
  // Without a road to compare with there are only detectors, most of them on motorways.
  return { unit: fastest <= FASTEST_MPH ? 'mph' : 'km/h', from: 'values' };
}

function unitInName(column: string): SpeedUnit | null {
  const name = column.toLowerCase();
  if (/mph|mi(les)?_?(\/|per)?_?h/.test(name)) return 'mph';
  if (/km_?(\/|p|per)?_?h|kph/.test(name)) return 'km/h';
  return /(^|[^a-z])m(\/|p|_|_?per_?)?s($|[^a-z])|mps/.test(name) ? 'm/s' : null;
}

/** NaN for none. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}
