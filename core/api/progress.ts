import { eventIterator } from '@orpc/contract';
import { z } from 'zod';

/** How far a task is, and its present stage. */
export const progress = z.object({
  stage: z.string(),
  done: z.number(),
  total: z.number().optional(),
  unit: z.string().optional(),
  step: z.number().optional(),
  steps: z.number().optional(),
});

export const callProgress = z.object({
  progress,
  /** Of the present stage, by the pace so far; null until there is one. */
  secondsLeft: z.number().nullable(),
});

/** A call that may take over a second: it says how far it is, and returns its answer at the end. Blobs cannot be in one. */
export const answeredWithProgress = <Answer extends z.ZodType>(answer: Answer) =>
  eventIterator(callProgress, answer);

export type ApiProgress = z.infer<typeof progress>;
export type CallProgress = z.infer<typeof callProgress>;
