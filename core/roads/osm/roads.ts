import { EtalonError, type TaskContext } from '../../base/index.ts';
import type { ReportBuilder } from '../../tables/importReport.ts';
import { buildNetwork } from '../build.ts';
import type { RoadNetwork } from '../network.ts';
import { NodeTable, SIGNAL_FOR } from '../nodeTable.ts';
import { type Piece, splitWays } from '../splitWays.ts';
import { WayTable } from '../wayTable.ts';
import { carAccess } from './access.ts';
import type { NodeBatch, OsmSource, Tags } from './elements.ts';
import { parseRestriction, type Restriction, restrictionFilter } from './restrictions.ts';
import { WAY_DROPS, wayAttributes } from './wayAttributes.ts';

/**
 * The road network of an OSM file, in two passes: ways and restrictions first, then of the nodes only those that the
 * kept ways use.
 */
export async function readOsmRoads(
  source: OsmSource,
  report: ReportBuilder,
  context: TaskContext,
): Promise<RoadNetwork> {
  const { ways, restrictions } = await readWays(source, report, context);
  const nodes = await readNodes(source, ways, report, context);
  const refOf = ({ way, first, last, repeat }: Piece): string =>
    `${ways.ids.at(way)}/${first}/${last}${repeat > 0 ? `/${repeat + 1}` : ''}`;
  const roads = await splitWays(ways, nodes, refOf, report, context, { keepNodeIds: true });
  const network = await buildNetwork(
    roads.segments,
    roads.junctionCoordinates,
    context,
    (segments, geometry) => {
      const permits = restrictionFilter(restrictions, segments, geometry, roads.junctionOf, report);
      const { junctionBarriers } = roads;
      return (from, to) =>
        permits(from, to) && (!junctionBarriers[segments.toJunction[from]] || segments.reverse[from] === to);
    },
  );
  report.kept.ways = roads.keptWays;
  report.kept.nodes = roads.keptNodes;
  return network;
}

async function readWays(
  source: OsmSource,
  report: ReportBuilder,
  context: TaskContext,
): Promise<{ ways: WayTable; restrictions: Restriction[] }> {
  const ways = new WayTable();
  const restrictions: Restriction[] = [];
  const seen = new Set<number>();
  let roads = 0;
  const counts = await source.read(
    {
      wayKeys: ['highway'],
      way(id, tags, refs) {
        roads++;
        const attributes = wayAttributes(tags, (description) => report.note(description, `way ${id}`));
        if (typeof attributes === 'string') report.drop(attributes, WAY_DROPS[attributes], `way ${id}`);
        else if (seen.has(id))
          report.drop('duplicate-way', 'ways that stood in the file before', `way ${id}`);
        else ways.add(id, attributes, refs);
        seen.add(id);
      },
      relationKeys: ['restriction', 'restriction:conditional', 'restriction:motorcar', 'type'],
      relation(id, tags, members) {
        if (!tags.get('type')?.startsWith('restriction')) return;
        const restriction = parseRestriction(id, tags, members, report);
        if (restriction) restrictions.push(restriction);
      },
    },
    'Reading ways',
    context,
  );
  const { deleted } = counts;
  report.read.ways = counts.ways;
  report.read.relations = counts.relations;
  report.dropMany('deleted', 'ways and relations marked as deleted', deleted.ways + deleted.relations);
  report.dropMany('not-a-road', 'ways without a highway tag', counts.ways - deleted.ways - roads);
  return { ways, restrictions };
}

async function readNodes(
  source: OsmSource,
  ways: WayTable,
  report: ReportBuilder,
  context: TaskContext,
): Promise<NodeTable> {
  const nodes = new NodeTable(ways.refs.view());
  const counts = await source.read(
    { nodeKeys: ['highway', 'barrier'], nodes: (batch) => takeNodes(nodes, batch, source.path, report) },
    'Reading nodes',
    context,
  );
  report.read.nodes = counts.nodes;
  return nodes;
}

function takeNodes(nodes: NodeTable, batch: NodeBatch, file: string, report: ReportBuilder): void {
  for (let i = 0; i < batch.count; i++) {
    const at = nodes.find(batch.ids[i]);
    if (at < 0) continue;
    if (!(Math.abs(batch.lons[i]) <= 180 && Math.abs(batch.lats[i]) <= 90))
      throw new EtalonError(
        'input',
        `Node ${batch.ids[i]} lies at ${batch.lats[i]}, ${batch.lons[i]}, which is not on Earth.`,
        { where: { file }, remedy: 'The file is damaged: download or copy it again.' },
      );
    nodes.lons[at] = batch.lons[i];
    nodes.lats[at] = batch.lats[i];
    const tags = batch.tagged.size > 0 ? batch.tagged.get(i) : undefined;
    if (!tags) continue;
    nodes.signals[at] = signalsOf(tags);
    if (!blocksCars(tags)) continue;
    nodes.barriers[at] = 1;
    report.note('Barriers that keep cars from passing', `node ${batch.ids[i]}`);
  }
}

function signalsOf(tags: Tags): number {
  if (tags.get('highway') !== 'traffic_signals') return 0;
  const direction = tags.get('traffic_signals:direction') ?? tags.get('direction');
  if (direction === 'forward') return SIGNAL_FOR.forward;
  return direction === 'backward' ? SIGNAL_FOR.backward : SIGNAL_FOR.both;
}

/** Barriers that no car passes unless the tags say so; gates and the like are open unless they say otherwise. */
const CLOSED: ReadonlySet<string> = new Set([
  'bollard',
  'block',
  'jersey_barrier',
  'planter',
  'cycle_barrier',
  'motorcycle_barrier',
  'debris',
  'log',
  'stile',
  'kissing_gate',
  'turnstile',
  'chain',
  'wall',
  'fence',
]);
const ACCESS_KEYS = ['motorcar', 'motor_vehicle', 'vehicle', 'access'];

function blocksCars(tags: Tags): boolean {
  const barrier = tags.get('barrier');
  if (barrier === undefined) return false;
  if (ACCESS_KEYS.some((key) => tags.has(key))) return !carAccess(tags).forward;
  return CLOSED.has(barrier);
}
