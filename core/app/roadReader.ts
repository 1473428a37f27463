import type { ApiMatchQuality, ApiSegmentInfo } from '../api/contract.ts';
import type { ProjectStore } from '../project/index.ts';
import {
  type GpsPreview,
  type MatchQuality,
  type PartialGpsMapping,
  type PartialTripMapping,
  previewGps,
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
    const [found] = this.#segmentIndex().nearest(point, { maxM });
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

  /** Some traces are matched where there are roads. */
  async previewGps(path: string, options: { mapping?: PartialGpsMapping; timeZone?: string }) {
    const roads = this.#store.hasRoads()
      ? { network: this.#store.readRoads(), index: this.#segmentIndex() }
      : {};
    const preview = await previewGps(absolutePath(path), { ...options, ...roads });
    return { ...preview, sample: preview.sample && sentSample(preview.sample) };
  }

  #segmentIndex(): SegmentIndex {
    this.#index ??= SegmentIndex.build(this.#store.readRoads());
    return this.#index;
  }

  summary(): TripSummary {
    return summarizeTrips(this.#store.readRoads(), this.#store.readTrips());
  }
}

/** NaN does not cross the wire as a number. */
function sentSample(sample: NonNullable<GpsPreview['sample']>) {
  return {
    ...sample,
    intervalS: finite(sample.intervalS),
    quality: sentQuality(sample.quality),
    traces: sample.traces.map((trace) => ({ ...trace, ...sentQuality(trace) })),
  };
}

function sentQuality(quality: MatchQuality): ApiMatchQuality {
  return {
    ...quality,
    medianDistanceM: finite(quality.medianDistanceM),
    confidence: finite(quality.confidence),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
