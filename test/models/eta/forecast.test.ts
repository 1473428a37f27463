import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunConfig } from '../../../core/app/model.ts';
import { EtalonError, quietContext } from '../../../core/base/index.ts';
import { openDevice } from '../../../core/device/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { countTraffic, freeFlowS } from '../../../core/roads/index.ts';
import { batchSource } from '../../../models/eta/batch.ts';
import { readTrained } from '../../../models/eta/checkpoint.ts';
import { etaNetwork } from '../../../models/eta/network.ts';
import { coverByPaths, describePaths, plannedTrips } from '../../../models/eta/paths.ts';
import { predictStretches } from '../../../models/eta/predictRoutes.ts';
import { parseEtaSettings } from '../../../models/eta/settings.ts';
import { Traffic } from '../../../models/eta/traffic.ts';
import { etaModel } from '../../../models/index.ts';
import { gridNetwork } from '../../support/gridNetwork.ts';
import { changingTraffic } from '../../support/smallCity.ts';
import { emptyReport } from '../../support/trips.ts';

const network = gridNetwork(5, 4);
const trips = changingTraffic(network, { days: 8, perDay: 40, seed: 5 });
const folder = mkdtempSync(join(tmpdir(), 'etalon-forecast-'));
const at = (text: string) => Date.parse(`${text}Z`) / 1000;
const HORIZONS_S = [0, 600, 3600, 7200];
let store: ProjectStore;

beforeAll(() => {
  store = createProject(join(folder, 'grid.etalon'));
  store.writeRoads(network, emptyReport('grid'));
  store.addTrips(trips, 'Etc/UTC', emptyReport('trips'));
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

async function trained(settings: Record<string, unknown>): Promise<number> {
  const config: RunConfig = { seed: 1, settings: { epochs: 1, hidden: 8, batchPaths: 32, ...settings } };
  const { id } = store.createRun({ model: 'eta', config });
  await etaModel.train(store, id, { ...quietContext, stop: new AbortController().signal, device: 'cpu' });
  return id;
}

/** [S] each path of the cover described anew, and asked alone. */
async function plainly(runId: number, localS: number, horizonS: number): Promise<Float32Array> {
  const config = store.run(runId).config as RunConfig;
  const settings = parseEtaSettings(config.settings);
  const run = readTrained(store, runId);
  const stored = store.readTrips();
  const traffic = new Traffic(network, stored, run.models, settings, store.readObservations());
  const device = await openDevice('cpu');
  const forward = await device.compile(etaNetwork(run.shape, settings).forward);
  const seconds = new Float32Array(network.segmentCount).fill(Number.NaN);
  const cover = coverByPaths(network, countTraffic(network, stored).turns, settings.supersegmentLength);
  for (const segments of cover) {
    const asked = plannedTrips([{ segments, departS: localS, localDepartS: localS + horizonS }]);
    const paths = await describePaths(asked, run.models, traffic, quietContext, { horizonS });
    const source = batchSource({ ...run, network, paths, traffic }, settings);
    const stretch = { path: 0, start: 0, end: segments.length, elapsedS: horizonS };
    const { secondsS } = await predictStretches(forward, source, [stretch], run.parameters);
    segments.forEach((segment, i) => {
      seconds[segment] = secondsS[i] * run.calibration.factor;
    });
  }
  await device.dispose();
  return seconds;
}

describe.each([
  { neighbourTurns: 0 },
  { neighbourTurns: 1 },
  { neighbourTurns: 2, trafficWindows: 'on' },
  { neighbourTurns: 1, edges: 'off' },
  {
    routeBy: 'supersegments',
    supersegmentLength: 5,
    supersegmentEmbedding: 4,
    supersegments: 20,
    members: 2,
  },
  { routeBy: 'supersegments', supersegmentLength: 5, horizons: 'each' },
])('a forecast with %o', (settings) => {
  let runId: number;
  beforeAll(async () => {
    runId = await trained(settings);
  }, 60_000);

  // Half past eleven at night: the later horizons are of another day, whose model is another.
  it.each(['2024-05-10T17:00', '2024-05-10T23:30'])(
    'says of each horizon what asking path by path says, at %s',
    async (time) => {
      const model = await etaModel.open(store, runId, quietContext);
      const together = await model.forecast(at(time), HORIZONS_S, quietContext);
      const ratios = await model.speeds(at(time), undefined, HORIZONS_S[1]);
      await model.dispose();
      for (const [h, horizonS] of HORIZONS_S.entries()) {
        const plain = await plainly(runId, at(time), horizonS);
        plain.forEach((seconds, s) => {
          expect(
            Math.abs(together[h].seconds[s] / seconds - 1),
            `segment ${s} at ${horizonS} s`,
          ).toBeLessThan(1e-5);
        });
      }
      ratios.forEach((ratio, s) => {
        expect(ratio * together[1].seconds[s]).toBeCloseTo(freeFlowS(network, s), 3);
      });
    },
    60_000,
  );
});

describe('a forecast', () => {
  it('is cancelled between paths', async () => {
    const model = await etaModel.open(store, await trained({}), quietContext);
    const cancel = new AbortController();
    cancel.abort();
    const context = { ...quietContext, signal: cancel.signal };
    const asked = model.forecast(at('2024-05-10T17:00'), HORIZONS_S, context);
    await expect(asked).rejects.toThrow(EtalonError);
    await model.dispose();
  });
});
