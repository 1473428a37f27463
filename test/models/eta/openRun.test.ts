import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenEtaModel, RunConfig } from '../../../core/app/model.ts';
import { quietContext } from '../../../core/base/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { etaModel } from '../../../models/index.ts';
import { gridNetwork } from '../../support/gridNetwork.ts';
import { changingTraffic } from '../../support/smallCity.ts';
import { emptyReport } from '../../support/trips.ts';

const network = gridNetwork(4, 4);
const folder = mkdtempSync(join(tmpdir(), 'etalon-open-'));
let store: ProjectStore;
let model: OpenEtaModel;

beforeAll(async () => {
  store = createProject(join(folder, 'grid.etalon'));
  store.writeRoads(network, emptyReport('grid'));
  store.addTrips(changingTraffic(network, { days: 8, perDay: 60, seed: 5 }), 'Etc/UTC', emptyReport('trips'));
  const config: RunConfig = { seed: 1, settings: { epochs: 1, hidden: 8, batchPaths: 32 } };
  const { id } = store.createRun({ model: 'eta', config });
  const stop = new AbortController().signal;
  await etaModel.train(store, id, { ...quietContext, stop, device: 'cpu' });
  model = await etaModel.open(store, id, quietContext);
}, 120_000);
afterAll(async () => {
  await model?.dispose();
  store.close();
  rmSync(folder, { recursive: true });
});

const at = (text: string) => Date.parse(`${text}Z`) / 1000;

describe('an opened run', () => {
  it('long after the last trip, knows at a horizon the clock of then', async () => {
    const ahead = await model.speeds(at('2024-07-03T16:00'), undefined, 3600);
    expect(ahead).not.toEqual(await model.speeds(at('2024-07-03T16:00')));
  });

  it('in the midst of traffic, knows less at a horizon than it would then', async () => {
    const then = await model.speeds(at('2024-05-10T17:00'));
    const before = await model.speeds(at('2024-05-10T16:00'), undefined, 3600);
    expect(before).not.toEqual(then);
  });

  it('gives every segment the width of an interval, above none', async () => {
    const { values, note } = await model.uncertainty!(at('2024-05-10T17:00'), quietContext);
    expect(values).toHaveLength(network.segmentCount);
    expect(values.every((width) => width > 0 && width < 5)).toBe(true);
    expect(note).not.toBe('');
  });
});
