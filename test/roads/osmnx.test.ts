import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EtalonError } from '../../core/base/index.ts';
import { readRoads, SEGMENT_FLAGS, TURN_CLASSES } from '../../core/roads/index.ts';
import { listOf } from '../../core/roads/osmnx.ts';
import { inFolder, readText } from '../support/osmCity.ts';

const NODES = ['osmid,y,x,highway', '1,49.0,8.0,', '2,49.0,8.001,traffic_signals', '3,49.0,8.002,', ''].join(
  '\n',
);
const HEADER = 'u,v,key,osmid,oneway,highway,length,lanes,maxspeed,bridge,name,junction,fid';

function readEdges(rows: readonly string[], { header = HEADER, nodes = NODES as string | null } = {}) {
  return readText(
    'edges.csv',
    [header, ...rows, ''].join('\n'),
    nodes === null ? {} : { 'nodes.csv': nodes },
  );
}

async function failure(run: Promise<unknown>): Promise<EtalonError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EtalonError);
  return error as EtalonError;
}

describe('OSMnx tables', () => {
  it('become segments, with their own refs and lengths', async () => {
    const { network, report } = await readEdges([
      '1,2,0,55,0,residential,80.5,2,50,,High Street,,e1',
      '2,1,0,55,0,residential,80.5,2,50,,High Street,,e2',
      "2,3,0,\"[56, 57]\",1,\"['primary_link', 'secondary']\",70,\"['3', '2']\",\"['50', '70']\",yes,\"['A', \"\"B's\"\"]\",roundabout,e3",
    ]);
    expect(network.refs).toEqual(['e1', 'e2', 'e3']);
    expect([...network.lengthM]).toEqual([80.5, 80.5, 70]);
    expect([...network.reverse]).toEqual([1, 0, -1]);
    expect([...network.lanes]).toEqual([1, 1, 2]);
    expect([...network.speedLimitKmh]).toEqual([50, 50, 60]);
    expect([...network.wayIds]).toEqual([55, 55, 56]);
    expect([...network.roadClass]).toEqual([6, 6, 2]);
    expect(Array.from(network.nameIndex, (index) => network.names[index])).toEqual([
      'High Street',
      'High Street',
      'A',
    ]);
    const { signal, speedTagged, bridge, roundabout, oneway, link } = SEGMENT_FLAGS;
    expect([...network.flags]).toEqual([
      signal | speedTagged,
      speedTagged,
      bridge | roundabout | oneway | link | speedTagged,
    ]);
    expect([...network.coordinates.slice(0, 4)]).toEqual([8, 49, 8.001, 49]);
    expect(Array.from(network.turnFrom, (from, i) => [from, network.turnTo[i]])).toEqual([
      [0, 2],
      [1, 0],
    ]);
    expect(Array.from(network.turnClass, (kind) => TURN_CLASSES[kind])).toEqual(['straight', 'uTurn']);
    expect(report.read).toEqual({ nodes: 3, edges: 3 });
    expect(report.dropped).toEqual([]);
    expect(
      report.notes.some((note) => note.includes('several speed limits') && note.includes('e3 (line 4)')),
    ).toBe(true);
  });

  it('without fid are named by u, v and key', async () => {
    const header = 'u,v,key,highway,length';
    const { network } = await readEdges(['1,2,0,primary,80', '1,2,1,primary,90'], { header });
    expect(network.refs).toEqual(['1-2-0', '1-2-1']);
  });

  it('with drawn geometry need no nodes', async () => {
    const header = 'u,v,highway,geometry';
    const { network } = await readEdges(
      [
        '1,2,primary,"LINESTRING (8 49, 8.0005 49.0005, 8.001 49)"',
        '2,3,primary,"LINESTRING (8.001 49, 8.002 49)"',
      ],
      { header, nodes: null },
    );
    expect([...network.geometryOffsets]).toEqual([0, 3, 5]);
    expect(network.turnCount).toBe(1);
    expect(network.lengthM[0]).toBeGreaterThan(network.lengthM[1]);
  });

  it('lose edges for reasons that are told', async () => {
    const { network, report } = await readEdges([
      '1,2,0,55,0,residential,80,,,,,,a',
      '1,2,0,55,0,residential,80,,,,,,a',
      '1,9,0,55,0,residential,80,,,,,,b',
      '1,3,0,55,0,residential,0,,,,,,c',
      '1,3,0,55,0,footway,10,,,,,,d',
      '3,3,0,55,0,residential,120,,,,,,loop',
    ]);
    expect(network.refs).toEqual(['a', 'loop']);
    expect(Object.fromEntries(report.dropped.map(({ reason, examples }) => [reason, examples]))).toEqual({
      'duplicate-ref': ['edge a (line 3)'],
      'unknown-node': ['edge b (line 4)'],
      'zero-length': ['edge c (line 5)'],
      'not-for-cars': ['edge d (line 6)'],
    });
    expect(report.notes.some((note) => note.includes('edge loop (line 7)'))).toBe(true);
  });

  it('are read from gzip too', async () => {
    const text = [HEADER, '1,2,0,55,0,residential,80,,,,,,a', ''].join('\n');
    const { network } = await readText('edges.csv.gz', gzipSync(text), { 'nodes.csv': NODES });
    expect(network.refs).toEqual(['a']);
  });

  it.each<[string, () => Promise<unknown>, object, RegExp]>([
    [
      'a bad number',
      () => readEdges(['1,2,0,55,0,primary,long,,,,,,a']),
      { line: 2, field: 'length' },
      /"long"/,
    ],
    [
      'a missing id',
      () => readEdges(['1,2,0,,0,primary,9,,,,,,a', ',2,0,,0,primary,9,,,,,,b']),
      { line: 3, field: 'u' },
      /missing/,
    ],
    ['a row too short', () => readEdges(['1,2,0,55,0,primary,9,,,,,,a', '1,2']), { line: 3 }, /./],
    ['an open quote', () => readEdges(['1,2,0,"55,0,primary,9,,,,,,a']), {}, /[Qq]uote/],
    ['no such column', () => readEdges(['1,2'], { header: 'from,to' }), { line: 1 }, /"u", "v"/],
    ['no nodes', () => readEdges(['1,2,0,55,0,primary,9,,,,,,a'], { nodes: null }), { line: 2 }, /nodes/],
    [
      'projected nodes',
      () => readEdges(['1,2,0,55,0,primary,9,,,,,,a'], { nodes: 'osmid,y,x\n1,5428000,476000\n' }),
      { line: 2 },
      /degrees/,
    ],
    [
      'a polygon',
      () => readEdges(['1,2,"POLYGON ((8 49, 8 50, 9 49, 8 49))"'], { header: 'u,v,geometry' }),
      { line: 2, field: 'geometry' },
      /LINESTRING/,
    ],
  ])('with %s are refused, naming the place', async (_, run, where, message) => {
    const error = await failure(run());
    expect(error.code).toBe('input');
    expect(error.message).toMatch(message);
    expect(error.where).toMatchObject({ file: expect.stringMatching(/\.csv$/), ...where });
    expect(error.remedy).toBeTruthy();
  });

  it('name a nodes file that is not there', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'edges.csv');
      writeFileSync(path, `${HEADER}\n`);
      const nodesPath = join(folder, 'nodes.csv');
      const error = await failure(readRoads(path, { nodesPath }));
      expect(error).toMatchObject({ code: 'not-found', where: { file: nodesPath } });
    });
  });
});

it('reads the lists that Python writes', () => {
  expect(listOf("['a', 'b']")).toEqual(['a', 'b']);
  expect(listOf('["Rua D\'Avila", \'Rua "B"\']')).toEqual(["Rua D'Avila", 'Rua "B"']);
  expect(listOf("['it\\'s, so']")).toEqual(["it's, so"]);
  expect(listOf('[12, 13]')).toEqual(['12', '13']);
  expect(listOf('plain, text')).toEqual(['plain, text']);
  expect(listOf('')).toEqual([]);
});

const porto = join(import.meta.dirname, '../../../shared/data/porto');
describe.skipIf(!existsSync(porto))('Porto (skipped where ../shared/data/porto is missing)', () => {
  it('keeps every edge as it stands in the file', async () => {
    const { network, report } = await readRoads(join(porto, 'edges.csv'), {
      nodesPath: join(porto, 'nodes.csv'),
    });
    expect(report.read).toEqual({ nodes: 12_271, edges: 26_529 });
    expect(network.segmentCount).toBe(26_529);
    expect(report.dropped).toEqual([]);
    const lines = readFileSync(join(porto, 'edges.csv'), 'utf8').trim().split('\n').slice(1);
    // Fields before the first quoted one can be split plainly; `length` is the eighth.
    for (const [i, line] of lines.entries()) {
      if (line.includes('"')) continue;
      const fields = line.split(',');
      expect(network.lengthM[i]).toBe(Math.fround(Number(fields[7])));
      expect(network.refs[i]).toBe(fields.at(-1)?.trim());
    }
    const twoWay = lines.filter((line) => line.split(',')[4] === '0').length;
    expect(network.reverse.filter((back) => back >= 0).length / twoWay).toBeGreaterThan(0.98);
  });
});
