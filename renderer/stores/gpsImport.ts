import { create } from 'zustand';
import { api } from '../api/connection.ts';
import type { ApiGpsMapping, GpsPreview } from '../api/types.ts';
import { createFileImport } from './fileImport.ts';
import { useTripImport } from './tripImport.ts';

export type GpsMapping = { [Field in keyof ApiGpsMapping]?: ApiGpsMapping[Field] | undefined };

export const useGpsImport = createFileImport<GpsMapping, GpsPreview>({
  none: {},
  preview: ({ path, mapping, timeZone }) =>
    api().gps.preview({ path, mapping: mapping as Partial<ApiGpsMapping>, timeZone }),
  start({ path, mapping: { trace = null, time, latitude, longitude }, timeZone, skipMalformed }) {
    if (time === undefined || latitude === undefined || longitude === undefined) return undefined;
    return api().gps.import({ path, timeZone, skipMalformed, mapping: { trace, time, latitude, longitude } });
  },
});

/** What a file of traffic holds: whole trips with their segments, or points that are still to be matched to roads. */
export type TrafficKind = 'trips' | 'gps';

interface TrafficImportState {
  kind: TrafficKind;
  /** Tells the kind by the file's name and columns, and begins. */
  choose(path: string): Promise<void>;
  /** Reads the same file as the other kind. */
  setKind(kind: TrafficKind): Promise<void>;
  clear(): void;
}

export const useTrafficImport = create<TrafficImportState>((set, get) => ({
  kind: 'trips',
  async choose(path) {
    get().clear();
    set({ kind: await kindOf(path) });
    await importOf(get().kind).getState().choose(path);
  },
  async setKind(kind) {
    const { path } = importOf(get().kind).getState();
    if (kind === get().kind || !path) return;
    set({ kind });
    await importOf(kind).getState().choose(path);
  },
  clear() {
    useTripImport.getState().clear();
    useGpsImport.getState().clear();
  },
}));

const importOf = (kind: TrafficKind) => (kind === 'gps' ? useGpsImport : useTripImport);

const POINT_FILES = /\.(gpx|geojson|json)(\.gz)?$/i;

async function kindOf(path: string): Promise<TrafficKind> {
  if (POINT_FILES.test(path)) return 'gps';
  try {
    const [gps, trips] = await Promise.all([api().gps.preview({ path }), api().trips.preview({ path })]);
    // Whole trips may have the coordinates of their start besides.
    return gps.missing.length === 0 && !trips.suggested.segments ? 'gps' : 'trips';
  } catch {
    return 'trips'; // Its own preview says what is wrong with the file.
  }
}
