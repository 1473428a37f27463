import type { ApiSegmentInfo } from '../api/contract.ts';
import type { ProjectStore } from '../project/index.ts';
import {
  type PartialTripMapping,
  previewTrips,
  SegmentIndex,
  TileSource,
  type TripPreview,
} from '../roads/index.ts';
import { absolutePath } from './folders.ts';
import { describeSegment, RoadNames, type RoadPlace } from './segments.ts';
import { summarizeTrips, type TripSummary, traversalCounts } from './tripFigures.ts';

/** Answers what there is to see in a project's roads and trips. What it builds for that it keeps. */
export class RoadReader {
  readonly #store: ProjectStore;
  #names: RoadNames | undefined;
  #traversals: Uint32Array | undefined;
  #index: SegmentIndex | undefined;
  #tiles: TileSource | undefined;

  constructor(store: ProjectStore) {
    this.#store = store;
  }

  segment(segment: number): ApiSegmentInfo {
    const network = this.#store.readRoads();
    this.#traversals ??= traversalCounts(network, this.#store.readTrips());
    return describeSegment(network, this.#traversals, segment);
  }

  /** A vector tile; an empty Blob where there is nothing. */
  tile(z: number, x: number, y: number): Blob {
    if (!this.#store.hasRoads()) return new Blob([]);
    this.#tiles ??= new TileSource(this.#store.readRoads());
    const bytes = this.#tiles.tile(z, x, y);
    return new Blob(bytes ? [bytes as Uint8Array<ArrayBuffer>] : []);
  }

  /** The segment nearest to longitude, latitude; null with none within reach. */
  nearest(point: readonly [number, number], maxM: number): ApiSegmentInfo | null {
    this.#index ??= SegmentIndex.build(this.#store.readRoads());
    const [found] = this.#index.nearest(point, { maxM });
    return found ? this.segment(found.segment) : null;
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
