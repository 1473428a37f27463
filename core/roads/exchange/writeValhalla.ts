import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { breathe, EtalonError, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { RoadNetwork } from '../network.ts';
import { type WayDirections, wayDirections } from '../wayDirections.ts';
import { type OutputFile, writeFile } from './outputFile.ts';
import { compressWeek, decompressWeek, encodeCoefficients } from './speedCodec.ts';
import type { SpeedExportReport } from './speedExport.ts';
import { graphEdge, graphEdgeText, readWayEdges, trafficFile } from './valhallaEdges.ts';
import { toSundayFirst } from './weekBins.ts';
import { joinedSpeeds, type SegmentSpeeds, type SpeedSource } from './weeklySpeeds.ts';

const HEADER = 'edge_id,freeflow_speed,constrained_speed,historical_speeds';
/** The slowest that a part of a way counts where several are joined. */
const LEAST_KMH = 1;
const EDGES_BETWEEN_BREATHS = 64;
/** An edge holds these two speeds in one byte. */
const LARGEST_KMH = 255;

/**
 * Writes weekly speeds as Valhalla's historical speeds. A path that ends in `.csv` becomes one file, any other a folder of
 * files by tile, as `valhalla_add_predicted_traffic` takes it. An edge gets the speed at which all segments of its way's
 * direction are driven. Throws `conflict` where the folder is there and not empty, or no edge belongs to a segment with
 * speeds; `input`, `not-found`, `cancelled`. What was written by then is removed.
 * @param openSource called once it is known that there is something to write: to ask a run takes minutes
 */
export async function writeValhallaSpeeds(
  out: string,
  waysPath: string,
  network: RoadNetwork,
  openSource: () => Promise<SpeedSource>,
  context: TaskContext,
): Promise<SpeedExportReport> {
  const directions = wayDirections(network);
  const { edges } = await readWayEdges(waysPath, directions, context);
  if (edges.size === 0) throw noEdges(waysPath);
  const source = await openSource();
  const rows = new RowWriter(network, directions, source);
  const ordered: number[] = [];
  const all = [...edges.keys()].sort(byTile);
  for (const [i, edge] of all.entries()) {
    if (i % EDGES_BETWEEN_BREATHS === 0) {
      throwIfCancelled(context.signal);
      context.report({ stage: 'Encoding speeds', done: i, total: all.length, unit: 'edges' });
      await breathe();
    }
    if (rows.has(edges.get(edge)!)) ordered.push(edge);
  }
  if (ordered.length === 0) throw noEdges(waysPath);
  const writeEdges = async (file: OutputFile, some: readonly number[], before: number): Promise<void> => {
    await file.line(HEADER);
    for (let i = 0; i < some.length; i++) {
      if (i % EDGES_BETWEEN_BREATHS === 0) {
        throwIfCancelled(context.signal);
        context.report({ stage: 'Writing edges', done: before + i, total: ordered.length, unit: 'edges' });
        await breathe();
      }
      await file.line(`${graphEdgeText(some[i])},${rows.fields(edges.get(some[i])!)}`);
    }
  };
  const written = /\.csv$/i.test(out)
    ? { files: 1, bytes: await writeFile(out, (file) => writeEdges(file, ordered, 0)) }
    : await writeTiles(out, ordered, writeEdges);
  return {
    format: 'valhalla',
    path: out,
    ...written,
    rows: ordered.length,
    segments: rows.segments,
    source: source.description,
    notes: rows.notes(),
  };
}

function noEdges(waysPath: string): EtalonError {
  return new EtalonError('conflict', 'No edge belongs to a segment that has weekly speeds.', {
    where: { file: waysPath },
    remedy: 'Give the way_edges.txt of tiles of the same place, and roads that were imported from OSM.',
  });
}

function byTile(a: number, b: number): number {
  const [one, other] = [graphEdge(a), graphEdge(b)];
  return one.level - other.level || one.tile - other.tile || one.edge - other.edge;
}

/** The folder is made under another name first: it is there whole or not at all. */
async function writeTiles(
  out: string,
  ordered: readonly number[],
  writeEdges: (file: OutputFile, some: readonly number[], before: number) => Promise<void>,
): Promise<{ files: number; bytes: number }> {
  if (existsSync(out) && readdirSync(out).length > 0)
    throw new EtalonError('conflict', 'The folder is there and is not empty.', {
      where: { file: out },
      remedy: 'Choose a new one, or a path that ends in .csv for a single file.',
    });
  const partial = `${out}.part`;
  let files = 0;
  let bytes = 0;
  try {
    for (let begin = 0; begin < ordered.length; ) {
      const name = trafficFile(ordered[begin]);
      let end = begin + 1;
      while (end < ordered.length && trafficFile(ordered[end]) === name) end++;
      const path = join(partial, name);
      makeFolder(dirname(path), out);
      const [some, before] = [ordered.slice(begin, end), begin];
      bytes += await writeFile(path, (file) => writeEdges(file, some, before));
      files++;
      begin = end;
    }
    rmSync(out, { recursive: true, force: true });
    renameSync(partial, out);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
  return { files, bytes };
}

function makeFolder(path: string, out: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new EtalonError('input', `The folder cannot be made (${(cause as NodeJS.ErrnoException).code}).`, {
      where: { file: out },
      remedy: 'Choose a place that you may write to.',
      cause,
    });
  }
}

/** What an edge's row says after its name; the same for all edges of a way's direction. */
class RowWriter {
  segments = 0;
  readonly #network: RoadNetwork;
  readonly #directions: WayDirections;
  readonly #source: SpeedSource;
  readonly #fields = new Map<number, string | null>();
  /** How many bins came back within 0.1, 0.2 … km/h of what was asked for; the last one holds all larger. */
  readonly #differences = new Float64Array(1001);
  #largestDifferenceKmh = 0;
  #dips = 0;

  constructor(network: RoadNetwork, directions: WayDirections, source: SpeedSource) {
    this.#network = network;
    this.#directions = directions;
    this.#source = source;
  }

  /** Whether any segment of the way's direction has speeds. */
  has(key: number): boolean {
    return this.#found(key) !== null;
  }

  fields(key: number): string {
    return this.#found(key)!;
  }

  notes(): string[] {
    const notes = [
      `The 200 coefficients give 99 % of the speeds back within ${this.#differenceOf(0.99).toFixed(1)} km/h, and all within ${this.#largestDifferenceKmh.toFixed(1)} km/h`,
    ];
    if (this.#dips > 0)
      notes.push(
        `Ways with a dip so short and deep that 200 coefficients give less than half of its speed: ${this.#dips}`,
      );
    return notes;
  }

  /** km/h within which a share of all bins came back. */
  #differenceOf(share: number): number {
    const wanted = share * this.#differences.reduce((sum, count) => sum + count, 0);
    let count = 0;
    const at = this.#differences.findIndex((more) => {
      count += more;
      return count >= wanted;
    });
    return Math.min((at + 1) / 10, this.#largestDifferenceKmh);
  }

  #found(key: number): string | null {
    let found = this.#fields.get(key);
    if (found === undefined) {
      found = this.#describe(key);
      this.#fields.set(key, found);
    }
    return found;
  }

  #describe(key: number): string | null {
    const parts = this.#directions.get(key)!.flatMap((segment) => {
      const speeds = this.#source.of(segment);
      return speeds ? [{ speeds, lengthM: this.#network.lengthM[segment] }] : [];
    });
    if (parts.length === 0) return null;
    this.segments += parts.length;
    const { week, freeFlowKmh, constrainedKmh } = joinedSpeeds(parts, LEAST_KMH);
    return `${wholeKmh(freeFlowKmh)},${wholeKmh(constrainedKmh)},${week ? this.#code(week) : ''}`;
  }

  #code(week: NonNullable<SegmentSpeeds['week']>): string {
    const asked = toSundayFirst(week);
    const coefficients = compressWeek(asked);
    const given = decompressWeek(coefficients);
    let dip = false;
    for (let bin = 0; bin < asked.length; bin++) {
      const difference = Math.abs(given[bin] - asked[bin]);
      this.#largestDifferenceKmh = Math.max(this.#largestDifferenceKmh, difference);
      this.#differences[Math.min(1000, Math.floor(10 * difference))]++;
      if (given[bin] < asked[bin] / 2) dip = true;
    }
    if (dip) this.#dips++;
    return encodeCoefficients(coefficients);
  }
}

/** Whole km/h of a byte: 0 is "unknown", so that no known speed may become it. */
function wholeKmh(kmh: number): number {
  return kmh > 0 ? Math.min(LARGEST_KMH, Math.max(1, Math.round(kmh))) : 0;
}
