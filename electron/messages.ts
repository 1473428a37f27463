import { z } from 'zod';

/** What the main process tells the host, beside handing it ports. */
export const toHost = z.discriminatedUnion('type', [
  /** A window's port follows as the message's first port. */
  z.object({ type: z.literal('serve') }),
  /** A job is asked about before quitting. */
  z.object({ type: z.literal('running?') }),
  z.object({ type: z.literal('picked'), request: z.number().int(), path: z.string().nullable() }),
  /** Cancel all jobs (they leave a checkpoint), close the project, end. */
  z.object({ type: z.literal('shutdown') }),
]);
export type ToHost = z.infer<typeof toHost>;

/** What the host tells the main process. */
export const fromHost = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('running'), titles: z.array(z.string()) }),
  z.object({
    type: z.literal('pick'),
    request: z.number().int(),
    purpose: z.enum(['open-project', 'new-project', 'roads', 'trips', 'export']),
    suggested: z.string().optional(),
  }),
  z.object({ type: z.literal('opened'), path: z.string().nullable() }),
  z.object({ type: z.literal('closed') }),
]);
export type FromHost = z.infer<typeof fromHost>;
