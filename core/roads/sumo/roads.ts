import { Growable } from '../../base/growable.ts';
import { EtalonError, type TaskContext } from '../../base/index.ts';
import type { ReportBuilder } from '../../tables/importReport.ts';
import { MalformedError, type MalformedTally } from '../../tables/malformed.ts';
import type { DirectionAttributes, RoadAttributes } from '../attributes.ts';
import { buildNetwork } from '../build.ts';
import type { RoadNetwork } from '../network.ts';
import { parseHighway } from '../osm/highway.ts';
import { paced } from '../pace.ts';
import { pairDirections } from '../pairDirections.ts';
import { SegmentTable } from '../segmentTable.ts';
import { NET_REMEDY, type NetEdge, type NetFile, type Points, readNetFile } from './netFile.ts';
import { projectionOf, type ToDegrees } from './projection.ts';

/** netconvert's priorities of OSM's classes (`osmNetconvert.typ.xml`), for edges that lack a type. */
const CLASS_OF_PRIORITY: Readonly<Record<number, string>> = {
  14: 'motorway',
  13: 'trunk',
  12: 'primary',
  11: 'secondary',
  10: 'tertiary',
  9: 'motorway_link',
  8: 'trunk_link',
  7: 'primary_link',
  6: 'secondary_link',
  5: 'tertiary_link',
  4: 'unclassified',
  3: 'residential',
  2: 'living_street',
  1: 'service',
};

/** A lane count is kept in the same range as OSM's. */
const MOST_LANES = 15;

/**
 * Roads of a SUMO network: an edge that cars may use is a segment with its id as ref, its lanes for cars, its lane's length
 * and limit; a turn is permitted where a connection for cars leads. Edges inside of junctions are left out, and with them
 * their length. Networks that netconvert made of OSM keep the way and direction that its ids name.
 * @param origin longitude, latitude of the middle of a network without a projection
 */
export async function readSumoRoads(
  path: string,
  origin: readonly [number, number] | undefined,
  report: ReportBuilder,
  malformed: MalformedTally,
  context: TaskContext,
): Promise<RoadNetwork> {
  const net = await readNetFile(path, report, malformed, context);
  if (net.edges.length > 0 && net.connections.size === 0)
    throw new EtalonError('input', 'The file has no connections between edges for cars.', {
      where: { file: path },
      remedy: 'Write the network anew with netconvert: connections say where a drive may go on.',
    });
  const builder = new SegmentBuilder(path, net, projectionOf(path, net, origin, report), report);
  await paced(context, { stage: 'Placing edges', total: net.edges.length, unit: 'edges' }, (at) =>
    malformed.read(() => builder.add(net.edges[at])),
  );
  malformed.stopIfFailed();
  report.kept.edges = builder.segments.count;
  // Ids need not tell which edges are of one road; their ends and lengths do.
  pairDirections(builder.segments, () => '');
  return buildNetwork(builder.segments, builder.coordinates.toArray(), context, () => {
    const { ids } = builder;
    return (from, to) => net.connections.has(`${ids[from]} ${ids[to]}`);
  });
}

class SegmentBuilder {
  readonly segments = new SegmentTable();
  /** [segments] their edges' ids. */
  readonly ids: string[] = [];
  /** longitude, latitude of each junction. */
  readonly coordinates = new Growable(Float64Array);
  readonly #path: string;
  readonly #net: NetFile;
  readonly #toDegrees: ToDegrees;
  readonly #report: ReportBuilder;
  readonly #junctions = new Map<string, number>();
  /** `from to` of all edges. */
  readonly #ends: ReadonlySet<string>;

  constructor(path: string, net: NetFile, toDegrees: ToDegrees, report: ReportBuilder) {
    this.#path = path;
    this.#net = net;
    this.#toDegrees = toDegrees;
    this.#report = report;
    this.#ends = new Set(net.edges.map(({ from, to }) => `${from} ${to}`));
  }

  add(edge: NetEdge): void {
    const { id, from, to, lanes } = edge;
    const fromJunction = this.#junction(from, edge);
    const toJunction = this.#junction(to, edge);
    const forCars = lanes.filter(({ cars }) => cars);
    const road = this.#road(edge, forCars);
    const fromOsm = /^(-?)(\d+)(?:#\d+)?$/.exec(edge.type.startsWith('highway.') ? id : '');
    this.ids.push(id);
    this.segments.add({
      ref: id,
      wayId: fromOsm ? Number(fromOsm[2]) : 0,
      fromJunction,
      toJunction,
      lengthM: forCars[0].lengthM,
      road,
      direction: road.forward!,
      signal: this.#net.signals.has(id),
      oneway: !this.#ends.has(`${to} ${from}`),
      againstWay: fromOsm?.[1] === '-',
      coordinates: this.#line(edge, fromJunction, toJunction),
    });
  }

  #junction(id: string, edge: NetEdge): number {
    const known = this.#junctions.get(id);
    if (known !== undefined) return known;
    const place = this.#net.junctions.get(id);
    if (!place)
      throw this.#malformed(
        edge,
        `the edge ${edge.id} begins or ends at the junction ${id}, which the file does not list`,
      );
    const [lon, lat] = this.#toDegrees(place.x, place.y);
    if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 90))
      throw this.#malformed(
        edge,
        `the junction ${id} lies at ${place.x}, ${place.y}, which the projection does not place on Earth`,
      );
    const junction = this.coordinates.length / 2;
    this.coordinates.push(lon);
    this.coordinates.push(lat);
    this.#junctions.set(id, junction);
    return junction;
  }

  #road(edge: NetEdge, forCars: NetEdge['lanes']): RoadAttributes {
    const direction: DirectionAttributes = {
      speedLimitKmh: 3.6 * Math.max(...forCars.map(({ speedMs }) => speedMs)),
      speedTagged: true,
      lanes: Math.min(forCars.length, MOST_LANES),
    };
    return {
      ...this.#class(edge),
      surface: 'unknown',
      bridge: false,
      tunnel: false,
      toll: false,
      roundabout: this.#net.roundabouts.has(edge.id),
      name: edge.name,
      forward: direction,
    };
  }

  /** Of a type such as `highway.primary|railway.tram` the road's, else by the priority that netconvert gives to classes. */
  #class({ id, line, type, priority }: NetEdge): Pick<RoadAttributes, 'roadClass' | 'link'> {
    for (const part of type.split('|')) {
      const found = parseHighway(part.replace(/^highway\./, ''));
      if (typeof found !== 'string') return found;
    }
    const place = `edge ${id} (line ${line})`;
    const byPriority = type === '' ? CLASS_OF_PRIORITY[priority ?? 0] : undefined;
    this.#report.note(
      byPriority
        ? 'Edges without a type, given the class of their priority'
        : 'Edges of no road class that is known, taken as unclassified',
      place,
    );
    const found = parseHighway(byPriority ?? 'unclassified');
    if (typeof found === 'string') throw new Error(`internal: ${byPriority} is no road class`);
    return found;
  }

  /** From junction to junction. The ends of an edge's or lane's own line lie at or before the junctions. */
  #line(edge: NetEdge, fromJunction: number, toJunction: number): number[] {
    const forCars = edge.lanes.filter(({ cars }) => cars);
    const drawn: Points = edge.shape ?? forCars[forCars.length >> 1].shape;
    const coordinates = [this.coordinates.at(2 * fromJunction), this.coordinates.at(2 * fromJunction + 1)];
    for (let i = 2; i + 2 < drawn.length; i += 2)
      coordinates.push(...this.#toDegrees(drawn[i], drawn[i + 1]));
    coordinates.push(this.coordinates.at(2 * toJunction), this.coordinates.at(2 * toJunction + 1));
    return coordinates;
  }

  #malformed({ line }: NetEdge, found: string): MalformedError {
    return new MalformedError({ file: this.#path, line }, found, { remedy: NET_REMEDY });
  }
}
