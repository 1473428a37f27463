import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { breathe, EtalonError, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { ImportReport } from '../../tables/importReport.ts';
import { ReportBuilder } from '../../tables/importReport.ts';
import { MalformedError, MalformedTally } from '../../tables/malformed.ts';
import type { RoadNetwork } from '../network.ts';
import { wayDirections } from '../wayDirections.ts';
import { eachLine } from './lineFile.ts';
import { COEFFICIENTS, compressWeek, decodeCoefficients, decompressWeek } from './speedCodec.ts';
import { parseGraphEdge, readWayEdges } from './valhallaEdges.ts';
import { joinedSpeeds, type SegmentSpeeds, type WeeklyProfiles } from './weeklySpeeds.ts';

/** Valhalla's own lower bound of speeds; what the transform leaves below it is no speed that anyone drove. */
const LEAST_KMH = 5;
const WAYS_BETWEEN_BREATHS = 64;
const HEADER = /^edge_id\b/;

/** What a row gives of one edge. */
interface EdgeSpeeds {
  freeFlowKmh: number;
  constrainedKmh: number;
  coefficients: Int16Array | null;
}

/**
 * Reads Valhalla's historical speeds: a CSV file, or the folder of such files that `valhalla_add_predicted_traffic` takes,
 * with rows `edge_id,freeflow_speed,constrained_speed,historical_speeds`. `waysPath` is the list of
 * `valhalla_ways_to_edges`, by which edges belong to ways: all segments of a way's direction get the speeds of its edges,
 * where these differ the speed at which all of them are driven. Lines of either that cannot be read stop the import, unless
 * `skipMalformed` leaves them out. Throws `input` naming file and line, `not-found`, `conflict` where the roads know no OSM ways, `cancelled`.
 */
export async function readValhallaSpeeds(
  path: string,
  waysPath: string,
  network: RoadNetwork,
  context: TaskContext,
  skipMalformed = false,
): Promise<{ profiles: WeeklyProfiles; report: ImportReport }> {
  const directions = wayDirections(network);
  if (directions.size === 0) throw noWays();
  const files = trafficFiles(path);
  const report = new ReportBuilder();
  const malformed = new MalformedTally(report, skipMalformed, 'lines');
  const guard = (take: () => void) => malformed.read(take);
  const { edges, read } = await readWayEdges(waysPath, directions, context, guard);
  const rows = new RowReader(edges, report);
  for (const file of files) {
    const take = (text: string, line: number) => guard(() => rows.take(text, line, file));
    await eachLine(file, 'Reading speeds', context, take);
    throwIfCancelled(context.signal);
  }
  malformed.stopIfFailed();
  malformed.refuseMost(rows.read + read);
  report.read.edges = rows.read;
  report.read.edgesOfWays = read;
  report.kept.edges = rows.kept;
  if (rows.kept === 0) throw nothingMatched(path, waysPath, rows.read);
  const profiles = await profilesOf(rows.byDirection, directions, report, context);
  report.kept.segments = profiles.segments.length;
  return { profiles, report: report.finish(path, 'Valhalla historical speeds') };
}

class RowReader {
  /** Key of a way's direction → its edges' speeds. */
  readonly byDirection = new Map<number, EdgeSpeeds[]>();
  read = 0;
  kept = 0;
  readonly #edges: ReadonlyMap<number, number>;
  readonly #report: ReportBuilder;
  readonly #seen = new Set<number>();

  constructor(edges: ReadonlyMap<number, number>, report: ReportBuilder) {
    this.#edges = edges;
    this.#report = report;
  }

  take(text: string, line: number, file: string): void {
    if (line === 1 && HEADER.test(text)) return;
    const place = `${basename(file)}:${line}`;
    this.read++;
    const row = parseRow(text, line, file);
    if (this.#seen.has(row.edge)) {
      this.#report.drop('duplicate-edge', 'rows of edges that stood in a row before', place);
      return;
    }
    this.#seen.add(row.edge);
    const key = this.#edges.get(row.edge);
    if (key === undefined) {
      this.#report.drop('unknown-edge', 'edges that belong to no way of the road network', place);
      return;
    }
    this.kept++;
    const known = this.byDirection.get(key);
    if (known) known.push(row);
    else this.byDirection.set(key, [row]);
  }
}

function parseRow(text: string, line: number, file: string): EdgeSpeeds & { edge: number } {
  const malformed: Malform = (field, found, remedy) =>
    new MalformedError({ file, line, ...(field && { field }) }, found, { remedy });
  const fields = text.split(',');
  if (fields.length < 3 || fields.length > 4)
    throw malformed(
      null,
      `the row has ${fields.length} fields`,
      'Write edge_id,freeflow_speed,constrained_speed and, where known, historical_speeds.',
    );
  const [edgeText, freeFlow, constrained, code = ''] = fields.map((field) => field.trim());
  const edge = parseGraphEdge(edgeText);
  if (edge === undefined)
    throw malformed(
      'edge_id',
      `"${edgeText}" is no edge`,
      'Write it as level/tile/id, for example 1/47701/130.',
    );
  const speed = (field: string, value: string): number => {
    if (/^\d+$/.test(value) && Number(value) <= 255) return Number(value);
    throw malformed(field, `"${value}" is not a speed`, 'Give whole km/h from 0 (unknown) to 255.');
  };
  return {
    edge,
    freeFlowKmh: speed('freeflow_speed', freeFlow),
    constrainedKmh: speed('constrained_speed', constrained),
    coefficients: code === '' ? null : codeOf(code, malformed),
  };
}

/** The error of a row, by field (null for all of it), what was found and what to do. */
type Malform = (field: string | null, found: string, remedy: string) => MalformedError;

function codeOf(code: string, malformed: Malform): Int16Array {
  try {
    return decodeCoefficients(code);
  } catch (error) {
    if (!(error instanceof EtalonError)) throw error;
    throw malformed(
      'historical_speeds',
      error.message.replace(/\.$/, ''),
      'Encode them anew with valhalla_get_compressed_encoded_speeds, or leave the field empty.',
    );
  }
}

async function profilesOf(
  byDirection: ReadonlyMap<number, readonly EdgeSpeeds[]>,
  directions: ReadonlyMap<number, readonly number[]>,
  report: ReportBuilder,
  context: TaskContext,
): Promise<WeeklyProfiles> {
  const weeks: Int16Array[] = [];
  const found: { segment: number; row: number; freeFlowKmh: number; constrainedKmh: number }[] = [];
  let done = 0;
  for (const [key, edges] of byDirection) {
    if (done++ % WAYS_BETWEEN_BREATHS === 0) {
      throwIfCancelled(context.signal);
      context.report({ stage: 'Joining edges of ways', done, total: byDirection.size, unit: 'ways' });
      await breathe();
    }
    const { coefficients, freeFlowKmh, constrainedKmh } = joinedEdges(edges);
    if (!coefficients && freeFlowKmh === 0 && constrainedKmh === 0) continue;
    const way = `way ${Math.floor(key / 2)}${key % 2 === 1 ? '' : ' (backward)'}`;
    if (edges.some((edge) => !same(edge, edges[0])))
      report.note(
        'Ways whose edges have different speeds, given the speed at which all of them are driven',
        way,
      );
    if (coefficients && decompressWeek(coefficients).some((kmh) => kmh < LEAST_KMH))
      report.note(`Ways whose weekly speeds fall below ${LEAST_KMH} km/h`, way);
    const row = coefficients ? weeks.push(coefficients) - 1 : -1;
    for (const segment of directions.get(key)!) found.push({ segment, row, freeFlowKmh, constrainedKmh });
  }
  found.sort((a, b) => a.segment - b.segment);
  const coefficients = new Int16Array(weeks.length * COEFFICIENTS);
  weeks.forEach((week, row) => {
    coefficients.set(week, row * COEFFICIENTS);
  });
  return {
    segments: Int32Array.from(found, ({ segment }) => segment),
    rows: Int32Array.from(found, ({ row }) => row),
    coefficients,
    freeFlowKmh: Float32Array.from(found, ({ freeFlowKmh }) => freeFlowKmh),
    constrainedKmh: Float32Array.from(found, ({ constrainedKmh }) => constrainedKmh),
  };
}

/** Edges count alike: their lengths are not in the files. Equal codes stay as they are, to the bit. */
function joinedEdges(edges: readonly EdgeSpeeds[]): EdgeSpeeds {
  if (edges.every((edge) => same(edge, edges[0]))) return edges[0];
  const parts = edges.map(({ coefficients, freeFlowKmh, constrainedKmh }) => ({
    speeds: {
      week: coefficients && decompressWeek(coefficients),
      freeFlowKmh,
      constrainedKmh,
    } satisfies SegmentSpeeds,
    lengthM: 1,
  }));
  const { week, freeFlowKmh, constrainedKmh } = joinedSpeeds(parts, LEAST_KMH);
  return { coefficients: week && compressWeek(week), freeFlowKmh, constrainedKmh };
}

function same(a: EdgeSpeeds, b: EdgeSpeeds): boolean {
  if (a.freeFlowKmh !== b.freeFlowKmh || a.constrainedKmh !== b.constrainedKmh) return false;
  if (!a.coefficients || !b.coefficients) return a.coefficients === b.coefficients;
  return a.coefficients.every((coefficient, k) => coefficient === b.coefficients![k]);
}

function trafficFiles(path: string): string[] {
  if (!existsSync(path))
    throw new EtalonError('not-found', 'There is no such file or folder.', {
      where: { file: path },
      remedy: 'Check the path.',
    });
  if (!statSync(path).isDirectory()) return [path];
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.csv(\.gz)?$/i.test(name))
    .sort()
    .map((name) => join(path, name));
  if (files.length > 0) return files;
  throw new EtalonError('input', 'The folder holds no CSV file.', {
    where: { file: path },
    remedy: 'Give the folder of traffic files: level/…/tile.csv.',
  });
}

function noWays(): EtalonError {
  return new EtalonError('conflict', 'The roads of the project know nothing of OSM ways.', {
    remedy: 'Import roads from an OSM file first: Valhalla names roads by OSM ways.',
  });
}

function nothingMatched(path: string, waysPath: string, read: number): EtalonError {
  return new EtalonError(
    'input',
    read === 0
      ? 'The file has no rows.'
      : `None of the ${read} edges belongs to a way of the road network, by ${basename(waysPath)}.`,
    {
      where: { file: path },
      remedy: 'Give the way_edges.txt of the same Valhalla tiles, and roads of the same place.',
    },
  );
}
