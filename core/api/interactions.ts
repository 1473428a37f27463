import { z } from 'zod';

/** A data set of interactions in the project; counts by type, times in seconds since 1970-01-01T00:00Z. */
export const interactionSet = z.object({
  sourceId: z.number(),
  name: z.string(),
  nodes: z.array(z.object({ name: z.string(), count: z.number() })),
  edges: z.array(
    z.object({
      name: z.string(),
      from: z.string(),
      to: z.string(),
      count: z.number(),
      firstS: z.number().nullable(),
      lastS: z.number().nullable(),
    }),
  ),
});

/** The files of one data set; choices by field, as `core/interactions/import/plan.ts` has them. */
export const interactionFiles = z
  .array(z.object({ path: z.string(), choices: z.record(z.string(), z.string()).default({}) }))
  .min(1);

const columnKinds = z.record(z.string(), z.enum(['numeric', 'categorical', 'text', 'multi', 'vector']));

const edgePlan = z.object({
  role: z.literal('edges'),
  type: z.string(),
  from: z.string(),
  to: z.string(),
  fromType: z.string(),
  toType: z.string(),
  weight: z.string().nullable(),
  time: z.string().nullable(),
  features: columnKinds,
  separator: z.string(),
});

const nodePlan = z.object({
  role: z.literal('nodes'),
  type: z.string(),
  id: z.string(),
  longitude: z.string().nullable(),
  latitude: z.string().nullable(),
  features: columnKinds,
  separator: z.string(),
});

/** What one file is taken for, and which of its first rows would not be kept. */
export const interactionPreview = z.object({
  path: z.string(),
  format: z.string(),
  sizeBytes: z.number(),
  columns: z.array(z.object({ name: z.string(), samples: z.array(z.string()) })),
  rows: z.array(z.array(z.string())),
  plan: z.discriminatedUnion('role', [edgePlan, nodePlan]),
  problems: z.array(
    z.object({
      row: z.number(),
      line: z.number(),
      column: z.string().nullable(),
      message: z.string(),
      malformed: z.boolean(),
    }),
  ),
});

export type ApiInteractionFile = z.input<typeof interactionFiles>[number];
export type ApiInteractionPreview = z.infer<typeof interactionPreview>;
