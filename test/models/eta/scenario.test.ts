import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenEtaModel, RunConfig, TrainContext } from '../../../core/app/model.ts';
import { quietContext } from '../../../core/base/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { BaseTraffic, fitSegmentModel, Scenario, type ScenarioEdit } from '../../../core/roads/index.ts';
import { etaModel } from '../../../models/index.ts';
import { gridNetwork } from '../../support/gridNetwork.ts';
import { changingTraffic } from '../../support/smallCity.ts';
import { emptyReport } from '../../support/trips.ts';

/** Monday, 13 May 2024, 08:10. */
const EIGHT = Date.UTC(2024, 4, 13, 8, 10) / 1000;
const SPACING = 0.0018;
/** Along the road in the middle, from the first junction to the last. */
const WEST: [number, number] = [0.3 * SPACING, 2 * SPACING];
const EAST: [number, number] = [4.7 * SPACING, 2 * SPACING];

const network = gridNetwork(6, 5);
const trips = changingTraffic(network, { days: 14, perDay: 110, seed: 5 });
const folder = mkdtempSync(join(tmpdir(), 'etalon-scenario-'));
let store: ProjectStore;
let model: OpenEtaModel;
let traffic: BaseTraffic;

beforeAll(async () => {
  store = createProject(join(folder, 'grid.etalon'));
  store.writeRoads(network, emptyReport('grid'));
  store.addTrips(trips, 'Etc/GMT-1', emptyReport('trips'));
  const settings = etaModel.parseSettings({ epochs: 1, hidden: 16, batchPaths: 32 });
  const run = store.createRun({ model: 'eta', config: { seed: 1, settings } satisfies RunConfig });
  const context: TrainContext = { ...quietContext, device: 'cpu', stop: new AbortController().signal };
  await etaModel.train(store, run.id, context);
  store.updateRun(run.id, { status: 'finished' });
  model = await etaModel.open(store, run.id, quietContext);
  traffic = new BaseTraffic(network, trips, await fitSegmentModel(network, trips, {}, quietContext));
}, 120_000);
afterAll(async () => {
  await model.dispose();
  store.close();
  rmSync(folder, { recursive: true });
});

const under = (edits: ScenarioEdit[]) => model.scenario(new Scenario(traffic, edits));
const refs = (segments: readonly number[]) => segments.map((s) => network.refs[s]);

describe('a trained run under a scenario', () => {
  it('says what it says without one where nothing is edited', async () => {
    const base = await model.route(WEST, EAST, EIGHT);
    const same = await under([]).route(WEST, EAST, EIGHT);
    expect(same.segments).toEqual(base.segments);
    expect(same.etaS).toBeCloseTo(base.etaS, 3);
    expect([...(await under([]).speeds(EIGHT))]).toEqual(
      [...(await model.speeds(EIGHT))].map((ratio) => expect.closeTo(ratio, 4)),
    );
  });

  it('drives around a closed road, later', async () => {
    const base = await model.route(WEST, EAST, EIGHT);
    const middle = base.segments[Math.floor(base.segments.length / 2)];
    const open = under([{ kind: 'close', segments: refs([middle]) }]);
    const around = await open.route(WEST, EAST, EIGHT);
    expect(around.segments).not.toContain(middle);
    expect(around.etaS).toBeGreaterThan(base.etaS);
    expect(around.lowS).toBeLessThan(around.etaS);
    expect(around.etaS).toBeLessThan(around.highS);
    expect((await open.speeds(EIGHT))[middle]).toBe(0);
  });

  it('answers later where demand grows and limits fall, within the range of volume–delay functions', async () => {
    const base = await model.route(WEST, EAST, EIGHT);
    const slow = refs(base.segments);
    for (const edits of [
      [{ kind: 'demand', factor: 2 }],
      [{ kind: 'speedLimit', segments: slow, kmh: 20 }],
    ] satisfies ScenarioEdit[][]) {
      const open = under(edits);
      const later = await open.route(WEST, EAST, EIGHT);
      expect(later.etaS).toBeGreaterThan(base.etaS);
      const [low, high] = await open.range(later.segments, EIGHT);
      expect(low).toBeLessThanOrEqual(1);
      expect(high).toBeGreaterThanOrEqual(1);
    }
  });

  it('takes a new link where it is quicker, in parts that add up', async () => {
    const link: ScenarioEdit = {
      kind: 'newLink',
      from: [SPACING, 2 * SPACING],
      to: [4 * SPACING, 2 * SPACING],
      roadClass: 'secondary',
      kmh: 120,
      lanes: 3,
      oneway: false,
    };
    const base = await model.route(WEST, EAST, EIGHT);
    const open = under([link]);
    const quicker = await open.route(WEST, EAST, EIGHT);
    expect(quicker.segments.some((s) => s >= network.segmentCount)).toBe(true);
    expect(quicker.etaS).toBeLessThan(base.etaS);
    expect(quicker.profile.at(-1)?.elapsedS).toBeCloseTo(quicker.etaS, 1);
    expect(await open.speeds(EIGHT)).toHaveLength(network.segmentCount + 2);
  });

  it('meets an edit only while it is in force', async () => {
    const base = await model.route(WEST, EAST, EIGHT);
    const edits: ScenarioEdit[] = [
      { kind: 'close', segments: refs(base.segments.slice(1, -1)), when: { from: '2024-05-13T12:00' } },
    ];
    const open = under(edits);
    expect((await open.route(WEST, EAST, EIGHT)).etaS).toBeCloseTo(base.etaS, 3);
    const noon = await open.route(WEST, EAST, EIGHT + 4 * 3600);
    expect(noon.segments).not.toEqual(base.segments);
  });
});
