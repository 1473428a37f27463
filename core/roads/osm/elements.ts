import type { TaskContext } from '../../base/index.ts';

export type Tags = ReadonlyMap<string, string>;

/** Nodes as columns, `count` of them; the arrays may be longer and are reused after the visit. */
export interface NodeBatch {
  readonly count: number;
  readonly ids: Float64Array;
  /** Degrees. */
  readonly lons: Float64Array;
  readonly lats: Float64Array;
  /** Position in the batch → tags, for the nodes that carry one of the visitor's `nodeKeys`. */
  readonly tagged: ReadonlyMap<number, Tags>;
}

export interface OsmMember {
  readonly type: 'node' | 'way' | 'relation';
  readonly id: number;
  readonly role: string;
}

/**
 * What a pass over an OSM file delivers. Elements of a kind without a method are passed over unread; ways and
 * relations that carry none of the wanted keys are counted only.
 */
export interface OsmVisitor {
  readonly nodeKeys?: readonly string[];
  nodes?(batch: NodeBatch): void;
  readonly wayKeys?: readonly string[];
  way?(id: number, tags: Tags, refs: Float64Array): void;
  readonly relationKeys?: readonly string[];
  relation?(id: number, tags: Tags, members: readonly OsmMember[]): void;
}

export interface KindCounts {
  nodes: number;
  ways: number;
  relations: number;
}

/** Elements in the file, of the kinds that the pass visited (zero for the others). */
export interface OsmCounts extends KindCounts {
  /** Of those, how many are marked as deleted; they were not delivered. */
  readonly deleted: KindCounts;
}

export function noCounts(): OsmCounts {
  const none = (): KindCounts => ({ nodes: 0, ways: 0, relations: 0 });
  return { ...none(), deleted: none() };
}

/** An OSM file that can be read as often as needed, without holding it in memory. */
export interface OsmSource {
  readonly path: string;
  read(visitor: OsmVisitor, stage: string, context: TaskContext): Promise<OsmCounts>;
  close(): Promise<void>;
}
