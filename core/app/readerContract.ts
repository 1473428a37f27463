import { contract } from '../api/contract.ts';

/** The part of the contract that only reads the open project; the reader's thread answers it. */
export const readerContract = {
  roads: {
    tile: contract.roads.tile,
    segment: contract.roads.segment,
    nearest: contract.roads.nearest,
    search: contract.roads.search,
    segmentDay: contract.roads.segmentDay,
    segmentWeek: contract.roads.segmentWeek,
  },
  trips: { preview: contract.trips.preview, summary: contract.trips.summary },
  runs: { compare: contract.runs.compare },
  predict: {
    speeds: contract.predict.speeds,
    day: contract.predict.day,
    route: contract.predict.route,
    explain: contract.predict.explain,
    isochrone: contract.predict.isochrone,
    matrix: contract.predict.matrix,
    layer: contract.predict.layer,
    watchLayer: contract.predict.watchLayer,
  },
  gps: { preview: contract.gps.preview },
  scenarios: {
    speeds: contract.scenarios.speeds,
    route: contract.scenarios.route,
    summary: contract.scenarios.summary,
  },
  supersegments: contract.supersegments,
  interactions: {
    preview: contract.interactions.preview,
    nodes: contract.interactions.nodes,
    summary: contract.interactions.summary,
  },
  recommenders: {
    ask: contract.recommenders.ask,
    explain: contract.recommenders.explain,
    way: contract.recommenders.way,
    embeddingMap: contract.recommenders.embeddingMap,
  },
  observations: {
    preview: contract.observations.preview,
    summary: contract.observations.summary,
    ofSegment: contract.observations.ofSegment,
  },
};

export type ReaderContract = typeof readerContract;
