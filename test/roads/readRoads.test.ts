import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EtalonError } from '../../core/base/index.ts';
import { readRoads, SEGMENT_FLAGS } from '../../core/roads/index.ts';
import { inFolder, node, readText, way } from '../support/osmCity.ts';
import { toXml } from '../support/osmFiles.ts';

async function failure(run: Promise<unknown>): Promise<EtalonError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EtalonError);
  return error as EtalonError;
}

const xml = toXml({
  nodes: [node(1, 0, 0), node(2, 1, 0), node(3, 2, 0)],
  ways: [way(7, [1, 2]), way(8, [2, 3])],
});

interface Feature {
  id?: string | number;
  properties?: Record<string, unknown> | null;
  geometry: { type: string; coordinates: unknown } | null;
}

function geoJson(features: readonly Feature[]): string {
  return JSON.stringify({
    type: 'FeatureCollection',
    features: features.map((feature) => ({ type: 'Feature', properties: null, ...feature })),
  });
}

function line(
  coordinates: unknown,
  properties: Record<string, unknown> | null = null,
  id?: string | number,
): Feature {
  return { geometry: { type: 'LineString', coordinates }, properties, ...(id !== undefined && { id }) };
}

describe('GeoJSON', () => {
  it('reads lines with the tags of OSM and splits them where they meet', async () => {
    const { network, report } = await readText(
      'roads.geojson',
      geoJson([
        line(
          [
            [8, 49],
            [8.001, 49],
            [8.002, 49],
          ],
          { highway: 'primary', maxspeed: 50, oneway: true, bridge: false },
          'way/12',
        ),
        line(
          [
            [8.001, 49],
            [8.001, 49.001],
          ],
          { highway: 'residential', '@id': 'side' },
        ),
      ]),
    );
    expect([...network.refs].sort()).toEqual(['side', 'side/back', 'way/12', 'way/12/2']);
    const main = network.refs.indexOf('way/12');
    expect(network.wayIds[main]).toBe(12);
    expect(network.speedLimitKmh[main]).toBe(50);
    expect(network.flags[main]).toBe(SEGMENT_FLAGS.oneway | SEGMENT_FLAGS.speedTagged);
    expect(network.turnCount).toBe(2 + 1 + 1); // on and off, off the side road, and round at its end
    expect(report.read).toEqual({ features: 2 });
    expect(report.kept).toMatchObject({ features: 2, segments: 4 });
  });

  it('takes lines without properties as roads, several lines of one feature too, and says so', async () => {
    const multi: Feature = {
      id: 5,
      geometry: {
        type: 'MultiLineString',
        coordinates: [
          [
            [8, 49],
            [8.001, 49],
          ],
          [
            [8.001, 49],
            [8.002, 49],
          ],
        ],
      },
    };
    const { network, report } = await readText('roads.json', geoJson([multi]));
    expect([...network.refs].sort()).toEqual(['5', '5#2', '5#2/back', '5/back']);
    expect(report.notes[0]).toContain('feature 1');
  });

  it('reports features that are no roads', async () => {
    const { report } = await readText(
      'roads.geojson',
      geoJson([
        line([
          [8, 49],
          [8.001, 49],
        ]),
        { geometry: { type: 'Point', coordinates: [8, 49] } },
        { geometry: null },
        line(
          [
            [8, 49],
            [8.001, 49.1],
          ],
          { highway: 'steps' },
        ),
      ]),
    );
    expect(report.dropped).toEqual([
      expect.objectContaining({ reason: 'not-a-line', count: 2, examples: ['feature 2', 'feature 3'] }),
      expect.objectContaining({ reason: 'not-for-cars', count: 1, examples: ['feature 4'] }),
    ]);
  });

  it.each<[string, string, RegExp, object]>([
    ['broken JSON', '{\n  "type": "FeatureCollection",\n  "features": [,]\n}', /not valid JSON/, { line: 3 }],
    ['another object', '{"type":"Topology"}', /FeatureCollection/, {}],
    [
      'swapped axes',
      geoJson([
        line([
          [8, 49],
          [8, 149],
        ]),
      ]),
      /Feature 1 .*149/,
      { field: 'features[0]' },
    ],
    [
      'a point too few',
      geoJson([
        line([
          [8, 49],
          [8, 48],
        ]),
        line([[8, 49]]),
      ]),
      /Feature 2/,
      { field: 'features[1]' },
    ],
    [
      'text for numbers',
      geoJson([
        line([
          ['8', '49'],
          [8, 48],
        ]),
      ]),
      /Feature 1/,
      {},
    ],
  ])('with %s is refused, naming the place', async (_, text, message, where) => {
    const error = await failure(readText('roads.geojson', text));
    expect(error.code).toBe('input');
    expect(error.message).toMatch(message);
    expect(error.where).toMatchObject({ file: expect.stringMatching(/roads\.geojson$/), ...where });
  });
});

describe('OSM XML', () => {
  it('is told by its content, whatever the name', async () => {
    expect((await readText('roads.txt', xml)).report.format).toBe('OSM XML');
    expect((await readText('roads.dat', gzipSync(xml))).report.format).toBe('OSM XML');
    expect((await readText('roads.osm', `\uFEFF${xml}`)).report.format).toBe('OSM XML');
  });

  it('leaves out what an editor marked as deleted', async () => {
    const marked = xml
      .replace('<way id="8"', '<way id="8" action="delete"')
      .replace('<node id="3"', '<node id="3" visible="false"');
    const { network, report } = await readText('roads.osm', marked);
    expect(network.refs).toEqual(['7/1/2', '7/2/1']);
    expect(report.read).toEqual({ nodes: 3, ways: 2, relations: 0 });
    expect(report.dropped.some(({ reason }) => reason === 'deleted')).toBe(true);
  });

  it.each<[string, string | Buffer, RegExp, object]>([
    ['cut short', xml.slice(0, -40), /well-formed/, {}],
    ['with a bad coordinate', xml.replace('lat="49"', 'lat="north"'), /lat="north"/, { line: 3 }],
    ['with a reference missing', xml.replace('ref="2"', 'rel="2"'), /no ref/, { line: 6 }],
    ['with a tag left open', xml.replace('</way>', ''), /well-formed/, {}],
    ['of another kind', '<gpx version="1.1"></gpx>', /<gpx>/, { line: 1 }],
    ['of changes', '<osmChange version="0.6"></osmChange>', /<osmChange>/, { line: 1 }],
    ['in damaged gzip', gzipSync(xml).subarray(0, 150), /gzip/, {}],
  ])('%s is refused, naming the place', async (_, text, message, where) => {
    const error = await failure(readText('roads.osm', text));
    expect(error.code).toBe('input');
    expect(error.message).toMatch(message);
    expect(error.where).toMatchObject({ file: expect.stringMatching(/roads\.osm$/), ...where });
    expect(error.remedy).toBeTruthy();
  });
});

describe('files of no use', () => {
  it.each<[string, string | Buffer, RegExp]>([
    ['empty', '', /empty/],
    ['bzip2', 'BZh91AY&SY', /bzip2/],
    ['a ZIP archive', 'PK\u0003\u0004rest', /ZIP/],
    ['a GeoPackage', 'SQLite format 3\0', /SQLite/],
    ['noise', Buffer.from([1, 2, 3, 0, 255]), /no known kind/],
    ['a map without roads', toXml({ nodes: [node(1, 0, 0)], ways: [] }), /no road/],
    [
      'a map of footpaths',
      toXml({ nodes: [node(1, 0, 0), node(2, 1, 0)], ways: [way(7, [1, 2], { highway: 'path' })] }),
      /no road for cars.*1 ways of a highway class/,
    ],
  ])('%s are refused with a remedy', async (_, content, message) => {
    const error = await failure(readText('some.file', content));
    expect(error.code).toBe('input');
    expect(error.message).toMatch(message);
    expect(error.remedy).toBeTruthy();
  });

  it('that are not there, or are folders, are named', async () => {
    expect(await failure(readRoads('/nowhere/x.osm'))).toMatchObject({
      code: 'not-found',
      where: { file: '/nowhere/x.osm' },
    });
    expect((await failure(readRoads(import.meta.dirname))).code).toBe('input');
  });
});

it('can be cancelled at every stage', async () => {
  const stages = new Set<string>();
  await inFolder(async (folder) => {
    const path = join(folder, 'roads.osm');
    writeFileSync(path, xml);
    const signal = new AbortController().signal;
    await readRoads(path, { context: { signal, report: ({ stage }) => stages.add(stage) } });
    expect([...stages]).toEqual(
      expect.arrayContaining(['Reading ways', 'Reading nodes', 'Splitting ways', 'Finding turns']),
    );
    for (const stage of ['Reading ways', 'Reading nodes', 'Splitting ways', 'Finding turns']) {
      const abort = new AbortController();
      const report = (progress: { stage: string }): void => {
        if (progress.stage === stage) abort.abort();
      };
      const error = await failure(readRoads(path, { context: { signal: abort.signal, report } }));
      expect(error.code).toBe('cancelled');
    }
  });
});
