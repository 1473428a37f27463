import { api } from '../api/connection.ts';
import type { ApiObservationMapping, ObservationPreview } from '../api/types.ts';
import { createFileImport } from './fileImport.ts';

export type ObservationChoices = {
  [Field in keyof ApiObservationMapping]?: ApiObservationMapping[Field] | undefined;
};

export const useObservationImport = createFileImport<ObservationChoices, ObservationPreview>({
  none: {},
  preview: ({ path, mapping, timeZone }) =>
    api().observations.preview({ path, mapping: mapping as Partial<ApiObservationMapping>, timeZone }),
  start({ path, timeZone, preview, skipMalformed }) {
    const mapping = completed(preview);
    return mapping ? api().observations.import({ path, timeZone, mapping, skipMalformed }) : undefined;
  },
});

/** The mapping as the preview has filled it up, or null while something is missing. */
function completed({ suggested, missing }: ObservationPreview): ApiObservationMapping | null {
  const { layout, stepS, unit, maxDistanceM } = suggested;
  if (missing.length > 0 || !layout || !stepS || !unit || maxDistanceM === undefined) return null;
  return {
    layout,
    stepS,
    unit,
    maxDistanceM,
    time: suggested.time ?? null,
    segment: suggested.segment ?? null,
    way: suggested.way ?? null,
    direction: suggested.direction ?? null,
    speed: suggested.speed ?? null,
    seconds: suggested.seconds ?? null,
    count: suggested.count ?? null,
    start: suggested.start ?? null,
    positions: suggested.positions ?? null,
    adjacency: suggested.adjacency ?? null,
  };
}
