import { quietContext, Random } from '../../core/base/index.ts';
import {
  isochroneBands,
  Landmarks,
  OneToAll,
  type RoadNetwork,
  type RouteCosts,
  type RoutePlace,
  Router,
  travelMatrix,
} from '../../core/roads/index.ts';
import { hasHeidelberg, inventedCosts, loadHeidelberg } from '../support/heidelberg.ts';
import { plainArrivals } from '../support/plainDijkstra.ts';
import { median } from './engine/median.ts';

/**
 * Routing on Heidelberg's OSM extract, with and without times that change with the clock: 1,000 random pairs against a plain
 * Dijkstra that shares no code with the router, earliest arrivals and latest departures; what a query, an isochrone of three
 * bands and a 100 × 100 matrix take, all on one thread. Times are the process's own on the processor, so that a machine that is busy with
 * other work counts as an idle one. `npm run bench:routing`; exit code 1 where an answer differs or a target is missed.
 */
const PAIRS = 1000;
const POINTS = 100;
const DEPART_S = 28_800;
const ARRIVE_S = 36_000;
const SEED = 1;
const TARGET_MS = { query: 5, isochrone: 100, matrix: 3000 };
/** What an answer may differ by: the clock's rounding. A departure must be the last within this. */
const SAME_S = 1e-6;
const LAST_S = 1e-3;

if (!hasHeidelberg) {
  console.log('Skipped: ../shared/data/osm/heidelberg.osm.pbf is not there.');
} else {
  const network = await loadHeidelberg();
  const { segmentCount, junctionCount, turnCount } = network;
  console.log(`${segmentCount} segments, ${junctionCount} junctions, ${turnCount} turns; seed ${SEED}`);
  const passed: boolean[] = [];
  for (const timeDependent of [false, true]) {
    console.log(`\n${timeDependent ? 'Times change with the clock' : 'Times stay'}`);
    passed.push(await measure(network, timeDependent));
  }
  process.exitCode = passed.every(Boolean) ? 0 : 1;
}

async function measure(network: RoadNetwork, timeDependent: boolean): Promise<boolean> {
  const random = new Random(SEED);
  const place = (): RoutePlace => ({ segment: random.int(network.segmentCount), fraction: random.uniform() });
  const pairs = Array.from({ length: PAIRS }, () => ({ from: [place()], to: [place()] }));
  const points = () => Array.from({ length: POINTS }, () => [place()]);
  const plain = inventedCosts(network, timeDependent);
  const started = processorMs();
  const bound = { landmarks: Landmarks.of(network, plain.least), scale: 1 };
  console.log(`landmarks prepared once: ${(processorMs() - started).toFixed(0)} ms`);
  const costs: RouteCosts = { ...plain, bound };
  const router = new Router(network);

  const quickest = times(pairs, (pair) => router.quickest({ ...pair, departS: DEPART_S }, costs));
  const unaided = times(pairs, (pair) => router.quickest({ ...pair, departS: DEPART_S }, plain));
  const latest = times(pairs, (pair) => router.latest({ ...pair, arriveS: ARRIVE_S }, costs));
  const say = (name: string, { ms }: { ms: number[] }) => {
    const at = (share: number) => ms.toSorted((a, b) => a - b)[Math.floor(share * ms.length)].toFixed(2);
    console.log(
      `${name.padEnd(34)} median ${median(ms).toFixed(2)} ms, 95 % ${at(0.95)} ms, 99 % ${at(0.99)} ms`,
    );
  };
  say('quickest, landmarks', quickest);
  say('quickest, straight distance', unaided);
  say('latest departure, landmarks', latest);

  let [wrong, unreached] = [0, 0];
  pairs.forEach(({ from, to }, i) => {
    const arrival = (departS: number) => plainArrivals(network, from, [to], departS, plain)[0];
    const expected = arrival(DEPART_S);
    if (expected === Infinity) unreached++;
    for (const { answers } of [quickest, unaided]) {
      const arriveS = answers[i]?.arriveS ?? Infinity;
      if (arriveS !== expected && !(Math.abs(arriveS - expected) < SAME_S)) wrong++;
    }
    const last = latest.answers[i];
    const lastWrong = last
      ? arrival(last.departS) > ARRIVE_S + SAME_S || arrival(last.departS + LAST_S) <= ARRIVE_S
      : expected < Infinity;
    if (lastWrong) wrong++;
  });
  console.log(
    `${PAIRS} pairs against plain Dijkstra: ${wrong} answers differ (${unreached} pairs have no way)`,
  );

  const search = new OneToAll(network);
  const isochrone = times(points(), (from) => {
    const parts = search.parts(from, DEPART_S, DEPART_S + 900, costs);
    return isochroneBands(network, parts, DEPART_S, [300, 600, 900]);
  });
  say('isochrone of 5, 10, 15 min', isochrone);
  const request = { from: points(), to: points(), departS: DEPART_S };
  const begun = processorMs();
  const { seconds } = await travelMatrix(search, request, costs, quietContext);
  const matrixMs = processorMs() - begun;
  const cellsWrong = request.from
    .flatMap((from) => plainArrivals(network, from, request.to, DEPART_S, plain))
    .filter((expected, i) => {
      const arriveS = DEPART_S + seconds[i];
      return arriveS !== expected && !(Math.abs(arriveS - expected) < SAME_S);
    }).length;
  console.log(`${POINTS} × ${POINTS} matrix: ${matrixMs.toFixed(0)} ms, ${cellsWrong} cells differ`);
  return (
    wrong === 0 &&
    cellsWrong === 0 &&
    median(quickest.ms) < TARGET_MS.query &&
    median(isochrone.ms) < TARGET_MS.isochrone &&
    matrixMs < TARGET_MS.matrix
  );
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What each question takes and answers; null for one without an answer. */
function times<Q, A>(
  questions: readonly Q[],
  ask: (question: Q) => A,
): { ms: number[]; answers: (A | null)[] } {
  const ms: number[] = [];
  const answers = questions.map((question) => {
    const begin = processorMs();
    try {
      return ask(question);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('No way leads'))) throw error;
      return null;
    } finally {
      ms.push(processorMs() - begin);
    }
  });
  return { ms, answers };
}
