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

/** The nodes at one end of a type of edges that a text is found in: `from` users, `to` items. */
export const nodeQuestion = z.object({
  data: z.string(),
  edges: z.string(),
  end: z.enum(['from', 'to']),
  /** Part of an identifier or title; all match nothing. */
  text: z.string().default(''),
  limit: z.number().int().min(1).max(1000).default(20),
});

/** The best matches first, then those with most edges. */
export const nodeList = z.object({
  /** Type of the nodes, how many there are, and how many match. */
  type: z.string(),
  total: z.number(),
  matching: z.number(),
  rows: z.array(z.object({ id: z.string(), title: z.string().nullable(), edges: z.number() })),
});

const degreeBuckets = z.array(z.object({ least: z.number(), most: z.number(), nodes: z.number() }));

/** What a type of edges holds, and what would be held out of it. */
export const interactionSummary = z.object({
  /** Edges, and different pairs of nodes that they join. */
  edges: z.number(),
  pairs: z.number(),
  /** Types of nodes at both ends, how many there are, how many have an edge, and edges of one of those in the median. */
  from: z.object({ type: z.string(), nodes: z.number(), active: z.number(), median: z.number() }),
  to: z.object({ type: z.string(), nodes: z.number(), active: z.number(), median: z.number() }),
  /** How many nodes have how many edges, by powers of two. */
  fromDegrees: degreeBuckets,
  toDegrees: degreeBuckets,
  /** Edges in steps of equal length; null where no time is known. */
  overTime: z.object({ fromS: z.number(), stepS: z.number(), edges: z.array(z.number()) }).nullable(),
  /** What is known and what is asked of how many users; null with the reason where it cannot be held out. */
  heldOut: z.object({ known: z.number(), test: z.number(), asked: z.number() }).nullable(),
  problem: z.string().nullable(),
  /** Names and kinds of what is known of the nodes and edges. */
  features: z.array(z.object({ of: z.string(), name: z.string(), kind: z.string() })),
});

export type ApiNodeQuestion = z.input<typeof nodeQuestion>;
export type ApiNodeList = z.infer<typeof nodeList>;
export type ApiInteractionSummary = z.infer<typeof interactionSummary>;
export type ApiInteractionFile = z.input<typeof interactionFiles>[number];
export type ApiInteractionPreview = z.infer<typeof interactionPreview>;
