import type { Executable } from '@etalon/core/device';
import { RunsAhead } from '@etalon/core/train';
import { type BatchSource, forwardFeed } from './batch.ts';
import type { LogEnds } from './calibration.ts';
import { batchesByHorizon } from './horizons.ts';
import { cutPaths, type Stretch, wholePaths } from './paths.ts';
import type { EtaSettings } from './settings.ts';

/** Paths whose totals are asked in one run of the forward program. */
const FORWARD_PATHS = 256;

export interface StretchPredictions {
  /** Uncalibrated seconds and log σ of each stretch. */
  totalS: Float32Array;
  logSigma: Float32Array;
  /** Of quantile heads, uncalibrated. */
  ends?: LogEnds<Float32Array>;
  /** Uncalibrated seconds of each traversal, stretch after stretch. */
  secondsS: Float32Array;
}

/**
 * Predicts whole paths: as one stretch each, or as their supersegments in driving order, each at the horizon reached so far
 * (Derrow-Pinion et al. 2021, §3). The errors of one path's supersegments are taken to go together: log σ and
 * the ends of the interval are their means by time. `parameters` are left out where the program has them fixed.
 */
export async function predictRoutes(
  forward: Executable,
  source: BatchSource,
  positions: readonly number[],
  parameters: Float32Array | undefined,
  { routeBy, supersegmentLength }: Pick<EtaSettings, 'routeBy' | 'supersegmentLength'>,
): Promise<StretchPredictions> {
  const { paths } = source;
  if (routeBy === 'whole') return predictStretches(forward, source, wholePaths(paths, positions), parameters);
  const routes = cutPaths(paths, positions, supersegmentLength);
  const totalS = new Float32Array(routes.length);
  const spreads = spreadColumns(forward, routes.length);
  const secondsS = routes.map(() => [] as Float32Array[]);
  const rounds = Math.max(0, ...routes.map((parts) => parts.length));
  for (let round = 0; round < rounds; round++) {
    const asked = [...routes.keys()].filter((route) => round < routes[route].length);
    const stretches = asked.map((route) => ({
      ...routes[route][round],
      elapsedS: (paths.horizonS ?? 0) + totalS[route],
    }));
    const part = await predictStretches(forward, source, stretches, parameters);
    let node = 0;
    asked.forEach((route, i) => {
      const length = stretches[i].end - stretches[i].start;
      totalS[route] += part.totalS[i];
      columnsOf(part).forEach((values, column) => {
        spreads[column][route] += part.totalS[i] * values[i];
      });
      secondsS[route].push(part.secondsS.subarray(node, node + length));
      node += length;
    });
  }
  const means = spreads.map((sums) => sums.map((sum, route) => sum / totalS[route]));
  // What a trip costs besides its traversals belongs to the whole, which no part is.
  positions.forEach((path, route) => {
    totalS[route] += routes[route].length > 1 ? paths.tripConstantS[path] : 0;
  });
  const all = secondsS.flat();
  const joined = new Float32Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const seconds of all) {
    joined.set(seconds, at);
    at += seconds.length;
  }
  return { totalS, secondsS: joined, ...spreadOf(means) };
}

/** Runs the forward program over stretches, in batches, with the given weights if they are not fixed. */
export async function predictStretches(
  forward: Executable,
  source: BatchSource,
  stretches: readonly Stretch[],
  parameters: Float32Array | undefined,
): Promise<StretchPredictions> {
  const totalS = new Float32Array(stretches.length);
  const spreads = spreadColumns(forward, stretches.length);
  let nodes = 0;
  const begins = stretches.map(({ start, end }) => {
    nodes += end - start;
    return nodes - (end - start);
  });
  const secondsS = new Float32Array(nodes);
  const { paths, horizons } = source;
  const runs = new RunsAhead(forward);
  for (const batch of batchesByHorizon(paths, stretches, { horizons, size: FORWARD_PATHS })) {
    const asked = batch.map((i) => stretches[i]);
    const feed = forwardFeed(source, asked);
    await runs.start({ ...feed, ...(parameters && { parameters }) }, (out) => {
      const routeS = onRouteOnly(out.seconds, feed.onRoute as Float32Array);
      let node = 0;
      batch.forEach((i, row) => {
        totalS[i] = out.total[row];
        spreads.forEach((values, column) => {
          values[i] = out[SPREADS[column]][row];
        });
        const length = asked[row].end - asked[row].start;
        secondsS.set(routeS.subarray(node, node + length), begins[i]);
        node += length;
      });
    });
  }
  await runs.end();
  return { totalS, secondsS, ...spreadOf(spreads) };
}

/** What a network says of its errors; the last two where it has quantile heads. */
const SPREADS = ['logSigma', 'logLow', 'logHigh'];

type Spread = Pick<StretchPredictions, 'logSigma' | 'ends'>;

/** A column for each of `SPREADS` that the program has. */
function spreadColumns({ program }: Executable, rows: number): Float32Array[] {
  const has = (name: string) => program.outputs.some((output) => output.name === name);
  return SPREADS.filter(has).map(() => new Float32Array(rows));
}

function spreadOf([logSigma, logLow, logHigh]: Float32Array[]): Spread {
  return { logSigma, ...(logLow && { ends: { logLow, logHigh } }) };
}

function columnsOf({ logSigma, ends }: Spread): Float32Array[] {
  return ends ? [logSigma, ends.logLow, ends.logHigh] : [logSigma];
}

/** The nodes of the routes themselves, which come first of each graph's. */
export function onRouteOnly(values: Float32Array, onRoute: Float32Array): Float32Array {
  return values.filter((_, node) => onRoute[node] === 1);
}
