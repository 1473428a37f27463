import { setTimeout as pause } from 'node:timers/promises';
import type { EtalonError } from '../base/index.ts';
import { type DeviceChoice, openDevice } from './open.ts';
import type { Device } from './types.ts';

/** Losses after which the GPU is not trusted again. */
const MOST_LOSSES = 3;
/** A driver that was reset takes a moment to come back. */
const REOPEN_PAUSE_MS = 1000;
const REOPEN_ATTEMPTS = 3;
/** How long after a failure a loss may be told that caused it. */
const LOSS_DELAY_MS = 200;

/**
 * Does work on a device, and once more from where it got to when the device was lost on the way: on the device opened again, or
 * on the CPU where it stays away or is lost for the third time. `work` is to begin at its own last checkpoint whenever it is
 * called. `note` is told in a sentence what happened. Other failures, and those of the CPU, are thrown.
 */
export async function onDevice<T>(
  choice: DeviceChoice,
  note: (text: string) => void,
  work: (device: Device) => Promise<T>,
  open: (choice: DeviceChoice) => Promise<Device> = openDevice,
): Promise<T> {
  let device = await open(choice);
  for (let losses = 1; ; losses++) {
    const attempt = await tryOn(device, work);
    if ('value' in attempt) return attempt.value;
    device = losses < MOST_LOSSES ? await reopen(choice, open) : await open('cpu');
    note(`${attempt.loss.message}. Going on from the last checkpoint on ${device.description}`);
  }
}

/** The value of the work, or the loss that ended it. Throws what else ended it. */
async function tryOn<T>(
  device: Device,
  work: (device: Device) => Promise<T>,
): Promise<{ value: T } | { loss: EtalonError }> {
  try {
    return { value: await work(device) };
  } catch (error) {
    const loss = await Promise.race([device.lost, pause(LOSS_DELAY_MS, undefined)]);
    if (!loss) throw error;
    return { loss };
  } finally {
    await device.dispose();
  }
}

async function reopen(
  choice: DeviceChoice,
  open: (choice: DeviceChoice) => Promise<Device>,
): Promise<Device> {
  for (let attempt = 1; attempt <= REOPEN_ATTEMPTS; attempt++) {
    try {
      return await open(choice);
    } catch {
      if (attempt < REOPEN_ATTEMPTS) await pause(REOPEN_PAUSE_MS);
    }
  }
  return open('cpu');
}
