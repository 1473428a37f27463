import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProject, openProject } from '../../core/project/index.ts';
import { gridNetwork } from '../support/gridNetwork.ts';
import { emptyReport } from '../support/trips.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-scenarios-'));
  path = join(folder, 'a.etalon');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a scenario', () => {
  it('is saved, changed in part and found again', () => {
    const project = createProject(path);
    const edits = [{ kind: 'close', segments: ['way/1/2'], when: { weekdays: [0, 4] } }];
    const first = project.saveScenario({ name: 'Bridge closed', edits });
    const second = project.saveScenario({ name: 'Empty', edits: [] });
    expect(second.id).not.toBe(first.id);
    project.saveScenario({ id: first.id, name: 'Bridge closed on Mondays' });
    project.saveScenario({ id: second.id, edits: [{ kind: 'demand', factor: 1.2 }] });
    project.close();

    const again = openProject(path);
    expect(again.scenarios()).toMatchObject([
      { id: first.id, name: 'Bridge closed on Mondays', edits },
      { id: second.id, name: 'Empty', edits: [{ kind: 'demand', factor: 1.2 }] },
    ]);
    again.deleteScenario(first.id);
    expect(again.scenarios().map(({ id }) => id)).toEqual([second.id]);
    again.close();
  });

  it('stays when the roads are imported again', () => {
    const project = createProject(path);
    project.writeRoads(gridNetwork(3, 3), emptyReport('grid'));
    project.saveScenario({ name: 'a', edits: [{ kind: 'close', segments: ['3'] }] });
    project.writeRoads(gridNetwork(3, 3), emptyReport('grid'));
    expect(project.scenarios()).toHaveLength(1);
    project.close();
  });

  it('that does not exist cannot be changed or removed', () => {
    const project = createProject(path);
    expect(() => project.saveScenario({ id: 7, name: 'x' })).toThrow(/no scenario 7/);
    expect(() => project.deleteScenario(7)).toThrow(/no scenario 7/);
    project.close();
  });
});
