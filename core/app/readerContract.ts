import { contract } from '../api/contract.ts';

/** The part of the contract that only reads the open project; the reader's thread answers it. */
export const readerContract = {
  roads: {
    tile: contract.roads.tile,
    segment: contract.roads.segment,
    nearest: contract.roads.nearest,
    search: contract.roads.search,
  },
  trips: { preview: contract.trips.preview, summary: contract.trips.summary },
  observations: {
    preview: contract.observations.preview,
    summary: contract.observations.summary,
    ofSegment: contract.observations.ofSegment,
  },
  predict: contract.predict,
};

export type ReaderContract = typeof readerContract;
