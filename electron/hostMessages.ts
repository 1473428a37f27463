import { filePurpose } from '@etalon/core/api/values';
import { z } from 'zod';

/** What the main process tells the host. */
export const toHost = z.discriminatedUnion('type', [
  /** Serve the API on the port that comes with the message. */
  z.object({ type: z.literal('connect') }),
  /** The answer to a {@link pickFile}; null = dismissed. */
  z.object({ type: z.literal('file-picked'), id: z.number().int(), path: z.string().nullable() }),
  /** Cancel all jobs (they leave their checkpoints), close the project, end. */
  z.object({ type: z.literal('shutdown') }),
]);
export type ToHost = z.infer<typeof toHost>;

const pickFile = z.object({
  type: z.literal('pick-file'),
  id: z.number().int(),
  purpose: filePurpose,
  suggested: z.string().optional(),
});
/** Asks for the system's file dialog, which only the main process can show. */
export type PickFile = z.infer<typeof pickFile>;

/** What the host tells the main process. */
export const fromHost = z.discriminatedUnion('type', [
  /** The project that is open: a host that is started again opens it. */
  z.object({ type: z.literal('project'), path: z.string().nullable() }),
  /** Title of the job that is running. */
  z.object({ type: z.literal('jobs'), busy: z.string().nullable() }),
  pickFile,
]);
export type FromHost = z.infer<typeof fromHost>;
