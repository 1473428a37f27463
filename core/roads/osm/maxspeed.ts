import type { RoadClass } from '../network.ts';

const KMH_PER_MPH = 1.609344;
const KMH_PER_KNOT = 1.852;
/** `maxspeed=none`: Germany's advisory speed, which traffic without a limit keeps to on average. */
const NO_LIMIT_KMH = 130;
/** `maxspeed=walk`: courts have held 4 to 10 km/h to be walking pace; most 7. */
const WALK_KMH = 7;

/** Where no limit is tagged: what most of Europe's codes say of such roads, and of their ramps. */
const CLASS_KMH: Readonly<Record<RoadClass, { road: number; link: number }>> = {
  motorway: { road: 120, link: 60 },
  trunk: { road: 100, link: 50 },
  primary: { road: 70, link: 50 },
  secondary: { road: 60, link: 50 },
  tertiary: { road: 50, link: 50 },
  unclassified: { road: 50, link: 50 },
  residential: { road: 40, link: 40 },
  living_street: { road: 20, link: 20 },
  service: { road: 20, link: 20 },
};

export function defaultSpeedKmh(roadClass: RoadClass, link: boolean): number {
  return CLASS_KMH[roadClass][link ? 'link' : 'road'];
}

/** Limits by type of road in countries' codes: https://wiki.openstreetmap.org/wiki/Speed_limits (cars). */
const ZONES_KMH: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AT: { urban: 50, rural: 100, trunk: 100, motorway: 130 },
  AU: { urban: 50, rural: 100 },
  BE: { urban: 50, rural: 70, trunk: 120, motorway: 120, living_street: 20, cyclestreet: 30 },
  'BE-BRU': { urban: 30, rural: 70, motorway: 120 },
  'BE-VLG': { urban: 50, rural: 70, trunk: 120, motorway: 120 },
  'BE-WAL': { urban: 50, rural: 90, trunk: 120, motorway: 120 },
  BG: { urban: 50, rural: 90, trunk: 120, motorway: 140, living_street: 20 },
  BY: { urban: 60, rural: 90, motorway: 110, living_street: 20 },
  CA: { urban: 50, rural: 80, motorway: 100 },
  CH: { urban: 50, rural: 80, trunk: 100, motorway: 120, living_street: 20 },
  CY: { urban: 50, rural: 80, motorway: 100 },
  CZ: {
    urban: 50,
    rural: 90,
    trunk: 110,
    urban_trunk: 80,
    motorway: 130,
    urban_motorway: 80,
    living_street: 20,
  },
  DE: {
    urban: 50,
    rural: 100,
    trunk: NO_LIMIT_KMH,
    motorway: NO_LIMIT_KMH,
    living_street: WALK_KMH,
    bicycle_road: 30,
  },
  DK: { urban: 50, rural: 80, trunk: 80, motorway: 130 },
  EE: { urban: 50, rural: 90 },
  ES: { urban: 50, rural: 90, trunk: 90, motorway: 120, living_street: 20 },
  FI: { urban: 50, rural: 80, trunk: 100, motorway: 120, living_street: 20 },
  FR: { urban: 50, rural: 80, trunk: 110, motorway: 130, living_street: 20 },
  GB: {
    nsl_restricted: 48.28032,
    nsl_single: 96.56064,
    nsl_dual: 112.65408,
    motorway: 112.65408,
    urban: 48.28032,
  },
  GR: { urban: 50, rural: 90, trunk: 110, motorway: 130 },
  HR: { urban: 50, rural: 90, trunk: 110, motorway: 130 },
  HU: { urban: 50, rural: 90, trunk: 110, motorway: 130, living_street: 20 },
  IE: { urban: 50, rural: 80, trunk: 100, motorway: 120 },
  IT: { urban: 50, rural: 90, trunk: 110, motorway: 130 },
  JP: { urban: 60, rural: 60, motorway: 100, nsl: 60, express: 100 },
  LT: { urban: 50, rural: 90, trunk: 120, motorway: 130, living_street: 20 },
  LU: { urban: 50, rural: 90, motorway: 130, living_street: 20 },
  LV: { urban: 50, rural: 90, living_street: 20 },
  NL: { urban: 50, rural: 80, trunk: 100, motorway: 100, living_street: 15 },
  NO: { urban: 50, rural: 80, motorway: 110 },
  NZ: { urban: 50, rural: 100, motorway: 100 },
  PL: { urban: 50, rural: 90, trunk: 100, motorway: 140, living_street: 20 },
  PT: { urban: 50, rural: 90, trunk: 100, motorway: 120, living_street: 20 },
  RO: { urban: 50, rural: 90, trunk: 100, motorway: 130, living_street: 20 },
  RS: { urban: 50, rural: 80, trunk: 100, motorway: 130, living_street: 10 },
  RU: { urban: 60, rural: 90, motorway: 110, living_street: 20 },
  SE: { urban: 50, rural: 70, trunk: 90, motorway: 110, living_street: WALK_KMH },
  SI: { urban: 50, rural: 90, trunk: 110, motorway: 130, living_street: 10 },
  SK: { urban: 50, rural: 90, trunk: 90, motorway: 130, urban_motorway: 90, living_street: 20 },
  TR: { urban: 50, rural: 90, trunk: 110, motorway: 130, living_street: 20 },
  UA: { urban: 50, rural: 90, trunk: 110, motorway: 130, living_street: 20 },
  UK: {
    nsl_restricted: 48.28032,
    nsl_single: 96.56064,
    nsl_dual: 112.65408,
    motorway: 112.65408,
    urban: 48.28032,
  },
  US: { urban: 40.2336, rural: 88.51392, motorway: 104.60736 },
  UZ: { urban: 60, rural: 100, motorway: 110, living_street: 30 },
};
/** Of a country that the table lacks. */
const ANYWHERE_KMH: Readonly<Record<string, number>> = {
  urban: 50,
  rural: 90,
  trunk: 100,
  motorway: 120,
  living_street: 20,
  bicycle_road: 30,
};

/** Values that say that there is no single figure. */
const VARIABLE = new Set([
  'signals',
  'variable',
  'sign',
  'signed',
  'implicit',
  'unposted',
  'fixme',
  'unknown',
]);

/**
 * A `maxspeed` in km/h: a number (km/h, mph, knots), `none`, `walk` or a country's zone (`DE:urban`, `FR:zone30`);
 * of several values the lowest. `'variable'` where the value names no figure, undefined where it is not understood.
 */
export function parseMaxspeedKmh(text: string): number | 'variable' | undefined {
  const parts = text.split(/[;|]/).map((part) => parseOne(part.trim()));
  const numbers = parts.filter((part) => typeof part === 'number');
  if (numbers.length > 0) return Math.min(...numbers);
  return parts.includes('variable') ? 'variable' : undefined;
}

function parseOne(text: string): number | 'variable' | undefined {
  const lower = text.toLowerCase();
  if (lower === 'none') return NO_LIMIT_KMH;
  if (lower === 'walk' || lower === 'walking_pace') return WALK_KMH;
  if (VARIABLE.has(lower)) return 'variable';
  const figure = /^(\d+(?:[.,]\d+)?)\s*(km\/?h|kph|mph|knots?|kn)?$/.exec(lower);
  if (figure) return positive(toKmh(Number(figure[1].replace(',', '.')), figure[2] ?? ''));
  const zone = /^([a-z]{2}(?:-[a-z]{2,3})?):(.+)$/.exec(lower);
  return zone ? zoneKmh(zone[1].toUpperCase(), zone[2]) : undefined;
}

function toKmh(value: number, unit: string): number {
  if (unit === 'mph') return value * KMH_PER_MPH;
  return unit.startsWith('kn') ? value * KMH_PER_KNOT : value;
}

function positive(kmh: number): number | undefined {
  return kmh > 0 ? kmh : undefined;
}

function zoneKmh(country: string, zone: string): number | undefined {
  const figure = /^(?:zone)?:?(\d+)(?:[ _]?(mph))?$/.exec(zone);
  if (figure) {
    const mph = figure[2] || country === 'GB' || country === 'UK' || country === 'US';
    return positive(toKmh(Number(figure[1]), mph ? 'mph' : ''));
  }
  if (zone === 'walk') return WALK_KMH;
  if (zone === 'none') return NO_LIMIT_KMH;
  const type = zone
    .replace(/^rural_(motorway|trunk)$/, '$1')
    .replace(/^(?:cycle_street|cyclestreet)$/, 'bicycle_road');
  const limits = ZONES_KMH[country] ?? ZONES_KMH[country.slice(0, 2)];
  return limits?.[zone] ?? limits?.[type] ?? ANYWHERE_KMH[type];
}
