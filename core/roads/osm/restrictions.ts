import type { ReportBuilder } from '../../tables/importReport.ts';
import type { TurnFilter, TurnGeometry, TurnSegments } from '../turns.ts';
import type { OsmMember, Tags } from './elements.ts';

/** Kinds of turn that a restriction's name speaks of. */
type Manoeuvre = 'left' | 'right' | 'straight' | 'uTurn' | 'any';

/** A turn restriction for cars, via one node. Several `from` (no_entry) or `to` (no_exit) mean each of them. */
export interface Restriction {
  id: number;
  only: boolean;
  manoeuvre: Manoeuvre;
  from: number[];
  via: number;
  to: number[];
}

const KINDS: Readonly<Record<string, Pick<Restriction, 'only' | 'manoeuvre'>>> = {
  no_left_turn: { only: false, manoeuvre: 'left' },
  no_right_turn: { only: false, manoeuvre: 'right' },
  no_straight_on: { only: false, manoeuvre: 'straight' },
  no_u_turn: { only: false, manoeuvre: 'uTurn' },
  no_entry: { only: false, manoeuvre: 'any' },
  no_exit: { only: false, manoeuvre: 'any' },
  only_left_turn: { only: true, manoeuvre: 'left' },
  only_right_turn: { only: true, manoeuvre: 'right' },
  only_straight_on: { only: true, manoeuvre: 'straight' },
  only_u_turn: { only: true, manoeuvre: 'uTurn' },
};

const CAR_KEYS = ['restriction:motorcar', 'restriction:motor_vehicle', 'restriction:vehicle', 'restriction'];
const CAR_NAMES: ReadonlySet<string> = new Set(['motorcar', 'motor_vehicle', 'vehicle']);
/** Keys that limit a restriction to times, in the old way of tagging. */
const TIME_KEYS = ['day_on', 'day_off', 'hour_on', 'hour_off'];

const REASONS = {
  'conditional-restriction': 'turn restrictions on conditions (times, weights), which are not obeyed',
  'restriction-of-others': 'turn restrictions that are not for cars',
  'restriction-via-way': 'turn restrictions by way of a road, which are not obeyed',
  'unknown-restriction': 'turn restrictions of an unknown kind',
  'incomplete-restriction': 'turn restrictions without from, via or to',
  'restriction-off-network': 'turn restrictions between roads that were not kept or do not meet',
  'ambiguous-restriction': 'turn restrictions that fit several turns',
} as const;

/** Reads a relation with `type=restriction`; one that does not hold for cars, or cannot be obeyed, is reported. */
export function parseRestriction(
  id: number,
  tags: Tags,
  members: readonly OsmMember[],
  report: ReportBuilder,
): Restriction | undefined {
  const drop = (reason: keyof typeof REASONS): undefined => {
    report.drop(reason, REASONS[reason], `relation ${id}`);
    return undefined;
  };

  const key = CAR_KEYS.find((name) => tags.has(name));
  const conditional = CAR_KEYS.some((name) => tags.has(`${name}:conditional`));
  if (!key) return drop(conditional ? 'conditional-restriction' : 'restriction-of-others');
  if (TIME_KEYS.some((name) => tags.has(name))) return drop('conditional-restriction');
  if (conditional)
    report.note('Turn restrictions with a condition beside, which is not obeyed', `relation ${id}`);
  const except = (tags.get('except') ?? '').split(';').map((name) => name.trim());
  if (except.some((name) => CAR_NAMES.has(name))) return drop('restriction-of-others');
  const kind = KINDS[tags.get(key)!];
  if (!kind) return drop('unknown-restriction');

  const withRole = (role: string): readonly OsmMember[] => members.filter((member) => member.role === role);
  const ways = (role: string): number[] =>
    withRole(role)
      .filter((member) => member.type === 'way')
      .map((member) => member.id);
  const via = withRole('via');
  if (via.some((member) => member.type === 'way')) return drop('restriction-via-way');
  const from = ways('from');
  const to = ways('to');
  if (via.length !== 1 || via[0].type !== 'node' || from.length === 0 || to.length === 0)
    return drop('incomplete-restriction');
  return { id, ...kind, from, via: via[0].id, to };
}

/** Finds the turns of a split network that restrictions speak of and returns the filter of those they permit. */
export function restrictionFilter(
  restrictions: readonly Restriction[],
  segments: TurnSegments,
  geometry: TurnGeometry,
  junctionOf: (nodeId: number) => number,
  report: ReportBuilder,
): TurnFilter {
  const arriving = arrivingAt(restrictions, segments, junctionOf);
  const key = (from: number, to: number): number => from * segments.segmentCount + to;
  const forbidden = new Set<number>();
  const only = new Map<number, Set<number>>();
  let obeyed = 0;
  for (const restriction of restrictions) {
    const turns = turnsOf(restriction, segments, geometry, arriving, junctionOf);
    if (typeof turns === 'string') {
      report.drop(turns, REASONS[turns], `relation ${restriction.id}`);
      continue;
    }
    obeyed++;
    for (const [from, to] of turns) {
      if (!restriction.only) forbidden.add(key(from, to));
      else if (only.has(from)) only.get(from)!.add(to);
      else only.set(from, new Set([to]));
    }
  }
  report.kept.restrictions = obeyed;
  return (from, to) => !forbidden.has(key(from, to)) && (only.get(from)?.has(to) ?? true);
}

/** Segments that end at each junction which a restriction names. */
function arrivingAt(
  restrictions: readonly Restriction[],
  { segmentCount, toJunction }: TurnSegments,
  junctionOf: (nodeId: number) => number,
): Map<number, number[]> {
  const arriving = new Map<number, number[]>(restrictions.map(({ via }) => [junctionOf(via), []]));
  for (let s = 0; s < segmentCount; s++) arriving.get(toJunction[s])?.push(s);
  return arriving;
}

function turnsOf(
  restriction: Restriction,
  segments: TurnSegments,
  geometry: TurnGeometry,
  arriving: ReadonlyMap<number, readonly number[]>,
  junctionOf: (nodeId: number) => number,
): [from: number, to: number][] | 'restriction-off-network' | 'ambiguous-restriction' {
  const via = junctionOf(restriction.via);
  if (via < 0) return 'restriction-off-network';
  const turns: [number, number][] = [];
  for (const fromWay of restriction.from)
    for (const toWay of restriction.to) {
      const candidates: [number, number][] = [];
      for (const from of arriving.get(via)!)
        if (segments.wayIds[from] === fromWay)
          for (const to of geometry.leaving(via))
            if (segments.wayIds[to] === toWay) candidates.push([from, to]);
      if (candidates.length === 0) continue;
      // A way that runs through the junction, or a ring, offers several: the name of the manoeuvre decides.
      const fitting =
        candidates.length === 1
          ? candidates
          : candidates.filter(([from, to]) => fits(restriction.manoeuvre, from, to, segments, geometry));
      const every = restriction.manoeuvre === 'uTurn' && !restriction.only;
      if (fitting.length === 0 || (fitting.length > 1 && !every)) return 'ambiguous-restriction';
      turns.push(...fitting);
    }
  return turns.length === 0 ? 'restriction-off-network' : turns;
}

function fits(
  manoeuvre: Manoeuvre,
  from: number,
  to: number,
  segments: TurnSegments,
  geometry: TurnGeometry,
): boolean {
  const back = segments.reverse[from] === to;
  if (manoeuvre === 'uTurn' || back) return manoeuvre === 'uTurn' && back;
  const angle = geometry.angleDeg(from, to);
  if (manoeuvre === 'straight') return Math.abs(angle) < 45;
  if (manoeuvre === 'left') return angle < -20;
  return manoeuvre === 'right' ? angle > 20 : true;
}
