import { noCounts, type OsmMember, type OsmVisitor, type Tags } from './elements.ts';
import { countVarints, MalformedProtobuf, ProtoReader, readDeltas, readVarints } from './proto.ts';

/** Kinds of element that a block holds, as bits. */
export const BLOCK_KINDS = { nodes: 1, ways: 2, relations: 4 } as const;

const BLOCK = { strings: 1, group: 2, granularity: 17, latOffset: 19, lonOffset: 20 } as const;
const GROUP = { node: 1, dense: 2, way: 3, relation: 4 } as const;
const DENSE = { ids: 1, lats: 8, lons: 9, keysVals: 10 } as const;
const ELEMENT = { id: 1, keys: 2, vals: 3 } as const;
const NODE = { lat: 8, lon: 9 } as const;
const WAY = { refs: 8 } as const;
const RELATION = { roles: 8, ids: 9, types: 10 } as const;
const MEMBER_TYPES = ['node', 'way', 'relation'] as const;
const NANODEGREES = 1e9;

const noTags: ReadonlyMap<number, Tags> = new Map();

/** Which kinds of element a block holds, from the first element of each of its groups. */
export function blockKinds(bytes: Uint8Array): number {
  let kinds = 0;
  const block = new ProtoReader(bytes);
  for (let field = block.nextField(); field; field = block.nextField()) {
    if (field === BLOCK.group) kinds |= groupKind(block.message());
    else block.skip();
  }
  return kinds;
}

function groupKind(group: ProtoReader): number {
  const field = group.nextField();
  if (field === GROUP.node || field === GROUP.dense) return BLOCK_KINDS.nodes;
  if (field === GROUP.way) return BLOCK_KINDS.ways;
  if (field === GROUP.relation) return BLOCK_KINDS.relations;
  return 0;
}

/**
 * Decodes PrimitiveBlocks of OSM PBF (osmformat.proto) for one visitor, counting on the way. Keeps its buffers
 * from block to block.
 */
export class BlockDecoder {
  readonly counts = noCounts();
  readonly #visitor: OsmVisitor;
  readonly #tags = new TagFields();
  #ids = new Float64Array(8192);
  #lons = new Float64Array(8192);
  #lats = new Float64Array(8192);

  constructor(visitor: OsmVisitor) {
    this.#visitor = visitor;
  }

  /** Visits the wanted elements of a block and returns the kinds that it holds (bits of {@link BLOCK_KINDS}). */
  decode(bytes: Uint8Array): number {
    const header = readBlockHeader(bytes);
    const wanted = {
      nodes: header.strings.indicesOf(this.#visitor.nodeKeys),
      ways: header.strings.indicesOf(this.#visitor.wayKeys),
      relations: header.strings.indicesOf(this.#visitor.relationKeys),
    };
    let kinds = 0;
    for (const [begin, end] of header.groups) {
      kinds |= groupKind(new ProtoReader(bytes, begin, end));
      const group = new ProtoReader(bytes, begin, end);
      for (let field = group.nextField(); field; field = group.nextField()) {
        if (field === GROUP.dense && this.#visitor.nodes) this.#dense(group.message(), header, wanted.nodes);
        else if (field === GROUP.node && this.#visitor.nodes)
          this.#node(group.message(), header, wanted.nodes);
        else if (field === GROUP.way && this.#visitor.way) this.#way(group.message(), header, wanted.ways);
        else if (field === GROUP.relation && this.#visitor.relation)
          this.#relation(group.message(), header, wanted.relations);
        else group.skip();
      }
    }
    return kinds;
  }

  #dense(dense: ProtoReader, header: BlockHeader, wanted: ReadonlySet<number>): void {
    const { bytes } = dense;
    let count = 0;
    let lonCount = 0;
    let latCount = 0;
    let tags: [begin: number, end: number] | undefined;
    for (let field = dense.nextField(); field; field = dense.nextField()) {
      if (dense.wireType !== 2) {
        dense.skip();
        continue;
      }
      const end = dense.enter();
      const begin = dense.position;
      if (field === DENSE.ids) {
        this.#reserve(countVarints(bytes, begin, end));
        count = readDeltas(bytes, begin, end, this.#ids);
      } else if (field === DENSE.lons) {
        this.#reserve(countVarints(bytes, begin, end));
        lonCount = readDeltas(bytes, begin, end, this.#lons);
      } else if (field === DENSE.lats) {
        this.#reserve(countVarints(bytes, begin, end));
        latCount = readDeltas(bytes, begin, end, this.#lats);
      } else if (field === DENSE.keysVals) tags = [begin, end];
      dense.position = end;
    }
    if (count !== lonCount || count !== latCount)
      throw new MalformedProtobuf(`${count} nodes have ${latCount} latitudes and ${lonCount} longitudes`);
    this.#toDegrees(count, header);
    this.#deliver(
      count,
      tags && wanted.size > 0 ? denseTags(bytes, tags[0], tags[1], header, wanted) : noTags,
    );
  }

  #node(node: ProtoReader, header: BlockHeader, wanted: ReadonlySet<number>): void {
    const tags = this.#tags;
    tags.reset(node.bytes);
    let id: number | undefined;
    for (let field = node.nextField(); field; field = node.nextField()) {
      if (field === ELEMENT.id) id = node.sint64();
      else if (field === NODE.lat) this.#lats[0] = node.sint64();
      else if (field === NODE.lon) this.#lons[0] = node.sint64();
      else if (!tags.take(field, node)) node.skip();
    }
    if (id === undefined) throw new MalformedProtobuf('a node has no id');
    this.#ids[0] = id;
    this.#toDegrees(1, header);
    this.#deliver(1, tags.has(wanted) ? new Map([[0, tags.read(header.strings)]]) : noTags);
  }

  #deliver(count: number, tagged: ReadonlyMap<number, Tags>): void {
    this.counts.nodes += count;
    this.#visitor.nodes!({ count, ids: this.#ids, lons: this.#lons, lats: this.#lats, tagged });
  }

  #way(way: ProtoReader, header: BlockHeader, wanted: ReadonlySet<number>): void {
    this.counts.ways++;
    if (wanted.size === 0) return;
    const tags = this.#tags;
    tags.reset(way.bytes);
    let id: number | undefined;
    let refsBegin = 0;
    let refsEnd = 0;
    for (let field = way.nextField(); field; field = way.nextField()) {
      if (field === ELEMENT.id) id = way.int64();
      else if (field === WAY.refs) {
        refsEnd = way.enter();
        refsBegin = way.position;
        way.position = refsEnd;
      } else if (!tags.take(field, way)) way.skip();
    }
    if (id === undefined) throw new MalformedProtobuf('a way has no id');
    if (!tags.has(wanted)) return;
    const refs = new Float64Array(countVarints(way.bytes, refsBegin, refsEnd));
    readDeltas(way.bytes, refsBegin, refsEnd, refs);
    this.#visitor.way!(id, tags.read(header.strings), refs);
  }

  #relation(relation: ProtoReader, header: BlockHeader, wanted: ReadonlySet<number>): void {
    this.counts.relations++;
    if (wanted.size === 0) return;
    const tags = this.#tags;
    tags.reset(relation.bytes);
    let id: number | undefined;
    let roles = new Uint32Array();
    let types = new Uint32Array();
    let ids = new Float64Array();
    for (let field = relation.nextField(); field; field = relation.nextField()) {
      if (field === ELEMENT.id) id = relation.int64();
      else if (field === RELATION.roles) roles = packed(relation);
      else if (field === RELATION.types) types = packed(relation);
      else if (field === RELATION.ids) {
        const end = relation.enter();
        ids = new Float64Array(countVarints(relation.bytes, relation.position, end));
        readDeltas(relation.bytes, relation.position, end, ids);
        relation.position = end;
      } else if (!tags.take(field, relation)) relation.skip();
    }
    if (id === undefined) throw new MalformedProtobuf('a relation has no id');
    if (roles.length !== ids.length || types.length !== ids.length)
      throw new MalformedProtobuf(`relation ${id} has members without type, id or role`);
    if (!tags.has(wanted)) return;
    const members: OsmMember[] = Array.from(ids, (memberId, i) => ({
      type: MEMBER_TYPES[types[i]],
      id: memberId,
      role: header.strings.at(roles[i]),
    }));
    this.#visitor.relation!(id, tags.read(header.strings), members);
  }

  #reserve(count: number): void {
    if (count <= this.#ids.length) return;
    const grow = (old: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(count);
      grown.set(old);
      return grown;
    };
    this.#ids = grow(this.#ids);
    this.#lons = grow(this.#lons);
    this.#lats = grow(this.#lats);
  }

  /** One division of whole numbers, so that a coordinate is the same double as its decimal text in XML. */
  #toDegrees(count: number, { granularity, latOffset, lonOffset }: BlockHeader): void {
    const lats = this.#lats;
    const lons = this.#lons;
    for (let i = 0; i < count; i++) {
      lats[i] = (latOffset + granularity * lats[i]) / NANODEGREES;
      lons[i] = (lonOffset + granularity * lons[i]) / NANODEGREES;
    }
  }
}

interface BlockHeader {
  strings: StringTable;
  groups: [begin: number, end: number][];
  /** Nanodegrees. */
  granularity: number;
  latOffset: number;
  lonOffset: number;
}

/** Everything of a block but its groups, which may stand before the numbers needed to decode them. */
function readBlockHeader(bytes: Uint8Array): BlockHeader {
  const header: BlockHeader = {
    strings: new StringTable(bytes, 0, 0),
    groups: [],
    granularity: 100,
    latOffset: 0,
    lonOffset: 0,
  };
  const block = new ProtoReader(bytes);
  for (let field = block.nextField(); field; field = block.nextField()) {
    if (field === BLOCK.group || field === BLOCK.strings) {
      const end = block.enter();
      if (field === BLOCK.group) header.groups.push([block.position, end]);
      else header.strings = new StringTable(bytes, block.position, end);
      block.position = end;
    } else if (field === BLOCK.granularity) header.granularity = block.int64();
    else if (field === BLOCK.latOffset) header.latOffset = block.int64();
    else if (field === BLOCK.lonOffset) header.lonOffset = block.int64();
    else block.skip();
  }
  return header;
}

/** A block's strings, decoded when they are asked for. */
class StringTable {
  readonly #bytes: Buffer;
  readonly #begins: number[] = [];
  readonly #ends: number[] = [];
  readonly #texts: (string | undefined)[] = [];

  constructor(bytes: Uint8Array, begin: number, end: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const table = new ProtoReader(bytes, begin, end);
    for (let field = table.nextField(); field; field = table.nextField()) {
      if (field !== 1) {
        table.skip();
        continue;
      }
      const stringEnd = table.enter();
      this.#begins.push(table.position);
      this.#ends.push(stringEnd);
      table.position = stringEnd;
    }
  }

  at(index: number): string {
    if (index >= this.#begins.length)
      throw new MalformedProtobuf(`string ${index} is asked for, the block has ${this.#begins.length}`);
    let text = this.#texts[index];
    if (text === undefined) {
      text = this.#bytes.toString('utf8', this.#begins[index], this.#ends[index]);
      this.#texts[index] = text;
    }
    return text;
  }

  indicesOf(keys: readonly string[] = []): ReadonlySet<number> {
    const lengths = new Set(keys.map((key) => Buffer.byteLength(key)));
    const indices = new Set<number>();
    if (lengths.size === 0) return indices;
    for (let i = 0; i < this.#begins.length; i++)
      if (lengths.has(this.#ends[i] - this.#begins[i]) && keys.includes(this.at(i))) indices.add(i);
    return indices;
  }
}

/** Where the `keys` and `vals` of a plain element stand; one object serves all elements in turn. */
class TagFields {
  #bytes = new Uint8Array();
  #keys = 0;
  #keysEnd = 0;
  #vals = 0;
  #valsEnd = 0;

  reset(bytes: Uint8Array): void {
    this.#bytes = bytes as Uint8Array<ArrayBuffer>;
    this.#keysEnd = this.#keys = 0;
    this.#valsEnd = this.#vals = 0;
  }

  take(field: number, element: ProtoReader): boolean {
    if (field !== ELEMENT.keys && field !== ELEMENT.vals) return false;
    const end = element.enter();
    if (field === ELEMENT.keys) {
      this.#keys = element.position;
      this.#keysEnd = end;
    } else {
      this.#vals = element.position;
      this.#valsEnd = end;
    }
    element.position = end;
    return true;
  }

  has(wanted: ReadonlySet<number>): boolean {
    const keys = new ProtoReader(this.#bytes, this.#keys, this.#keysEnd);
    while (keys.position < keys.end) if (wanted.has(keys.varint())) return true;
    return false;
  }

  read(strings: StringTable): Tags {
    const keys = new ProtoReader(this.#bytes, this.#keys, this.#keysEnd);
    const vals = new ProtoReader(this.#bytes, this.#vals, this.#valsEnd);
    const tags = new Map<string, string>();
    while (keys.position < keys.end) {
      if (vals.position >= vals.end) throw new MalformedProtobuf('an element has keys without values');
      tags.set(strings.at(keys.varint()), strings.at(vals.varint()));
    }
    return tags;
  }
}

function packed(reader: ProtoReader): Uint32Array<ArrayBuffer> {
  const end = reader.enter();
  const values = readVarints(reader.bytes, reader.position, end);
  reader.position = end;
  return values as Uint32Array<ArrayBuffer>;
}

/** Tags of dense nodes: key, value, key, value … 0 for each node in turn. */
function denseTags(
  bytes: Uint8Array,
  begin: number,
  end: number,
  { strings }: BlockHeader,
  wanted: ReadonlySet<number>,
): ReadonlyMap<number, Tags> {
  const tagged = new Map<number, Tags>();
  const reader = new ProtoReader(bytes, begin, end);
  let node = 0;
  let nodeBegin = begin;
  let isWanted = false;
  while (reader.position < end) {
    const key = reader.varint();
    if (key !== 0) {
      if (wanted.has(key)) isWanted = true;
      reader.varint();
      continue;
    }
    if (isWanted) tagged.set(node, tagsOf(readVarints(bytes, nodeBegin, reader.position - 1), strings));
    isWanted = false;
    nodeBegin = reader.position;
    node++;
  }
  return tagged;
}

function tagsOf(pairs: Uint32Array, strings: StringTable): Tags {
  const tags = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) tags.set(strings.at(pairs[i]), strings.at(pairs[i + 1]));
  return tags;
}
