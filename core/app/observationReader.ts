import { EtalonError } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import {
  type ObservationPreview,
  type PartialObservationMapping,
  previewObservations,
} from '../roads/index.ts';
import { absolutePath } from './folders.ts';
import { withAbsolutePaths } from './observationChecks.ts';
import { type ObservationSummary, summarizeObservations } from './observationFigures.ts';

/** What was observed on one segment, in order of time, as the contract gives it. */
export interface SegmentSeries {
  localStartS: number[];
  durationS: number[];
  speedKmh: number[];
  vehicles: (number | null)[];
}

/** Answers what there is to see in a project's observations. */
export class ObservationReader {
  readonly #store: ProjectStore;

  constructor(store: ProjectStore) {
    this.#store = store;
  }

  /** Rows are tried on the roads where there are any. */
  preview(
    path: string,
    { mapping, timeZone }: { mapping?: PartialObservationMapping; timeZone?: string },
  ): Promise<ObservationPreview> {
    return previewObservations(absolutePath(path), {
      ...(mapping && { mapping: withAbsolutePaths(mapping) }),
      ...(timeZone && { timeZone }),
      ...(this.#store.hasRoads() && { network: this.#store.readRoads() }),
    });
  }

  summary(): ObservationSummary {
    const network = this.#store.readRoads();
    return summarizeObservations(network, this.#store.observedHours(), this.#store.observationsBySegment());
  }

  /** Throws `not-found` for a segment that the network does not have. */
  ofSegment(segment: number, range: { from?: string; until?: string }): SegmentSeries {
    if (segment >= this.#store.readRoads().segmentCount)
      throw new EtalonError('not-found', `There is no segment ${segment}.`);
    const { localStartS, durationS, speedKmh, vehicles } = this.#store.observationsOf(segment, range);
    return {
      localStartS: [...localStartS],
      durationS: [...durationS],
      speedKmh: [...speedKmh],
      vehicles: Array.from(vehicles, (count) => (Number.isNaN(count) ? null : count)),
    };
  }
}
