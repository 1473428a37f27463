import { type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { ReportBuilder } from '../../tables/importReport.ts';
import { MalformedTally } from '../../tables/malformed.ts';
import { readText } from '../../tables/textFile.ts';
import { type XmlAttributes, XmlFile } from '../xmlFile.ts';
import {
  type KindCounts,
  noCounts,
  type OsmCounts,
  type OsmMember,
  type OsmSource,
  type OsmVisitor,
  type Tags,
} from './elements.ts';

const BATCH = 8192;

/**
 * OSM XML, plain or gzip. Every pass parses the whole file; nothing of it is held between passes. The first one tells
 * `malformed` of the elements that cannot be read.
 */
export function openXml(path: string, malformed: MalformedTally): OsmSource {
  let told = false;
  return {
    path,
    async read(visitor, stage, context) {
      const tally = told ? new MalformedTally(new ReportBuilder(), true) : malformed;
      const counts = await readXml(path, visitor, stage, context, tally);
      malformed.stopIfFailed();
      told = true;
      return counts;
    },
    close: () => Promise.resolve(),
  };
}

async function readXml(
  path: string,
  visitor: OsmVisitor,
  stage: string,
  context: TaskContext,
  malformed: MalformedTally,
): Promise<OsmCounts> {
  const reader = new ElementReader(path, visitor, malformed);
  for await (const text of readText(path)) {
    throwIfCancelled(context.signal);
    reader.write(text);
    const { nodes, ways, relations } = reader.counts;
    context.report({ stage, done: nodes + ways + relations, unit: 'elements' });
  }
  return reader.close();
}

interface OpenElement {
  kind: 'node' | 'way' | 'relation';
  id: number;
  tags: Map<string, string>;
  refs: number[];
  members: OsmMember[];
  /** Editors keep elements they delete, marked, until the file is uploaded. */
  deleted: boolean;
}

/** Turns the tags of OSM XML into visits. */
class ElementReader {
  readonly counts = noCounts();
  readonly #visitor: OsmVisitor;
  readonly #file: XmlFile;
  readonly #ids = new Float64Array(BATCH);
  readonly #lons = new Float64Array(BATCH);
  readonly #lats = new Float64Array(BATCH);
  #tagged = new Map<number, Tags>();
  #batched = 0;
  #open: OpenElement | undefined;

  constructor(path: string, visitor: OsmVisitor, malformed: MalformedTally) {
    this.#visitor = visitor;
    this.#file = new XmlFile(path, 'OSM XML', 'osm', {
      open: (name, attributes) => {
        // With a part that cannot be read goes the whole element.
        if (!malformed.accepts(() => this.#onOpen(name, attributes))) this.#open = undefined;
      },
      close: (name) => this.#onClose(name),
    });
  }

  write(text: string): void {
    this.#file.write(text);
  }

  close(): OsmCounts {
    this.#file.close();
    this.#flush();
    return this.counts;
  }

  #onOpen(name: string, attributes: XmlAttributes): void {
    if (name === 'node' || name === 'way' || name === 'relation') {
      this.#open = {
        kind: name,
        id: this.#file.number(attributes, 'id', name),
        tags: new Map(),
        refs: [],
        members: [],
        deleted: attributes.visible === 'false' || attributes.action === 'delete',
      };
      if (name === 'node' && !this.#open.deleted) this.#placeNode(attributes);
    } else if (!this.#open) return;
    else if (name === 'tag') this.#open.tags.set(attributes.k ?? '', attributes.v ?? '');
    else if (name === 'nd') this.#open.refs.push(this.#file.number(attributes, 'ref', name));
    else if (name === 'member')
      this.#open.members.push({
        type: attributes.type === 'way' || attributes.type === 'relation' ? attributes.type : 'node',
        id: this.#file.number(attributes, 'ref', name),
        role: attributes.role ?? '',
      });
  }

  #placeNode(attributes: XmlAttributes): void {
    this.#ids[this.#batched] = this.#open!.id;
    this.#lons[this.#batched] = this.#degrees(attributes, 'lon', 180);
    this.#lats[this.#batched] = this.#degrees(attributes, 'lat', 90);
  }

  #degrees(attributes: XmlAttributes, name: string, most: number): number {
    const value = this.#file.number(attributes, name, 'node');
    if (Math.abs(value) <= most) return value;
    throw this.#file.malformed(`<node> has ${name}="${attributes[name]}", beyond ${most} degrees`);
  }

  #onClose(name: string): void {
    const element = this.#open;
    if (!element || element.kind !== name) return;
    this.#open = undefined;
    if (element.kind === 'node') this.#closeNode(element);
    else if (element.kind === 'way') this.#closeWay(element);
    else this.#closeRelation(element);
  }

  #closeNode({ tags, deleted }: OpenElement): void {
    if (!this.#visitor.nodes || !this.#count('nodes', deleted)) return;
    if (hasKey(tags, this.#visitor.nodeKeys)) this.#tagged.set(this.#batched, tags);
    if (++this.#batched === BATCH) this.#flush();
  }

  #closeWay({ id, tags, refs, deleted }: OpenElement): void {
    if (!this.#visitor.way || !this.#count('ways', deleted)) return;
    if (hasKey(tags, this.#visitor.wayKeys)) this.#visitor.way(id, tags, Float64Array.from(refs));
  }

  #closeRelation({ id, tags, members, deleted }: OpenElement): void {
    if (!this.#visitor.relation || !this.#count('relations', deleted)) return;
    if (hasKey(tags, this.#visitor.relationKeys)) this.#visitor.relation(id, tags, members);
  }

  /** Counts an element; false if it is deleted and must not be delivered. */
  #count(kind: keyof KindCounts, deleted: boolean): boolean {
    this.counts[kind]++;
    if (deleted) this.counts.deleted[kind]++;
    return !deleted;
  }

  #flush(): void {
    if (this.#batched === 0) return;
    this.#visitor.nodes!({
      count: this.#batched,
      ids: this.#ids,
      lons: this.#lons,
      lats: this.#lats,
      tagged: this.#tagged,
    });
    this.#batched = 0;
    this.#tagged = new Map();
  }
}

function hasKey(tags: Tags, keys: readonly string[] = []): boolean {
  return keys.some((key) => tags.has(key));
}
