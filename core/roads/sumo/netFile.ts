import { type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { ReportBuilder } from '../../tables/importReport.ts';
import type { MalformedTally } from '../../tables/malformed.ts';
import { readText } from '../../tables/textFile.ts';
import { type XmlAttributes, XmlFile } from '../xmlFile.ts';

/** x, y, x, y … in the network's own metres. */
export type Points = number[];

export interface NetLane {
  speedMs: number;
  lengthM: number;
  shape: Points;
  /** Whether cars may use it. */
  cars: boolean;
}

export interface NetEdge {
  id: string;
  line: number;
  from: string;
  to: string;
  /** '' where the file says none. */
  type: string;
  name: string;
  priority: number | undefined;
  /** The line from junction to junction; undefined where it is straight, or the file does not say. */
  shape: Points | undefined;
  /** By index, the rightmost first. */
  lanes: NetLane[];
}

export interface NetLocation {
  line: number;
  offsetX: number;
  offsetY: number;
  projection: string;
}

/** What of a SUMO network file makes roads for cars. */
export interface NetFile {
  location: NetLocation | undefined;
  edges: NetEdge[];
  junctions: Map<string, { x: number; y: number }>;
  /** `from to` of edges that a car may go on from and to. */
  connections: Set<string>;
  /** Edges that end at signals. */
  signals: Set<string>;
  /** Edges of roundabouts. */
  roundabouts: Set<string>;
}

/** Edges within junctions and of people on foot. */
const INSIDE: ReadonlySet<string> = new Set(['internal', 'crossing', 'walkingarea']);
export const NET_REMEDY = 'Write the network anew with netconvert, or correct the line.';

/**
 * Reads a SUMO network (`.net.xml`, plain or gzip) by its description:
 * https://sumo.dlr.de/docs/Networks/SUMO_Road_Networks.html
 */
export async function readNetFile(
  path: string,
  report: ReportBuilder,
  malformed: MalformedTally,
  context: TaskContext,
): Promise<NetFile> {
  const reader = new NetReader(path, report, malformed);
  for await (const text of readText(path)) {
    throwIfCancelled(context.signal);
    reader.file.write(text);
    context.report({ stage: 'Reading edges', done: reader.elements, unit: 'elements' });
  }
  reader.file.close();
  malformed.stopIfFailed();
  return reader.net;
}

class NetReader {
  readonly file: XmlFile;
  readonly net: NetFile = {
    location: undefined,
    edges: [],
    junctions: new Map(),
    connections: new Set(),
    signals: new Set(),
    roundabouts: new Set(),
  };
  elements = 0;
  readonly #report: ReportBuilder;
  readonly #malformed: MalformedTally;
  /** Every edge that connections may name; undefined for one that is left out. */
  readonly #edges = new Map<string, NetEdge | undefined>();
  #open: NetEdge | undefined;

  constructor(path: string, report: ReportBuilder, malformed: MalformedTally) {
    this.#report = report;
    this.#malformed = malformed;
    report.read.edges = 0;
    report.read.junctions = 0;
    report.read.connections = 0;
    this.file = new XmlFile(path, 'a SUMO network', 'net', {
      open: (name, attributes) => this.#guard(() => this.#onOpen(name, attributes)),
      close: (name) => name === 'edge' && this.#guard(() => this.#closeEdge()),
    });
  }

  /** With a part that cannot be read goes the whole edge. */
  #guard(read: () => void): void {
    if (this.#malformed.accepts(read)) return;
    this.#open = undefined;
  }

  #onOpen(name: string, attributes: XmlAttributes): void {
    this.elements++;
    if (name === 'edge') this.#openEdge(attributes);
    else if (name === 'lane') this.#lane(attributes);
    else if (name === 'junction') this.#junction(attributes);
    else if (name === 'connection') this.#connection(attributes);
    else if (name === 'location') this.#location(attributes);
    else if (name === 'roundabout')
      for (const edge of (attributes.edges ?? '').split(' ')) this.net.roundabouts.add(edge);
  }

  #location(attributes: XmlAttributes): void {
    const { netOffset = '0,0' } = attributes;
    const offset = netOffset.split(',').map(Number);
    // Where everything lies hangs on it: it is no row that could be left out.
    if (offset.length !== 2 || !offset.every(Number.isFinite))
      throw this.file.error(`<location> has netOffset="${netOffset}", which is not x,y.`);
    this.net.location = {
      line: this.file.line,
      offsetX: offset[0],
      offsetY: offset[1],
      projection: attributes.projParameter ?? '!',
    };
  }

  #openEdge(attributes: XmlAttributes): void {
    const id = this.#text(attributes, 'id', 'edge');
    this.#report.read.edges++;
    const { function: purpose = 'normal' } = attributes;
    if (INSIDE.has(purpose) || id.startsWith(':')) {
      this.#report.dropMany('inside-junction', 'edges inside of junctions, crossings and places to walk', 1);
      return;
    }
    if (this.#edges.has(id)) throw this.file.malformed(`the edge ${id} stood in the file before`, NET_REMEDY);
    if (purpose === 'connector') {
      this.#edges.set(id, undefined);
      this.#report.drop('connector', 'connectors, which are no roads', `edge ${id} (line ${this.file.line})`);
      return;
    }
    // Connections may name it even where the rest of it cannot be read.
    this.#edges.set(id, undefined);
    this.#open = {
      id,
      line: this.file.line,
      from: this.#text(attributes, 'from', 'edge'),
      to: this.#text(attributes, 'to', 'edge'),
      type: attributes.type ?? '',
      name: attributes.name ?? '',
      priority:
        attributes.priority === undefined ? undefined : this.file.number(attributes, 'priority', 'edge'),
      shape: attributes.shape ? this.#points(attributes.shape, 'edge', 'shape') : undefined,
      lanes: [],
    };
  }

  #lane(attributes: XmlAttributes): void {
    if (!this.#open) return;
    const index = this.file.number(attributes, 'index', 'lane');
    if (index !== this.#open.lanes.length)
      throw this.file.malformed(
        `<lane> has index="${index}" where ${this.#open.lanes.length} comes next`,
        NET_REMEDY,
      );
    this.#open.lanes.push({
      speedMs: this.#positive(attributes, 'speed'),
      lengthM: this.#positive(attributes, 'length'),
      shape: attributes.shape ? this.#points(attributes.shape, 'lane', 'shape') : [],
      cars: permitsCars(attributes),
    });
  }

  #closeEdge(): void {
    const edge = this.#open;
    if (!edge) return;
    if (edge.lanes.length === 0) throw this.file.malformed(`the edge ${edge.id} has no lane`, NET_REMEDY);
    this.#open = undefined;
    const forCars = edge.lanes.some(({ cars }) => cars);
    this.#edges.set(edge.id, forCars ? edge : undefined);
    if (forCars) this.net.edges.push(edge);
    else
      this.#report.drop(
        'not-for-cars',
        'edges whose lanes are not for cars',
        `edge ${edge.id} (line ${edge.line})`,
      );
  }

  #junction(attributes: XmlAttributes): void {
    const id = this.#text(attributes, 'id', 'junction');
    if (attributes.type === 'internal' || id.startsWith(':')) return;
    this.#report.read.junctions++;
    this.net.junctions.set(id, {
      x: this.file.number(attributes, 'x', 'junction'),
      y: this.file.number(attributes, 'y', 'junction'),
    });
  }

  #connection(attributes: XmlAttributes): void {
    const from = this.#text(attributes, 'from', 'connection');
    const to = this.#text(attributes, 'to', 'connection');
    if (from.startsWith(':') || to.startsWith(':')) return;
    this.#report.read.connections++;
    const leaves = this.#lanesOf(from, this.file.number(attributes, 'fromLane', 'connection'));
    const enters = this.#lanesOf(to, this.file.number(attributes, 'toLane', 'connection'));
    if (!leaves?.cars || !enters?.cars || !permitsCars(attributes)) return;
    this.net.connections.add(`${from} ${to}`);
    if (attributes.tl !== undefined) this.net.signals.add(from);
  }

  /** Undefined for lanes of edges that are left out. */
  #lanesOf(id: string, lane: number): NetLane | undefined {
    if (!this.#edges.has(id))
      throw this.file.malformed(
        `<connection> names the edge ${id}, which the file does not list`,
        NET_REMEDY,
      );
    const edge = this.#edges.get(id);
    if (edge && !edge.lanes[lane])
      throw this.file.malformed(
        `<connection> names lane ${lane} of the edge ${id}, which has no such lane`,
        NET_REMEDY,
      );
    return edge?.lanes[lane];
  }

  #text(attributes: XmlAttributes, name: string, element: string): string {
    const text = attributes[name];
    if (text) return text;
    throw this.file.malformed(`<${element}> has no ${name}`, NET_REMEDY);
  }

  #positive(attributes: XmlAttributes, name: string): number {
    const value = this.file.number(attributes, name, 'lane');
    if (value > 0) return value;
    throw this.file.malformed(`<lane> has ${name}="${attributes[name]}", which is not above 0`, NET_REMEDY);
  }

  /** Points are `x,y` or `x,y,z`, with blanks between them. */
  #points(text: string, element: string, name: string): Points {
    const points: Points = [];
    for (const point of text.trim().split(/\s+/)) {
      const [x, y, ...rest] = point.split(',').map((part) => (part === '' ? Number.NaN : Number(part)));
      if (!Number.isFinite(x) || !Number.isFinite(y) || rest.length > 1)
        throw this.file.malformed(
          `<${element}> has the point "${point}" in its ${name}, which is not x,y`,
          NET_REMEDY,
        );
      points.push(x, y);
    }
    return points;
  }
}

/** By the classes of vehicles that a lane or connection allows or disallows; without a word all may. */
function permitsCars({ allow, disallow }: XmlAttributes): boolean {
  const names = (list: string): string[] => list.split(/\s+/);
  const isCar = (name: string): boolean => name === 'passenger' || name === 'all';
  if (allow) return names(allow).some(isCar);
  return !(disallow && names(disallow).some(isCar));
}
