import { api } from '../api/connection.ts';
import type { ApiTripMapping, TripPreview } from '../api/types.ts';
import { createFileImport } from './fileImport.ts';

export type TripMapping = { [Field in keyof ApiTripMapping]?: ApiTripMapping[Field] | undefined };

export const useTripImport = createFileImport<TripMapping, TripPreview>({
  none: {},
  preview: ({ path, mapping, timeZone }) =>
    api().trips.preview({ path, mapping: mapping as Partial<ApiTripMapping>, timeZone }),
  start({ path, mapping, timeZone, skipMalformed }) {
    if (mapping.segments === undefined) return undefined;
    return api().trips.import({
      path,
      timeZone,
      skipMalformed,
      mapping: {
        id: mapping.id ?? null,
        departure: mapping.departure ?? null,
        dayOfYear: mapping.dayOfYear ?? null,
        minuteOfDay: mapping.minuteOfDay ?? null,
        year: mapping.year ?? null,
        totalSeconds: mapping.totalSeconds ?? null,
        segments: mapping.segments,
        segmentSeconds: mapping.segmentSeconds ?? null,
      },
    });
  },
});
