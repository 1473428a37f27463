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
  predict: contract.predict,
  scenarios: {
    speeds: contract.scenarios.speeds,
    route: contract.scenarios.route,
    summary: contract.scenarios.summary,
  },
};

export type ReaderContract = typeof readerContract;
