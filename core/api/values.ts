import { z } from 'zod';

/** Values that many procedures take. */

export const localDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'Give a date as YYYY-MM-DD.');
/** Wall-clock time in the project's time zone. */
export const localDateTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/, 'Give a time as YYYY-MM-DDTHH:MM.');
/** Longitude, latitude in degrees. */
export const point = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);

/** What the system's file dialog is opened for. */
export const filePurpose = z.enum([
  'open-project',
  'new-project',
  'roads',
  'trips',
  'observations',
  'export',
  'speeds',
  'ways',
  'profiles',
  'interactions',
  'lists',
  'embeddings',
]);
export type FilePurpose = z.infer<typeof filePurpose>;
