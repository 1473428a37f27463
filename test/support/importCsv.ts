import { writeFileSync } from 'node:fs';
import { ROAD_CLASSES, type RoadNetwork, type TripSet } from '../../core/roads/index.ts';

/** A network as OSMnx's two tables, one edge for each segment. */
export function writeOsmnx(network: RoadNetwork, nodesFile: string, edgesFile: string): void {
  const nodes = Array.from(
    { length: network.junctionCount },
    (_, j) => `${j + 1},${network.junctionCoordinates[2 * j + 1]},${network.junctionCoordinates[2 * j]}`,
  );
  const edges = network.refs.map((ref, s) =>
    [
      network.fromJunction[s] + 1,
      network.toJunction[s] + 1,
      s + 1,
      'True',
      ROAD_CLASSES[network.roadClass[s]],
      network.lengthM[s],
      ref,
    ].join(','),
  );
  writeFileSync(nodesFile, ['osmid,y,x', ...nodes, ''].join('\n'));
  writeFileSync(edgesFile, ['u,v,osmid,oneway,highway,length,fid', ...edges, ''].join('\n'));
}

/** Trips by day of the year and minute of the day, as Porto's come; seconds within the minute are lost. */
export function writeTrips(network: RoadNetwork, trips: TripSet, file: string): void {
  const yearS = Date.UTC(new Date(trips.localDepartS[0] * 1000).getUTCFullYear(), 0, 1) / 1000;
  const rows = Array.from({ length: trips.count }, (_, trip) => {
    const minutes = Math.floor((trips.localDepartS[trip] - yearS) / 60);
    const segments = trips.segments.subarray(trips.offsets[trip], trips.offsets[trip + 1]);
    return [
      trip + 1,
      Math.floor(minutes / 1440) + 1,
      minutes % 1440,
      trips.totalS[trip].toFixed(1),
      Array.from(segments, (s) => network.refs[s]).join(' '),
    ].join(',');
  });
  writeFileSync(file, ['trip_id,day_of_year,minute_of_day,travel_time_s,edge_fids', ...rows, ''].join('\n'));
}
