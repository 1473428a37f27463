import type { ApiSimulation } from '../api/contract.ts';
import { EtalonError } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import { checkSettings } from '../roads/simulator/checkSettings.ts';

/** What is asked before a simulation; apart from it, so that asking does not load the simulator. */

export function daysInWords(days: number): string {
  return days === 1 ? 'a day' : `${days} days`;
}

/** Throws `usage` for impossible settings, `conflict` without roads, or in another time zone than the project's. */
export function assertCanSimulate(store: ProjectStore, settings: ApiSimulation): void {
  const { timeZone, calibrate: real } = settings;
  const info = store.info();
  checkSettings(settings, info.segments);
  if (info.segments === 0)
    throw new EtalonError('conflict', 'There are no roads to drive on.', { remedy: 'Import roads first.' });
  if (info.timeZone !== null && info.timeZone !== timeZone)
    throw new EtalonError('conflict', `The project’s trips are in the time zone ${info.timeZone}.`, {
      where: { field: 'timeZone' },
      remedy: `Simulate in ${info.timeZone}, or in another project.`,
    });
  if (real && info.trips === 0)
    throw new EtalonError('conflict', 'There are no trips to calibrate on.', {
      where: { field: 'calibrate' },
      remedy: 'Import trips first, or simulate without calibration.',
    });
}
