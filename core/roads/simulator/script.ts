import { EtalonError, Random } from '../../base/index.ts';
import type { Incident } from './conditions.ts';
import { cumulative, draw, type Journey, SLOT_S } from './demand.ts';
import type { Ground } from './ground.ts';
import { nearest, spotsOf } from './places.ts';

/** Something that is made to happen. Times are seconds since the first day's midnight. */
export type ScriptedEvent =
  /** Nobody enters the segment; everybody knows, and takes other ways. */
  | { kind: 'close'; segment: number; beginS: number; endS: number }
  /** Less capacity, or speed, is left; only those who stand before it or have a navigation system react. */
  | {
      kind: 'restrict';
      segment: number;
      beginS: number;
      endS: number;
      capacityShare?: number;
      speedShare?: number;
    }
  /** Vehicles set out at a steady rate from the places around a segment, or to it, or both; else from and to homes. */
  | { kind: 'surge'; from?: number; to?: number; vehicles: number; beginS: number; endS: number };

/** Numbers of a script's journeys begin here, so that those of the usual demand keep theirs. */
const FIRST_ID = 2 ** 30;

/** Throws `usage` for events that cannot be. */
export function checkEvents(events: readonly ScriptedEvent[], segments: number): void {
  events.forEach((event, i) => {
    const where = { field: `events[${i}]` };
    const refuse = (message: string, remedy: string) => new EtalonError('usage', message, { where, remedy });
    if (!(event.endS > event.beginS)) throw refuse('The event ends before it begins.', 'Swap its times.');
    const named = event.kind === 'surge' ? [event.from, event.to] : [event.segment];
    for (const segment of named)
      if (segment !== undefined && !(Number.isInteger(segment) && segment >= 0 && segment < segments))
        throw refuse(
          `There is no segment ${segment}.`,
          `Name one of the network’s, from 0 to ${segments - 1}.`,
        );
    if (event.kind === 'surge' && event.from === undefined && event.to === undefined)
      throw refuse('The surge leads from nowhere to nowhere.', 'Give it a segment to begin at or to end at.');
    if (event.kind === 'surge' && !(event.vehicles > 0))
      throw refuse('The surge has no vehicles.', 'Give a number above 0.');
    if (event.kind !== 'restrict') return;
    const { capacityShare = 1, speedShare = 1 } = event;
    if (!(capacityShare > 0 && speedShare > 0))
      throw refuse('No capacity or speed is left.', 'Give shares above 0, or close the segment.');
  });
}

/** Closures and restrictions, as the queue model takes them. */
export function scriptedIncidents(events: readonly ScriptedEvent[]): Incident[] {
  return events.flatMap((event) => {
    if (event.kind === 'surge') return [];
    const { segment, beginS, endS } = event;
    if (event.kind === 'close') return [{ segment, beginS, endS, capacityShare: 0 }];
    const { capacityShare = 1, speedShare = 1 } = event;
    return [{ segment, beginS, endS, capacityShare, speedShare }];
  });
}

/** The journeys of all surges, by the slots in which they begin. */
export function surgeJourneys(
  events: readonly ScriptedEvent[],
  ground: Ground,
  seed: number,
): Map<number, Journey[]> {
  const { network, places, packet } = ground;
  const random = new Random(seed);
  const spots = spotsOf(network, ground.centre);
  const centres = places.ends.map(([centre]) => centre);
  const homes = cumulative(places.homes);
  const placeOf = (segment: number | undefined) =>
    segment === undefined ? draw(homes, random) : nearest(spots, centres, spots[segment]);
  const bySlot = new Map<number, Journey[]>();
  let id = FIRST_ID;
  for (const event of events) {
    if (event.kind !== 'surge') continue;
    const count = Math.max(1, Math.round(event.vehicles / packet));
    for (let i = 0; i < count; i++) {
      const departS = event.beginS + ((i + 0.5) / count) * (event.endS - event.beginS);
      const [origin, destination] = [placeOf(event.from), placeOf(event.to)];
      const slot = Math.floor(departS / SLOT_S) * SLOT_S;
      const journeys = bySlot.get(slot) ?? [];
      bySlot.set(slot, journeys);
      if (origin !== destination) journeys.push({ id: id++, departS, origin, destination });
    }
  }
  return bySlot;
}
