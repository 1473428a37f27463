import { z } from 'zod';
import { TURN_CLASSES } from '../roads/network.ts';
import { localDateTime, point } from './values.ts';

/** Why an ETA is what it is. How its figures come about is in docs/eta.md, "Why this ETA". */

/** What an input tells of traffic: on the segment, around it, ahead, behind, off the route, in the city … */
export const INPUT_GROUPS = [
  'here',
  'around',
  'ahead',
  'behind',
  'sideRoads',
  'city',
  'arrival',
  'other',
] as const;
export type InputGroup = (typeof INPUT_GROUPS)[number];

export const explanationQuestion = z.object({
  runId: z.number(),
  /** A way from near `from` to near `to`, as a route is answered with. */
  segments: z.array(z.number().int().nonnegative()).min(1),
  from: point,
  to: point,
  depart: localDateTime,
});

/** Seconds by where they come from; they add up to what is predicted. */
const parts = {
  freeFlowS: z.number(),
  /** Roads that are slower than their limit, at the median hour, without signals and turns. */
  roadS: z.number(),
  /** Signals and turns. */
  junctionsS: z.number(),
  /** The hour of the departure against the median hour of that day. */
  hourS: z.number(),
  /** Traffic as it runs now against traffic as usual. */
  liveS: z.number(),
};

const observed = z.object({
  /** Seconds that vehicles took ÷ expected. */
  ratio: z.number(),
  /** Within so many minutes before the departure. */
  minutes: z.number(),
  /** Whether on this road itself, or on all roads nearby in its direction. */
  nearby: z.boolean(),
});

const junction = z.object({
  /** Metres from the start. */
  atM: z.number(),
  signal: z.boolean(),
  turn: z.enum(TURN_CLASSES).nullable(),
  from: z.string(),
  onto: z.string(),
  seconds: z.number(),
});

const interval = { etaS: z.number(), lowS: z.number(), highS: z.number() };

/** What a model says: figures without words. */
export const routeContributions = z.object({
  depart: z.string(),
  /** The prediction, and the same run's for traffic as usual at this hour: etaS − usualS = liveS. */
  etaS: z.number(),
  usualS: z.number(),
  ...parts,
  /** Of the hours of that day, the one whose usual ETA is the median. */
  medianHour: z.number(),
  /** Sum to `liveS`. */
  inputs: z.array(z.object({ group: z.enum(INPUT_GROUPS), seconds: z.number() })),
  /** In driving order; each part sums to that of the route. */
  segments: z.array(
    z.object({
      segment: z.number(),
      lengthM: z.number(),
      ...parts,
      /** What this segment's own inputs add to the whole ETA, wherever the seconds are lost. */
      causedS: z.number(),
      observed: observed.nullable(),
    }),
  ),
  /** Signals and turns by what they cost, the dearest first. */
  junctions: z.array(junction),
  /** The same way at other departures; a later one is predicted with what is known at `depart`. */
  leaving: z.array(z.object({ minutes: z.number(), ...interval })),
  /** The quickest other way. */
  otherWay: z.object({ via: z.string(), distanceM: z.number(), ...interval }).nullable(),
  /** Metres on segments driven fewer than 10 times in training. */
  seldomM: z.number(),
  /** Whether training had trips on such a day: a weekday, Saturday, Sunday. */
  dayTypeSeen: z.boolean(),
  /** Points of the path along which gradients were taken, and the seconds by which their sum missed `liveS`. */
  steps: z.number(),
  gapS: z.number(),
});

/** Trips of the project over mostly the same segments. */
export const similarTrips = z.object({
  count: z.number(),
  /** Times of day looked at: so many minutes around the departure; null = any time. */
  withinMinutes: z.number().nullable(),
  dayType: z.enum(['weekday', 'saturday', 'sunday']),
  /** Least share of the way's metres that each of them drove. */
  sharedShare: z.number(),
  /** Seconds for the whole way: 10 %, 50 %, 90 % of the trips took no longer. */
  q10S: z.number(),
  medianS: z.number(),
  q90S: z.number(),
});

export const routeExplanation = routeContributions.extend({
  /** The answer in one sentence, and what more there is to say. */
  sentence: z.string(),
  details: z.array(z.string()),
  inputs: z.array(z.object({ group: z.enum(INPUT_GROUPS), label: z.string(), seconds: z.number() })),
  junctions: z.array(junction.extend({ label: z.string() })),
  /** Consecutive segments of one road, in driving order. */
  stretches: z.array(
    z.object({
      name: z.string(),
      fromM: z.number(),
      untilM: z.number(),
      ...parts,
      causedS: z.number(),
      observed: observed.nullable(),
    }),
  ),
  similar: similarTrips.nullable(),
  limits: z.array(z.string()),
  method: z.string(),
});

export type ExplanationQuestion = z.infer<typeof explanationQuestion>;
export type RouteContributions = z.infer<typeof routeContributions>;
export type ApiExplanation = z.infer<typeof routeExplanation>;
export type SimilarTrips = z.infer<typeof similarTrips>;
