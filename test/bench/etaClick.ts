import { EtalonError, quietContext, Random } from '../../core/base/index.ts';
import { openProject } from '../../core/project/index.ts';
import { etaModel } from '../../models/index.ts';
import { median } from './engine/median.ts';

/**
 * How long two clicks on the map wait for their route, its travel time and alternatives: random pairs of junctions at random quarter
 * hours of a project's last day, by its newest trained run. `npm run bench:click -- project.etalon`; exit code 1 where
 * the median is over the target. Nothing is asked twice.
 */
const CLICKS = 60;
const SEED = 1;
const TARGET_MS = 150;

const [path] = process.argv.slice(2);
if (!path) {
  console.log('Usage: npm run bench:click -- <project with a trained run>');
  process.exitCode = 2;
} else process.exitCode = (await clicks(path)) <= TARGET_MS ? 0 : 1;

async function clicks(path: string): Promise<number> {
  const store = openProject(path, { readonly: true });
  const run = store.runs().findLast(({ status }) => status === 'finished');
  const { lastDay } = store.info();
  if (!run || !lastDay) throw new Error(`${path} has no trained run.`);
  const { segmentCount, junctionCount, junctionCoordinates } = store.readRoads();
  const opening = performance.now();
  const model = await etaModel.open(store, run.id, quietContext);
  console.log(
    `${segmentCount} segments; opened ${run.name} in ${(performance.now() - opening).toFixed(0)} ms`,
  );
  const random = new Random(SEED);
  const junction = (): [number, number] => {
    const j = random.int(junctionCount);
    return [junctionCoordinates[2 * j], junctionCoordinates[2 * j + 1]];
  };
  const midnightS = Date.parse(`${lastDay}T00:00Z`) / 1000;
  const ms: number[] = [];
  let unreached = 0;
  for (let click = 0; click < CLICKS; click++) {
    const begin = performance.now();
    try {
      await model.route(junction(), junction(), midnightS + 900 * random.int(96));
      ms.push(performance.now() - begin);
    } catch (error) {
      if (!(error instanceof EtalonError && error.code === 'not-found')) throw error;
      unreached++;
    }
  }
  await model.dispose();
  store.close();
  const at = (share: number) => ms.toSorted((a, b) => a - b)[Math.floor(share * ms.length)].toFixed(0);
  console.log(
    `${ms.length} clicks: median ${median(ms).toFixed(0)} ms, 95 % ${at(0.95)} ms, first ${ms[0].toFixed(0)} ms (${unreached} pairs have no way)`,
  );
  return median(ms);
}
