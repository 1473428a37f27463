import type { ApiSegmentInfo } from '../api/contract.ts';
import { EtalonError } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import { type PartialTripMapping, previewTrips, type TripPreview } from '../roads/tripsCsv.ts';
import { absolutePath } from './folders.ts';
import { describeSegment, RoadNames, type RoadPlace } from './segments.ts';
import { summarizeTrips, type TripSummary, traversalCounts } from './tripFigures.ts';

/** Answers what there is to see in a project's roads and trips. What it builds for that it keeps. */
export class RoadReader {
  readonly #store: ProjectStore;
  #names: RoadNames | undefined;
  #traversals: Uint32Array | undefined;

  constructor(store: ProjectStore) {
    this.#store = store;
  }

  segment(segment: number): ApiSegmentInfo {
    const network = this.#store.readRoads();
    this.#traversals ??= traversalCounts(network, this.#store.readTrips());
    return describeSegment(network, this.#traversals, segment);
  }

  tile(_z: number, _x: number, _y: number): Blob {
    throw new EtalonError('internal', 'Map tiles are not there yet.');
  }

  nearest(_point: readonly [number, number], _maxM: number): ApiSegmentInfo | null {
    throw new EtalonError('internal', 'Snapping is not there yet.');
  }

  search(text: string, limit: number): RoadPlace[] {
    this.#names ??= new RoadNames(this.#store.readRoads());
    return this.#names.search(text, limit);
  }

  /** Rows are tried on the roads where there are any. */
  previewTrips(
    path: string,
    options: { mapping?: PartialTripMapping; timeZone?: string },
  ): Promise<TripPreview> {
    const network = this.#store.hasRoads() ? { network: this.#store.readRoads() } : {};
    return previewTrips(absolutePath(path), { ...options, ...network });
  }

  summary(): TripSummary {
    return summarizeTrips(this.#store.readRoads(), this.#store.readTrips());
  }
}
