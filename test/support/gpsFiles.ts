import type { TripSet } from '../../core/roads/index.ts';
import type { GpsPoints } from '../../core/roads/matching/index.ts';

export interface NamedTrace {
  id: string;
  points: GpsPoints;
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
const indices = ({ points }: NamedTrace) => [...points.timeS.keys()];

/** GPS points as CSV, one a row, trace after trace. */
export function gpsCsv(traces: readonly NamedTrace[]): string {
  const rows = traces.flatMap((trace) =>
    indices(trace).map((i) => {
      const { timeS, lat, lon } = trace.points;
      return [trace.id, iso(timeS[i]), lat[i].toFixed(7), lon[i].toFixed(7)].join(',');
    }),
  );
  return ['trip_id,timestamp,lat,lon', ...rows, ''].join('\n');
}

/** The same points as GPX 1.1, a track for each trace. */
export function gpsGpx(traces: readonly NamedTrace[]): string {
  const tracks = traces.map((trace) => {
    const { timeS, lat, lon } = trace.points;
    const points = indices(trace).map(
      (i) =>
        `<trkpt lat="${lat[i].toFixed(7)}" lon="${lon[i].toFixed(7)}"><ele>12</ele><time>${iso(timeS[i])}</time></trkpt>`,
    );
    return `<trk><name>${trace.id}</name><trkseg>\n${points.join('\n')}\n</trkseg></trk>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">\n${tracks.join('\n')}\n</gpx>\n`;
}

/** The same points as GeoJSON, a LineString with `coordTimes` for each trace. */
export function gpsGeoJson(traces: readonly NamedTrace[]): string {
  const features = traces.map((trace) => ({
    type: 'Feature',
    properties: { trip_id: trace.id, coordTimes: indices(trace).map((i) => iso(trace.points.timeS[i])) },
    geometry: {
      type: 'LineString',
      coordinates: indices(trace).map((i) => [
        Number(trace.points.lon[i].toFixed(7)),
        Number(trace.points.lat[i].toFixed(7)),
      ]),
    },
  }));
  return JSON.stringify({ type: 'FeatureCollection', features }, null, 1);
}

/** Trips as they are driven, a trace each. */
export function tracesOf(
  trips: TripSet,
  drive: (segments: Int32Array, totalS: number, departS: number) => GpsPoints,
): NamedTrace[] {
  return trips.ids.map((id, trip) => ({
    id,
    points: drive(
      trips.segments.subarray(trips.offsets[trip], trips.offsets[trip + 1]),
      trips.totalS[trip],
      trips.departS[trip],
    ),
  }));
}
