import { gzipSync } from 'node:zlib';
import { toXml } from '../osmFiles.ts';
import { city, cut, type MalformedCase } from './case.ts';

function roads(
  name: string,
  files: Record<string, string | Uint8Array>,
  at: { file: string; line?: number; field?: string },
  found: RegExp,
  kept: Record<string, number> | null,
  remedy: RegExp = /^Mend|^Correct|^Save|^Write/,
): MalformedCase {
  const [file] = Object.keys(files);
  return {
    name: `roads, ${name}`,
    files,
    job: (path) => ({
      kind: 'import-roads',
      path: path(file),
      ...('nodes.csv' in files && { nodesPath: path('nodes.csv') }),
    }),
    at,
    found,
    remedy,
    kept,
  };
}

const NODES = 'osmid,y,x\n1,49,8\n2,49,8.001\n3,49,8.003\n';
const EDGES = 'u,v,length,highway\n1,2,73,residential\n2,3,146,residential\n';
const osmnx = (
  name: string,
  { nodes = NODES, edges = EDGES }: { nodes?: string; edges?: string },
  at: { file: string; line: number; field?: string },
  found: RegExp,
) => roads(`OSMnx, ${name}`, { 'edges.csv': edges, 'nodes.csv': nodes }, at, found, { edges: 2 });

const feature = (coordinates: unknown) =>
  JSON.stringify({
    type: 'Feature',
    properties: { highway: 'residential' },
    geometry: { type: 'LineString', coordinates },
  });
const geojson = (bad: string) =>
  `{"type":"FeatureCollection","features":[\n${feature([
    [8, 49],
    [8.001, 49],
  ])},\n${bad}\n]}\n`;

const lane = '<lane id="l" index="0" speed="13.9" length="73" shape="0,0 73,0"/>';
const sumo = (bad: string) =>
  `<net>\n<location netOffset="0,0" projParameter="!"/>\n<edge id="a" from="A" to="B">${lane}</edge>\n<edge id="b" from="B" to="C">${lane}</edge>\n${bad}\n<junction id="A" x="0" y="0"/><junction id="B" x="73" y="0"/><junction id="C" x="146" y="0"/>\n<connection from="a" to="b" fromLane="0" toLane="0"/>\n</net>\n`;
const inSumo = (name: string, bad: string, found: RegExp) =>
  roads(`SUMO, ${name}`, { 'a.net.xml': sumo(bad) }, { file: 'a.net.xml', line: 5 }, found, { edges: 2 });

const xml = toXml(city);
/** A line more before the first way: line 7. */
const osm = (bad: string) => xml.replace('<way', `${bad}\n<way`);
const inOsm = (name: string, bad: string, found: RegExp) =>
  roads(`OSM XML, ${name}`, { 'a.osm': osm(bad) }, { file: 'a.osm', line: 7 }, found, {
    ways: 2,
    segments: 5,
  });

export const ROADS: MalformedCase[] = [
  osmnx(
    'a text for a latitude',
    { nodes: `${NODES}4,north,8\n` },
    { file: 'nodes.csv', line: 5, field: 'y' },
    /"north" is not a number/,
  ),
  osmnx(
    'a node beyond the poles',
    { nodes: `${NODES}4,95,8\n` },
    { file: 'nodes.csv', line: 5 },
    /not degrees/,
  ),
  osmnx(
    'an edge to nowhere',
    { edges: `${EDGES}2,,146,residential\n` },
    { file: 'edges.csv', line: 4, field: 'v' },
    /a number is missing/i,
  ),
  osmnx(
    'a length that is none',
    { edges: `${EDGES}1,3,far,residential\n` },
    { file: 'edges.csv', line: 4, field: 'length' },
    /"far" is not a number/,
  ),
  osmnx(
    'a field too many',
    { edges: `${EDGES}1,3,200,residential,x\n` },
    { file: 'edges.csv', line: 4 },
    /5 fields instead of 4/,
  ),
  osmnx(
    'a geometry that is none',
    { edges: 'u,v,geometry\n1,2,\n2,3,\n1,3,"POINT (8 49)"\n' },
    { file: 'edges.csv', line: 4, field: 'geometry' },
    /not a LINESTRING/,
  ),
  osmnx(
    'an open quote',
    { edges: `${EDGES}1,3,"200,residential\n` },
    { file: 'edges.csv', line: 4 },
    /never closed/,
  ),
  roads(
    'GeoJSON, a position that is none',
    {
      'a.geojson': geojson(
        feature([
          [8, 49],
          ['east', 49],
        ]),
      ),
    },
    { file: 'a.geojson', line: 3, field: 'features[1]' },
    /not \[longitude, latitude\]/,
    { features: 1 },
  ),
  roads(
    'GeoJSON, a line of one point',
    { 'a.geojson': geojson(feature([[8, 49]])) },
    { file: 'a.geojson', line: 3, field: 'features[1]' },
    /fewer than two points/,
    { features: 1 },
  ),
  roads(
    'GeoJSON, no feature',
    { 'a.geojson': geojson('{"type":"Road"}') },
    { file: 'a.geojson', line: 3, field: 'features[1]' },
    /not a Feature/,
    { features: 1 },
  ),
  roads(
    'GeoJSON, no JSON',
    { 'a.geojson': geojson('{"type":Feature}') },
    { file: 'a.geojson', line: 3 },
    /not valid JSON/,
    null,
    /whole/,
  ),
  inSumo(
    'an edge without a junction',
    '<edge id="c" from="A"><lane id="l" index="0" speed="1" length="1"/></edge>',
    /no to/,
  ),
  inSumo(
    'a speed that is none',
    '<edge id="c" from="A" to="C"><lane id="l" index="0" speed="fast" length="1"/></edge>',
    /speed="fast"/,
  ),
  inSumo(
    'a length of 0',
    '<edge id="c" from="A" to="C"><lane id="l" index="0" speed="1" length="0"/></edge>',
    /not above 0/,
  ),
  inSumo('an edge to an unknown junction', `<edge id="c" from="A" to="Z">${lane}</edge>`, /junction Z/),
  inSumo(
    'a connection of an unknown edge',
    '<connection from="a" to="z" fromLane="0" toLane="0"/>',
    /names the edge z/,
  ),
  inSumo(
    'a shape that is none',
    '<edge id="c" from="A" to="C" shape="0;0"><lane id="l" index="0" speed="1" length="1"/></edge>',
    /"0;0"/,
  ),
  roads(
    'SUMO, tags that do not match',
    { 'a.net.xml': sumo('<edge>') },
    { file: 'a.net.xml', line: 8 },
    /not well-formed XML/,
    null,
    /whole and is a SUMO network/,
  ),
  roads(
    'SUMO, an offset that is none',
    { 'a.net.xml': sumo('').replace('"0,0" p', '"x" p') },
    { file: 'a.net.xml', line: 2 },
    /netOffset="x"/,
    null,
    /SUMO/,
  ),
  inOsm('a node without a latitude', '<node id="9" lon="8"/>', /<node> has no lat/),
  inOsm('a node beyond the poles', '<node id="9" lon="8" lat="99"/>', /lat="99"/),
  inOsm(
    'a way without an id',
    '<way><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way>',
    /<way> has no id/,
  ),
  inOsm(
    'a way through a text',
    '<way id="9"><nd ref="1"/><nd ref="two"/><tag k="highway" v="primary"/></way>',
    /ref="two"/,
  ),
  roads(
    'OSM XML, a tag that is never closed',
    { 'a.osm': osm('<way id="9">') },
    { file: 'a.osm', line: 10 },
    /not well-formed XML/,
    null,
    /whole and is OSM XML/,
  ),
  roads(
    'OSM XML, gzip cut short',
    { 'a.osm.gz': cut(gzipSync(xml), 0.8) },
    { file: 'a.osm.gz' },
    /gzip file is damaged or cut short|not well-formed/,
    null,
    /./,
  ),
];
