import { EtalonError } from '../../base/index.ts';
import { DepartureReader } from '../../tables/departure.ts';
import { dayKinds } from './days.ts';
import { checkEvents } from './script.ts';
import type { SimulationSettings } from './simulate.ts';

export const LIMITS = {
  days: { min: 1, max: 365 },
  demand: { min: 0.2, max: 2 },
  incidentsPerDay: { min: 0, max: 500 },
  rain: { min: 0, max: 1 },
  probeShare: { min: 0.001, max: 1 },
} as const;

/** Throws `usage`. */
export function checkSettings(settings: SimulationSettings, segments: number): void {
  for (const [field, { min, max }] of Object.entries(LIMITS)) {
    const value = settings[field as keyof typeof LIMITS];
    if (!(value >= min && value <= max))
      throw new EtalonError('usage', `${value} is out of range.`, {
        where: { field },
        remedy: `Give a number from ${min} to ${max}.`,
      });
  }
  if (!Number.isInteger(settings.days))
    throw new EtalonError('usage', `${settings.days} is no number of whole days.`, {
      where: { field: 'days' },
      remedy: 'Give a whole number.',
    });
  dayKinds(settings.firstDay, settings.days, settings.holidays);
  new DepartureReader(settings.timeZone);
  checkEvents(settings.events ?? [], segments);
}
