import { type PreviewProblem, previewProblems } from '../../tables/previewProblems.ts';
import { firstRecords } from '../../tables/table.ts';
import { estimateNoise, MapMatcher, type MatchQuality, QualityTally } from '../matching/index.ts';
import type { RoadNetwork } from '../network.ts';
import { SegmentIndex } from '../snap.ts';
import { openGps } from './gpsTable.ts';
import {
  completeGpsMapping,
  type GpsMapping,
  missingGpsFields,
  type PartialGpsMapping,
  suggestGpsMapping,
} from './mapping.ts';
import { POINT_DROPS, PointReader } from './pointRow.ts';
import { type GpsTrace, TraceBuffer } from './traceBuffer.ts';

const PREVIEW_ROWS = 200;
const COLUMN_SAMPLES = 5;
const SAMPLE_POINTS = 5000;
const SAMPLE_TRACES = 20;

/** How some traces at the beginning of a file would be matched. */
export interface GpsSample {
  quality: MatchQuality;
  /** σ and β as estimated from these traces. */
  sigmaM: number;
  betaM: number;
  /** Median seconds between neighbouring points; NaN without any. */
  intervalS: number;
  traces: ({ id: string; trips: number } & MatchQuality)[];
  /** Of the trips that come of them. */
  durationsS: number[];
  speedsKmh: number[];
}

export interface GpsPreview {
  sizeBytes: number;
  /** For a person: "CSV, gzip". */
  format: string;
  columns: { name: string; samples: string[] }[];
  /** The first 200 points as read. */
  rows: string[][];
  /** The mapping given, filled up with what the columns suggest. */
  suggested: PartialGpsMapping;
  missing: (keyof GpsMapping)[];
  /** Rows (from 0, as in `rows`) that give no point. Empty while fields are missing. */
  problems: PreviewProblem[];
  /** Null while fields are missing, or without a network. */
  sample: GpsSample | null;
}

/**
 * Reads the first points of a GPS file, for a person to check the mapping, and matches some traces. Throws `not-found`,
 * `input` for what is no GPS file, `usage` for a column or time zone that does not exist.
 */
export async function previewGps(
  path: string,
  options: {
    mapping?: PartialGpsMapping;
    timeZone?: string;
    network?: RoadNetwork;
    index?: SegmentIndex;
  } = {},
): Promise<GpsPreview> {
  const table = await openGps(path);
  const { columns } = table;
  const records = await firstRecords(table, SAMPLE_POINTS);
  const first = records.slice(0, PREVIEW_ROWS);
  const rows = first.map((record) => record.fields);
  const given = Object.entries(options.mapping ?? {}).filter(([, value]) => value !== undefined);
  const suggested: PartialGpsMapping = { ...suggestGpsMapping(columns, rows), ...Object.fromEntries(given) };
  const missing = missingGpsFields(suggested);
  const preview: GpsPreview = {
    sizeBytes: table.sizeBytes,
    format: table.format,
    columns: columns.map((name, i) => ({
      name,
      samples: rows.slice(0, COLUMN_SAMPLES).map((row) => row[i] ?? ''),
    })),
    rows,
    suggested,
    missing,
    problems: [],
    sample: null,
  };
  if (missing.length > 0) return preview;
  const mapping = completeGpsMapping(suggested, columns);
  const reader = new PointReader(table, mapping, options.timeZone ?? 'UTC');
  const buffer = new TraceBuffer();
  const problems = previewProblems(records, (record) => {
    const point = reader.read(record);
    if ('reason' in point) return { ...point, description: POINT_DROPS[point.reason].description };
    buffer.add(point.trace, point.timeS, point.lon, point.lat, record.line);
    return null;
  });
  preview.problems = problems.filter(({ row }) => row < PREVIEW_ROWS);
  const traces = [...buffer.rest()].slice(0, SAMPLE_TRACES);
  if (options.network && traces.length > 0)
    preview.sample = matchSample(
      traces,
      options.network,
      options.index ?? SegmentIndex.build(options.network),
    );
  return preview;
}

function matchSample(traces: readonly GpsTrace[], network: RoadNetwork, index: SegmentIndex): GpsSample {
  const first = new MapMatcher(network, {}, index);
  const noise = estimateNoise(traces.map(({ points }) => first.match(points)));
  const matcher = new MapMatcher(network, noise, index);
  const whole = new QualityTally();
  const sample: Omit<GpsSample, 'quality'> = {
    sigmaM: matcher.settings.sigmaM,
    betaM: matcher.settings.betaM,
    intervalS: medianIntervalS(traces),
    traces: [],
    durationsS: [],
    speedsKmh: [],
  };
  for (const { id, points } of traces) {
    const match = matcher.match(points);
    const own = new QualityTally();
    own.add(match);
    whole.add(match);
    sample.traces.push({ id, trips: match.paths.length, ...own.figures() });
    for (const { departS, arriveS, lengthM } of match.paths) {
      if (arriveS <= departS) continue;
      sample.durationsS.push(arriveS - departS);
      sample.speedsKmh.push((lengthM / (arriveS - departS)) * 3.6);
    }
  }
  return { ...sample, quality: whole.figures() };
}

function medianIntervalS(traces: readonly GpsTrace[]): number {
  const intervals = traces.flatMap(({ points: { timeS } }) =>
    Array.from(timeS.subarray(1), (t, i) => t - timeS[i]),
  );
  return Float64Array.from(intervals).sort()[intervals.length >> 1] ?? Number.NaN;
}
