import type { Tags } from './elements.ts';

/** From the most specific to the most general: https://wiki.openstreetmap.org/wiki/Key:access */
const CAR_KEYS = ['motorcar', 'motor_vehicle', 'vehicle', 'access'] as const;

const DENIED: ReadonlySet<string> = new Set([
  'no',
  'private',
  'agricultural',
  'forestry',
  'emergency',
  'military',
  'bus',
  'psv',
  'taxi',
  'restricted',
  'use_sidepath',
  'dismount',
]);

/** Whether a car may drive, by direction; a value that lets some cars in (`destination`, `permit`) counts as yes. */
export function carAccess(tags: Tags): { forward: boolean; backward: boolean } {
  return { forward: allowed(tags, ':forward'), backward: allowed(tags, ':backward') };
}

/** A condition on access: it is reported, not obeyed. */
export function hasConditionalAccess(tags: Tags): boolean {
  return CAR_KEYS.some((key) => tags.has(`${key}:conditional`));
}

function allowed(tags: Tags, direction: string): boolean {
  for (const key of CAR_KEYS) {
    const value = tags.get(key + direction) ?? tags.get(key);
    if (value !== undefined) return value.split(';').some((part) => !DENIED.has(part.trim()));
  }
  return true;
}
