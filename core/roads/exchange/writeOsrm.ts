import { EtalonError, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { RoadNetwork } from '../network.ts';
import { type OutputFile, writeFile } from './outputFile.ts';
import type { SpeedExportReport } from './speedExport.ts';
import { isDaytime, meanKmh } from './weekBins.ts';
import type { SegmentSpeeds, SpeedSource } from './weeklySpeeds.ts';

/** OSRM drives nothing slower; a speed of 0 would close the road. */
const LEAST_KMH = 1;
/** A turn's seconds are kept in tenths, in 16 bits. */
const LARGEST_PENALTY_S = 3276.7;
const LINES_BETWEEN_REPORTS = 4096;

/**
 * Writes speeds as OSRM's segment speed file: a line `from_osm_id,to_osm_id,km/h` for every two successive OSM nodes of a
 * segment, one speed for all times. `bin` is the five minutes of the week from Monday 00:00 on, null the mean of 7 to 19
 * o'clock. `openSource` is called once it is known that there is something to write. Throws `conflict` where the roads keep no OSM nodes, or no segment has a speed; `input`, `cancelled`.
 */
export async function writeOsrmSpeeds(
  out: string,
  network: RoadNetwork,
  openSource: () => Promise<SpeedSource>,
  bin: number | null,
  context: TaskContext,
): Promise<SpeedExportReport> {
  const nodes = nodesOf(network);
  const source = await openSource();
  let rows = 0;
  let segments = 0;
  const bytes = await writeFile(out, async (file) => {
    for (let segment = 0; segment < network.segmentCount; segment++) {
      reportNow(context, 'Writing segments', segment, network.segmentCount, 'segments');
      const speeds = source.of(segment);
      const kmh = speeds ? speedAt(speeds, bin) : 0;
      if (!(kmh > 0)) continue;
      segments++;
      const text = Math.max(LEAST_KMH, kmh).toFixed(1);
      for (let p = network.geometryOffsets[segment]; p + 1 < network.geometryOffsets[segment + 1]; p++) {
        await file.line(`${nodes[p]},${nodes[p + 1]},${text}`);
        rows++;
      }
    }
    if (rows === 0)
      throw new EtalonError('conflict', 'No segment has weekly speeds.', {
        remedy: 'Import trips or historical speeds, or choose a trained run.',
      });
  });
  return {
    format: 'osrm',
    path: out,
    files: 1,
    bytes,
    rows,
    segments,
    source: source.description,
    notes: [],
  };
}

function speedAt({ week, freeFlowKmh, constrainedKmh }: SegmentSpeeds, bin: number | null): number {
  if (week) return bin === null ? meanKmh(week, isDaytime) : week[bin];
  return bin === null || isDaytime(bin) ? constrainedKmh || freeFlowKmh : freeFlowKmh || constrainedKmh;
}

/**
 * Writes turn delays as OSRM's turn penalty file: lines `from_osm_id,via_osm_id,to_osm_id,seconds` for every permitted
 * turn. Returns how many. Throws as {@link writeOsrmSpeeds}.
 * @param delayS [T] seconds beside those of the segments
 */
export async function writeOsrmTurns(
  out: string,
  network: RoadNetwork,
  delayS: Float32Array,
  context: TaskContext,
): Promise<number> {
  const nodes = nodesOf(network);
  const { turnCount, turnFrom, turnTo, geometryOffsets } = network;
  await writeFile(out, async (file: OutputFile) => {
    for (let turn = 0; turn < turnCount; turn++) {
      reportNow(context, 'Writing turns', turn, turnCount, 'turns');
      const via = geometryOffsets[turnFrom[turn] + 1] - 1;
      const after = geometryOffsets[turnTo[turn]] + 1;
      const seconds = Math.min(LARGEST_PENALTY_S, Math.max(-LARGEST_PENALTY_S, delayS[turn]));
      await file.line(`${nodes[via - 1]},${nodes[via]},${nodes[after]},${seconds.toFixed(1)}`);
    }
  });
  return turnCount;
}

function nodesOf({ pointNodeIds }: RoadNetwork): Float64Array {
  if (pointNodeIds) return pointNodeIds;
  throw new EtalonError(
    'conflict',
    'The roads of the project keep no OSM nodes, by which OSRM names roads.',
    {
      remedy:
        'Import roads from an OSM file (.osm.pbf, .osm); OSMnx and other formats leave out the nodes between junctions.',
    },
  );
}

function reportNow(context: TaskContext, stage: string, done: number, total: number, unit: string): void {
  if (done % LINES_BETWEEN_REPORTS > 0) return;
  throwIfCancelled(context.signal);
  context.report({ stage, done, total, unit });
}
