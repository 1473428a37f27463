import { closeSync, openSync, writeSync } from 'node:fs';
import zlib from 'node:zlib';
import { PbfWriter } from 'pbf';

/** OSM files for tests and benchmarks, written independently of the reader (with the `pbf` package, or as text). */

export interface TestNode {
  id: number;
  lon: number;
  lat: number;
  tags?: Record<string, string>;
}
export interface TestWay {
  id: number;
  refs: readonly number[];
  tags?: Record<string, string>;
}
export interface TestRelation {
  id: number;
  members: readonly { type: 'node' | 'way' | 'relation'; id: number; role: string }[];
  tags?: Record<string, string>;
}
export interface TestCity {
  nodes: Iterable<TestNode>;
  ways: Iterable<TestWay>;
  relations?: Iterable<TestRelation>;
}

export interface PbfOptions {
  dense?: boolean;
  compression?: 'none' | 'zlib' | 'zstd' | 'lzma';
  granularity?: number;
  /** Nanodegrees. */
  latOffset?: number;
  lonOffset?: number;
  blockSize?: number;
  requiredFeatures?: readonly string[];
  sorted?: boolean;
  /** Kinds in the order in which they are written. */
  order?: readonly (keyof TestCity)[];
}

export function writePbfFile(path: string, city: TestCity, options: PbfOptions = {}): void {
  const file = openSync(path, 'w');
  const { order = ['nodes', 'ways', 'relations'], blockSize = 8000 } = options;
  writeSync(file, blob('OSMHeader', header(options), options));
  for (const kind of order)
    for (const elements of chunks<TestNode | TestWay | TestRelation>(city[kind] ?? [], blockSize))
      writeSync(file, blob('OSMData', block(kind, elements, options), options));
  closeSync(file);
}

export function toXml({ nodes, ways, relations = [] }: TestCity): string {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">'];
  const tags = (element: { tags?: Record<string, string> }): string =>
    Object.entries(element.tags ?? {})
      .map(([k, v]) => `<tag k="${escapeXml(k)}" v="${escapeXml(v)}"/>`)
      .join('');
  for (const node of nodes)
    lines.push(`<node id="${node.id}" lat="${node.lat}" lon="${node.lon}">${tags(node)}</node>`);
  for (const way of ways)
    lines.push(
      `<way id="${way.id}">${way.refs.map((ref) => `<nd ref="${ref}"/>`).join('')}${tags(way)}</way>`,
    );
  for (const relation of relations) {
    const members = relation.members.map(
      ({ type, id, role }) => `<member type="${type}" ref="${id}" role="${role}"/>`,
    );
    lines.push(`<relation id="${relation.id}">${members.join('')}${tags(relation)}</relation>`);
  }
  return [...lines, '</osm>', ''].join('\n');
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function blob(type: string, raw: Uint8Array, { compression = 'zlib' }: PbfOptions): Buffer {
  const body = new PbfWriter();
  if (compression === 'none') body.writeBytesField(1, raw);
  else {
    body.writeVarintField(2, raw.length);
    if (compression === 'zlib') body.writeBytesField(3, zlib.deflateSync(raw, { level: 6 }));
    else if (compression === 'zstd') body.writeBytesField(7, zlib.zstdCompressSync(raw));
    else body.writeBytesField(4, raw);
  }
  const data = body.finish();
  const head = new PbfWriter();
  head.writeStringField(1, type);
  head.writeVarintField(3, data.length);
  const headBytes = head.finish();
  const size = Buffer.alloc(4);
  size.writeUInt32BE(headBytes.length);
  return Buffer.concat([size, headBytes, data]);
}

function header({
  requiredFeatures = ['OsmSchema-V0.6', 'DenseNodes'],
  sorted = false,
}: PbfOptions): Uint8Array {
  const pbf = new PbfWriter();
  for (const feature of requiredFeatures) pbf.writeStringField(4, feature);
  if (sorted) pbf.writeStringField(5, 'Sort.Type_then_ID');
  pbf.writeStringField(16, 'a test');
  return pbf.finish();
}

function block(
  kind: keyof TestCity,
  elements: readonly (TestNode | TestWay | TestRelation)[],
  options: PbfOptions,
): Uint8Array {
  const { dense = true, granularity = 100, latOffset = 0, lonOffset = 0 } = options;
  const strings = new Strings();
  const group = new PbfWriter();
  const placed = (elements as readonly TestNode[]).map((node) => ({
    ...node,
    lat: Math.round((node.lat * 1e9 - latOffset) / granularity),
    lon: Math.round((node.lon * 1e9 - lonOffset) / granularity),
  }));
  if (kind === 'nodes' && dense) writeDense(group, placed, strings);
  else if (kind === 'nodes') for (const node of placed) writeNode(group, node, strings);
  else if (kind === 'ways') for (const way of elements as readonly TestWay[]) writeWay(group, way, strings);
  else for (const relation of elements as readonly TestRelation[]) writeRelation(group, relation, strings);

  const pbf = new PbfWriter();
  pbf.writeMessage(
    1,
    (list: readonly string[], table) => {
      for (const text of list) table.writeStringField(1, text);
    },
    strings.list,
  );
  pbf.writeBytesField(2, group.finish());
  if (granularity !== 100) pbf.writeVarintField(17, granularity);
  if (latOffset) pbf.writeVarintField(19, latOffset);
  if (lonOffset) pbf.writeVarintField(20, lonOffset);
  return pbf.finish();
}

class Strings {
  readonly list: string[] = [''];
  readonly #indices = new Map<string, number>();

  index(text: string): number {
    let index = this.#indices.get(text);
    if (index === undefined) {
      index = this.list.push(text) - 1;
      this.#indices.set(text, index);
    }
    return index;
  }
}

function writeDense(group: PbfWriter, nodes: readonly TestNode[], strings: Strings): void {
  const keysVals: number[] = [];
  for (const { tags = {} } of nodes) {
    for (const [key, value] of Object.entries(tags)) keysVals.push(strings.index(key), strings.index(value));
    keysVals.push(0);
  }
  group.writeMessage(
    2,
    (_: undefined, dense) => {
      dense.writePackedSVarint(1, deltas(nodes.map(({ id }) => id)));
      dense.writePackedSVarint(8, deltas(nodes.map(({ lat }) => lat)));
      dense.writePackedSVarint(9, deltas(nodes.map(({ lon }) => lon)));
      if (keysVals.length > nodes.length) dense.writePackedVarint(10, keysVals);
    },
    undefined,
  );
}

function writeNode(group: PbfWriter, node: TestNode, strings: Strings): void {
  group.writeMessage(
    1,
    (_: undefined, pbf) => {
      pbf.writeSVarintField(1, node.id);
      writeTags(pbf, node.tags, strings);
      pbf.writeSVarintField(8, node.lat);
      pbf.writeSVarintField(9, node.lon);
    },
    undefined,
  );
}

function writeWay(group: PbfWriter, way: TestWay, strings: Strings): void {
  group.writeMessage(
    3,
    (_: undefined, pbf) => {
      pbf.writeVarintField(1, way.id);
      writeTags(pbf, way.tags, strings);
      pbf.writePackedSVarint(8, deltas(way.refs));
    },
    undefined,
  );
}

function writeRelation(group: PbfWriter, relation: TestRelation, strings: Strings): void {
  const types = ['node', 'way', 'relation'];
  group.writeMessage(
    4,
    (_: undefined, pbf) => {
      pbf.writeVarintField(1, relation.id);
      writeTags(pbf, relation.tags, strings);
      pbf.writePackedVarint(
        8,
        relation.members.map(({ role }) => strings.index(role)),
      );
      pbf.writePackedSVarint(9, deltas(relation.members.map(({ id }) => id)));
      pbf.writePackedVarint(
        10,
        relation.members.map(({ type }) => types.indexOf(type)),
      );
    },
    undefined,
  );
}

function writeTags(pbf: PbfWriter, tags: Record<string, string> = {}, strings: Strings): void {
  pbf.writePackedVarint(
    2,
    Object.keys(tags).map((key) => strings.index(key)),
  );
  pbf.writePackedVarint(
    3,
    Object.values(tags).map((value) => strings.index(value)),
  );
}

function deltas(values: readonly number[]): number[] {
  return values.map((value, i) => value - (i === 0 ? 0 : values[i - 1]));
}
