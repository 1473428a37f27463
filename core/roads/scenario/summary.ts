import { Random, type TaskContext } from '../../base/index.ts';
import { localDay, secondOfDay } from '../trips.ts';
import { noticesOf, type ScenarioNotice } from './notices.ts';
import type { Scenario, ScenarioHour, Steepness } from './scenario.ts';

/** A difference to the base case, and the range that it lies in. */
export interface Range {
  value: number;
  low: number;
  high: number;
}

export interface StreetChange {
  name: string;
  lengthM: number;
  /** Trips an hour on the street's busiest segment. */
  flowBefore: number;
  flowAfter: number;
  /** Null where all of it is closed, or was not there. */
  speedBeforeKmh: number | null;
  speedAfterKmh: number | null;
  /** By which all who drive there take longer together. */
  vehicleHours: Range;
}

export interface ScenarioSummary {
  hours: number;
  /** The project's trips in those hours, as the edits leave or make them. */
  trips: number;
  /** Longer for all trips together, and for one on average. */
  vehicleHours: Range;
  meanDelayS: Range;
  concerned: number;
  rerouted: number;
  delayed: number;
  stranded: number;
  /** Most changed first. */
  streets: StreetChange[];
  notices: ScenarioNotice[];
}

export const STEEPNESSES: readonly Steepness[] = ['usual', 'flat', 'steep'];
const RESAMPLES = 400;
const STREETS = 12;

/**
 * What a scenario changes in `hours` whole hours from the one of `localS` on. Ranges hold 95 % of the means of days drawn anew
 * from those of the data (percentile bootstrap, Efron 1979), under each of the three volume–delay functions.
 */
export async function summarize(
  scenario: Scenario,
  localS: number,
  hours: number,
  context: TaskContext,
): Promise<ScenarioSummary> {
  const begin = localDay(localS) * 86_400 + Math.floor(secondOfDay(localS) / 3600) * 3600;
  // Edits are read at the time asked about within its hour, and in the middle of those that follow.
  const times = Array.from({ length: hours }, (_, i) => (i === 0 ? localS : begin + (i + 0.5) * 3600));
  const byShape = new Map<Steepness, ScenarioHour[]>();
  for (const steepness of STEEPNESSES) {
    const list: ScenarioHour[] = [];
    for (const time of times) list.push(await scenario.hourAt(time, context, steepness));
    byShape.set(steepness, list);
  }
  const usual = byShape.get('usual')!;
  const sum = (of: (hour: ScenarioHour) => number) => usual.reduce((total, hour) => total + of(hour), 0);
  const trips = sum((hour) => hour.equilibrium.trips);
  const vehicleHours = rangeOf([...byShape.values()].map((list) => dayDelaysH(list)));
  const perTrip = (value: number) => (trips > 0 ? (3600 * value) / trips : 0);
  const { value, low, high } = vehicleHours;
  return {
    hours,
    trips,
    vehicleHours,
    meanDelayS: { value: perTrip(value), low: perTrip(low), high: perTrip(high) },
    concerned: sum((hour) => hour.equilibrium.concerned),
    rerouted: sum((hour) => hour.equilibrium.rerouted),
    delayed: sum((hour) => hour.equilibrium.delayed),
    stranded: sum((hour) => hour.equilibrium.stranded),
    streets: streetChanges([...byShape.values()]),
    notices: noticesOf(scenario, localS, usual[0]),
  };
}

/** [days] vehicle-hours that each day of the data would have lost. */
function dayDelaysH(hours: readonly ScenarioHour[]): number[] {
  const byDay = new Map<number, number>();
  for (const { equilibrium } of hours)
    for (const [day, delayS] of equilibrium.dayDelayS) byDay.set(day, (byDay.get(day) ?? 0) + delayS / 3600);
  const days = Math.max(byDay.size, ...hours.map(({ base }) => base.days));
  return [...byDay.values(), ...new Array<number>(days - byDay.size).fill(0)];
}

/** The first list's mean, between the ends of the 95 % intervals of all lists' means. */
function rangeOf(lists: readonly number[][]): Range {
  const intervals = lists.map(bootstrapMean);
  const value = mean(lists[0]);
  return {
    value,
    low: Math.min(value, ...intervals.map(([low]) => low)),
    high: Math.max(value, ...intervals.map(([, high]) => high)),
  };
}

function bootstrapMean(values: readonly number[]): [number, number] {
  const random = new Random(1);
  const means = Array.from({ length: RESAMPLES }, () => {
    let total = 0;
    for (let i = 0; i < values.length; i++) total += values[random.int(values.length)];
    return total / values.length;
  }).sort((a, b) => a - b);
  return [means[Math.floor(0.025 * RESAMPLES)], means[Math.ceil(0.975 * RESAMPLES) - 1]];
}

interface Street {
  lengthM: number;
  flowBefore: number;
  flowAfter: number;
  before: { lengthM: number; seconds: number };
  after: { lengthM: number; seconds: number };
  vehicleHours: number[];
}

function streetChanges(shapes: readonly ScenarioHour[][]): StreetChange[] {
  const streets = new Map<string, Street>();
  shapes.forEach((hours, shape) => {
    for (const hour of hours) addHour(streets, hour, shape, shapes.length);
  });
  return [...streets]
    .map(([name, street]) => ({
      name,
      lengthM: street.lengthM / shapes[0].length,
      flowBefore: street.flowBefore,
      flowAfter: street.flowAfter,
      speedBeforeKmh: speedKmh(street.before),
      speedAfterKmh: speedKmh(street.after),
      vehicleHours: {
        value: street.vehicleHours[0],
        low: Math.min(...street.vehicleHours),
        high: Math.max(...street.vehicleHours),
      },
    }))
    .sort((a, b) => weightOf(b) - weightOf(a) || a.name.localeCompare(b.name))
    .filter((street) => weightOf(street) > 1e-4)
    .slice(0, STREETS);
}

const weightOf = ({ vehicleHours, flowBefore, flowAfter }: StreetChange): number =>
  Math.abs(vehicleHours.value) + 0.01 * Math.abs(flowAfter - flowBefore);

function addHour(streets: Map<string, Street>, hour: ScenarioHour, shape: number, shapes: number): void {
  const { times, equilibrium, base } = hour;
  const { network, baseS, segmentS } = times;
  for (let s = 0; s < network.segmentCount; s++) {
    const name = network.names[network.nameIndex[s]] || (s < base.flow.length ? '' : 'New link');
    if (!name) continue;
    let street = streets.get(name);
    if (!street) {
      const none = () => ({ lengthM: 0, seconds: 0 });
      street = {
        lengthM: 0,
        flowBefore: 0,
        flowAfter: 0,
        before: none(),
        after: none(),
        vehicleHours: new Array<number>(shapes).fill(0),
      };
      streets.set(name, street);
    }
    const flowBefore = base.flow[s] ?? 0;
    const flowAfter = equilibrium.flow[s];
    const spent = (flow: number, seconds: number) =>
      flow > 0 && Number.isFinite(seconds) ? flow * seconds : 0;
    street.vehicleHours[shape] += (spent(flowAfter, segmentS[s]) - spent(flowBefore, baseS[s])) / 3600;
    if (shape > 0) continue;
    street.lengthM += network.lengthM[s];
    street.flowBefore = Math.max(street.flowBefore, flowBefore);
    street.flowAfter = Math.max(street.flowAfter, flowAfter);
    addTo(street.before, network.lengthM[s], baseS[s]);
    addTo(street.after, network.lengthM[s], segmentS[s]);
  }
}

function addTo(total: { lengthM: number; seconds: number }, lengthM: number, seconds: number): void {
  if (!Number.isFinite(seconds)) return;
  total.lengthM += lengthM;
  total.seconds += seconds;
}

function speedKmh({ lengthM, seconds }: { lengthM: number; seconds: number }): number | null {
  return seconds > 0 ? (3.6 * lengthM) / seconds : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
