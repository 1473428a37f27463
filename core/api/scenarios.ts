import { z } from 'zod';
import { ROAD_CLASSES } from '../roads/network.ts';
import { localDateTime, point } from './values.ts';

/** What-if scenarios as they are asked about, saved and answered. Their meaning is in core/roads/scenario. */

const minuteOfDay = z.number().int().min(0).max(1440);

const when = z
  .object({
    from: localDateTime.optional(),
    until: localDateTime.optional(),
    /** 0 = Monday … 6 = Sunday. */
    weekdays: z.array(z.number().int().min(0).max(6)).min(1).optional(),
    fromMinute: minuteOfDay.optional(),
    untilMinute: minuteOfDay.optional(),
  })
  .optional();
const segments = z.array(z.string().min(1)).min(1);
const kmh = z.number().min(5, 'A limit of 5 km/h at least.').max(200, 'A limit of 200 km/h at most.');
const lanes = z.number().int().min(1).max(12);
const area = z.object({ point, radiusM: z.number().positive().max(100_000) });

export const scenarioEdit = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('close'), segments, when }),
  z.object({ kind: z.literal('speedLimit'), segments, kmh, when }),
  z.object({ kind: z.literal('lanes'), segments, lanes, when }),
  /** Share of the capacity that is left; for a time, an incident. */
  z.object({ kind: z.literal('capacity'), segments, share: z.number().min(0.05).max(4), when }),
  z.object({
    kind: z.literal('demand'),
    factor: z.number().min(0).max(5),
    from: area.optional(),
    to: area.optional(),
    when,
  }),
  z.object({
    kind: z.literal('newLink'),
    from: point,
    to: point,
    roadClass: z.enum(ROAD_CLASSES),
    kmh,
    lanes,
    oneway: z.boolean(),
    when,
  }),
]);

export const scenarioEdits = z.array(scenarioEdit).max(500);

export const scenarioInfo = z.object({
  id: z.number(),
  name: z.string(),
  edits: z.array(scenarioEdit),
  createdAt: z.string(),
  changedAt: z.string(),
});

export const scenarioNotice = z.object({
  /** Index of the edit that it is about; null = the scenario as a whole. */
  edit: z.number().nullable(),
  message: z.string(),
});

/** A difference to the base case, and the range that it lies in. */
export const differenceRange = z.object({ value: z.number(), low: z.number(), high: z.number() });

export const scenarioSpeeds = z.object({
  /** Speed ÷ base free-flow speed of every segment, little-endian float32, as of `predict.speeds`. Closed: 0. */
  base: z.instanceof(Blob),
  scenario: z.instanceof(Blob),
  /** Scenario ÷ base travel time − 1 of every segment; NaN where closed or not predicted. */
  change: z.instanceof(Blob),
  closed: z.array(z.number()),
  /** Segments that edits name, in force or not. */
  edited: z.array(z.number()),
  /** For each edit the names of the roads that it is about, references where they have none. */
  places: z.array(z.array(z.string())),
  links: z.array(z.object({ coordinates: z.array(point), ratio: z.number() })),
  /** Kilometres by change of travel time: under −8 %, −4 %, −1 %, to 1 %, 4 %, 8 %, and over; closed ones are in none. */
  changeKm: z.array(z.number()).length(7),
  notices: z.array(scenarioNotice),
});

export const scenarioSummary = z.object({
  hours: z.number(),
  /** The project's trips in those hours on a day of that type, as the edits leave or make them. */
  trips: z.number(),
  /** Longer for all trips together, and for one on average. */
  vehicleHours: differenceRange,
  meanDelayS: differenceRange,
  /** Trips that the edits concern, that take another way, that take over a minute longer, and that have none left. */
  concerned: z.number(),
  rerouted: z.number(),
  delayed: z.number(),
  stranded: z.number(),
  streets: z.array(
    z.object({
      name: z.string(),
      lengthM: z.number(),
      flowBefore: z.number(),
      flowAfter: z.number(),
      speedBeforeKmh: z.number().nullable(),
      speedAfterKmh: z.number().nullable(),
      vehicleHours: differenceRange,
    }),
  ),
  notices: z.array(scenarioNotice),
});

export type ApiScenario = z.infer<typeof scenarioInfo>;
export type ApiScenarioEdit = z.infer<typeof scenarioEdit>;
export type ApiScenarioNotice = z.infer<typeof scenarioNotice>;
export type ApiScenarioSummary = z.infer<typeof scenarioSummary>;
export type ApiDifferenceRange = z.infer<typeof differenceRange>;
