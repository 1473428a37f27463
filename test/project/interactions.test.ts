import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InteractionData } from '../../core/interactions/index.ts';
import { createProject, openProject } from '../../core/project/index.ts';
import { interactionsOf } from '../support/interactions.ts';
import { gridCity } from '../support/network.ts';
import { projectDump } from '../support/projectDump.ts';
import { emptyReport, randomTrips } from '../support/trips.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-interactions-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

/** Every kind of column, missing values in each, a type without features or edges, edges with and without weights and times. */
function everything(): InteractionData {
  return new InteractionData(
    [
      {
        name: 'user',
        ids: ['7', 'Zoë "Z"', '9'],
        features: {
          age: { kind: 'numeric', values: Float64Array.of(24.5, Number.NaN, -1e300) },
          gender: { kind: 'categorical', codes: Int32Array.of(1, -1, 0), categories: ['f', 'm, or so'] },
          about: { kind: 'text', values: ['\u0000 odd \n text', null, ''] },
          tags: {
            kind: 'multi',
            offsets: Uint32Array.of(0, 2, 2, 3),
            codes: Int32Array.of(1, 0, 1),
            categories: ['a', 'b'],
          },
          home: {
            kind: 'coordinates',
            longitude: Float64Array.of(8.7, Number.NaN, 2),
            latitude: Float64Array.of(49.4, Number.NaN, 1),
          },
        },
      },
      { name: 'item', ids: ['x', 'y'] },
      { name: 'nobody', ids: [] },
    ],
    [
      {
        name: 'took',
        from: 'user',
        to: 'item',
        fromRows: Int32Array.of(0, 2, 0),
        toRows: Int32Array.of(1, 0, 1),
        weights: Float32Array.of(1, 0.5, 3),
        timesS: Float64Array.of(200.25, Number.NaN, 100),
        features: { price: { kind: 'numeric', values: Float64Array.of(1, 2, 3) } },
      },
      { name: 'knows', from: 'user', to: 'user', fromRows: new Int32Array(0), toRows: new Int32Array(0) },
    ],
  );
}

function columnsOf(data: InteractionData): object {
  return {
    nodes: data.nodeTypes.map((type) => ({ ...data.nodes(type) })),
    edges: data.edgeTypes.map((type) => ({ ...data.edges(type) })),
  };
}

describe('interactions in a project', () => {
  it('come back to the bit, several sets by name, and are described without being read', () => {
    const project = createProject(at('a.etalon'));
    expect(() => project.readInteractions()).toThrow('has no interactions yet');
    project.writeInteractions('all', everything(), emptyReport('all.csv'));
    expect(columnsOf(project.readInteractions())).toEqual(columnsOf(everything()));
    const few = interactionsOf(1, 2, [{ user: 0, item: 1 }]);
    project.writeInteractions('few', few, emptyReport('few.csv'));
    project.close();

    const again = openProject(at('a.etalon'), { readonly: true });
    expect(columnsOf(again.readInteractions('all'))).toEqual(columnsOf(everything()));
    expect(columnsOf(again.readInteractions('few'))).toEqual(columnsOf(few));
    expect(() => again.readInteractions()).toThrow('several data sets');
    expect(() => again.readInteractions('more')).toThrow('has no interactions "more"');
    const { interactions, sources } = again.info();
    expect(interactions[0]).toEqual({
      sourceId: sources[0].id,
      name: 'all',
      nodes: [
        { name: 'user', count: 3 },
        { name: 'item', count: 2 },
        { name: 'nobody', count: 0 },
      ],
      edges: [
        { name: 'took', from: 'user', to: 'item', count: 3, firstS: 100, lastS: 200.25 },
        { name: 'knows', from: 'user', to: 'user', count: 0, firstS: null, lastS: null },
      ],
    });
    expect(sources.map(({ kind, path }) => [kind, path])).toEqual([
      ['interactions', 'all.csv'],
      ['interactions', 'few.csv'],
    ]);
    again.close();
  });

  it('keep their name to themselves, and what failed leaves nothing', () => {
    const project = createProject(at('a.etalon'));
    project.writeInteractions('set', everything(), emptyReport('first'));
    const before = projectDump(at('a.etalon'));
    expect(() => project.assertNoInteractions('set')).toThrow('already');
    expect(() => project.writeInteractions('set', everything(), emptyReport('second'))).toThrow(
      'has interactions "set" already',
    );
    // Identifiers that were given once may stay used.
    const { sqlite_sequence: _, ...rest } = projectDump(at('a.etalon'));
    expect(before).toMatchObject(rest);
    project.close();
  });

  it('are undone by removing their source, and stay when roads are replaced or removed', () => {
    const project = createProject(at('a.etalon'));
    const city = gridCity({ rows: 4, columns: 4 });
    project.writeInteractions('set', everything(), emptyReport('set'));
    project.writeInteractions('other', everything(), emptyReport('other'));
    project.writeRoads(city, emptyReport('city'));
    project.addTrips(randomTrips(city, { count: 5, seed: 1 }), 'Europe/Lisbon', emptyReport('trips'));
    project.writeRoads(city, emptyReport('city'));
    const idOf = (path: string) => project.info().sources.find((source) => source.path === path)!.id;
    project.removeSource(idOf('city'));
    expect(project.info().sources.map(({ path }) => path)).toEqual(['set', 'other']);
    project.removeSource(idOf('set'));
    expect(columnsOf(project.readInteractions())).toEqual(columnsOf(everything()));
    project.removeSource(idOf('other'));
    expect(project.info().interactions).toEqual([]);
    project.close();
    const db = new Database(at('a.etalon'), { readonly: true });
    for (const table of ['interaction_set', 'interaction_type', 'array', 'array_chunk'])
      expect(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), table).toBe(0);
    db.close();
  });
});
