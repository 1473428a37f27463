import { z } from 'zod';
import { point } from './values.ts';

/** Which supersegments are asked about; their meaning is in core/roads/supersegments. */
export const supersegmentQuestion = z.object({
  /** The catalogue that a run learned embeddings of; null = one drawn from the traffic of all trips. */
  runId: z.number().int().nullable().default(null),
  /** Segments of each, where they are drawn. */
  length: z.number().int().min(2).max(200).default(20),
  count: z.number().int().min(1).max(20_000).default(2000),
  seed: z.number().int().min(0).default(1),
  /** Turns up to which off-route neighbours belong to an extended supersegment. */
  neighbours: z.number().int().min(0).max(3).default(1),
});

export const supersegmentRow = z.object({
  id: z.number(),
  /** The roads that it follows. */
  name: z.string(),
  lengthM: z.number(),
  segments: z.number(),
  /** Segments of its extension, beside its own. */
  extended: z.number(),
  /** Traversals of a segment of it, in the mean. */
  traversals: z.number(),
  /** Trips that drove it from end to end. */
  drives: z.number(),
  freeFlowS: z.number(),
  /** Sum of its segments' mean seconds; null where one was never timed. */
  meanS: z.number().nullable(),
  /** Of the drives from end to end with known seconds: median, 10 and 90 % quantile; null without any. */
  medianS: z.number().nullable(),
  lowS: z.number().nullable(),
  highS: z.number().nullable(),
});

export const supersegmentCatalogue = z.object({
  rows: z.array(supersegmentRow),
  /** By road class, and last of all roads. */
  coverage: z.array(
    z.object({
      roadClass: z.string(),
      segments: z.number(),
      coveredSegments: z.number(),
      km: z.number(),
      coveredKm: z.number(),
      traversals: z.number(),
      coveredTraversals: z.number(),
    }),
  ),
  /** How the seconds came about, where they were not measured. */
  note: z.string().nullable(),
});

export const supersegmentDetail = z.object({
  row: supersegmentRow,
  /** The whole, in driving order. */
  coordinates: z.array(point),
  extended: z.array(z.object({ turnsAway: z.number(), coordinates: z.array(point) })),
  /** Hours of the day with drives from end to end: 10 %, 50 % and 90 % quantile of their seconds. */
  byHour: z.array(
    z.object({
      hour: z.number(),
      lowS: z.number(),
      medianS: z.number(),
      highS: z.number(),
      count: z.number(),
    }),
  ),
  /** [24] sum of the segments' mean seconds in each hour; a segment without traversals in the hour counts with its mean of all. */
  meanByHourS: z.array(z.number().nullable()),
});

export type ApiSupersegmentQuestion = z.infer<typeof supersegmentQuestion>;
export type ApiSupersegmentRow = z.infer<typeof supersegmentRow>;
export type ApiSupersegmentDetail = z.infer<typeof supersegmentDetail>;
export type ApiSupersegmentCatalogue = z.infer<typeof supersegmentCatalogue>;
