import { Growable } from '../base/growable.ts';
import type { TaskContext } from '../base/index.ts';
import { endBearingDeg, wrapDeg } from './geometry.ts';
import { type RoadNetwork, SEGMENT_FLAGS, TURN_CLASSES, TURN_FLAGS, type TurnClass } from './network.ts';
import { paced } from './pace.ts';

/** Length of geometry over which a bearing is taken. */
const BEARING_SPAN_M = 20;

export type TurnColumns = Pick<
  RoadNetwork,
  'turnCount' | 'turnFrom' | 'turnTo' | 'turnAngleDeg' | 'turnClass' | 'turnFlags' | 'turnOffsets'
>;

/** The columns of segments that turns are made from. */
export type TurnSegments = Pick<
  RoadNetwork,
  | 'segmentCount'
  | 'fromJunction'
  | 'toJunction'
  | 'reverse'
  | 'wayIds'
  | 'nameIndex'
  | 'flags'
  | 'geometryOffsets'
  | 'coordinates'
>;

/** Says whether a turn is permitted. */
export type TurnFilter = (from: number, to: number) => boolean;

/** Angles of the turns of a network, and the segments that leave a junction. */
export class TurnGeometry {
  readonly #segments: TurnSegments;
  readonly #startBearings: Float32Array;
  readonly #endBearings: Float32Array;
  readonly #leavingOffsets: Uint32Array;
  readonly #leaving: Int32Array;

  constructor(segments: TurnSegments, junctionCount: number) {
    const { segmentCount, fromJunction, geometryOffsets, coordinates } = segments;
    this.#segments = segments;
    this.#startBearings = new Float32Array(segmentCount);
    this.#endBearings = new Float32Array(segmentCount);
    for (let s = 0; s < segmentCount; s++) {
      const begin = geometryOffsets[s];
      const end = geometryOffsets[s + 1];
      this.#startBearings[s] = endBearingDeg(coordinates, begin, end, 'start', BEARING_SPAN_M);
      this.#endBearings[s] = endBearingDeg(coordinates, begin, end, 'end', BEARING_SPAN_M);
    }
    this.#leavingOffsets = new Uint32Array(junctionCount + 1);
    for (const junction of fromJunction) this.#leavingOffsets[junction + 1]++;
    for (let j = 0; j < junctionCount; j++) this.#leavingOffsets[j + 1] += this.#leavingOffsets[j];
    const next = this.#leavingOffsets.slice();
    this.#leaving = new Int32Array(segmentCount);
    for (let s = 0; s < segmentCount; s++) this.#leaving[next[fromJunction[s]]++] = s;
  }

  /** Segments that begin where the given one ends, in ascending order. */
  successors(segment: number): Int32Array {
    return this.leaving(this.#segments.toJunction[segment]);
  }

  /** Segments that begin at a junction, in ascending order. */
  leaving(junction: number): Int32Array {
    return this.#leaving.subarray(this.#leavingOffsets[junction], this.#leavingOffsets[junction + 1]);
  }

  /** Signed change of bearing in (−180, 180], right positive; 0 where a segment has no extent, 180 onto the way back. */
  angleDeg(from: number, to: number): number {
    if (this.#segments.reverse[from] === to) return 180;
    const angle = this.#startBearings[to] - this.#endBearings[from];
    if (Number.isNaN(angle)) return 0;
    // As the column will hold it: rounding must not make −180 of −179.999….
    const rounded = Math.fround(wrapDeg(angle));
    return rounded === -180 ? 180 : rounded;
  }
}

/**
 * All permitted turns, sorted by segment. Onto the way back a turn leads only where no other does (a dead end), and
 * only if the filter permits it.
 */
export async function makeTurns(
  segments: TurnSegments,
  geometry: TurnGeometry,
  permits: TurnFilter,
  context: TaskContext,
): Promise<TurnColumns> {
  const { segmentCount, reverse, flags, nameIndex, wayIds } = segments;
  const turnFrom = new Growable(Int32Array);
  const turnTo = new Growable(Int32Array);
  const turnOffsets = new Uint32Array(segmentCount + 1);
  await paced(context, { stage: 'Finding turns', total: segmentCount, unit: 'segments' }, (from) => {
    const back = reverse[from];
    for (const to of geometry.successors(from)) if (to !== back && permits(from, to)) turnTo.push(to);
    if (turnTo.length === turnOffsets[from] && back >= 0 && permits(from, back)) turnTo.push(back);
    while (turnFrom.length < turnTo.length) turnFrom.push(from);
    turnOffsets[from + 1] = turnTo.length;
  });
  const turnCount = turnTo.length;
  const turnAngleDeg = new Float32Array(turnCount);
  const turnClass = new Uint8Array(turnCount);
  const turnFlags = new Uint8Array(turnCount);
  await paced(context, { stage: 'Measuring turns', total: turnCount, unit: 'turns' }, (turn) => {
    const from = turnFrom.at(turn);
    const to = turnTo.at(turn);
    const angle = geometry.angleDeg(from, to);
    const sameName = nameIndex[from] !== 0 && nameIndex[from] === nameIndex[to];
    const sameWay = wayIds[from] !== 0 && wayIds[from] === wayIds[to];
    turnAngleDeg[turn] = angle;
    turnClass[turn] = TURN_CLASSES.indexOf(classifyTurn(angle));
    turnFlags[turn] =
      (flags[from] & SEGMENT_FLAGS.signal ? TURN_FLAGS.signal : 0) |
      (sameName || sameWay ? TURN_FLAGS.sameRoad : 0);
  });
  return {
    turnCount,
    turnFrom: turnFrom.toArray(),
    turnTo: turnTo.toArray(),
    turnAngleDeg,
    turnClass,
    turnFlags,
    turnOffsets,
  };
}

/** The class of a signed angle in (−180, 180], right positive. */
export function classifyTurn(angleDeg: number): TurnClass {
  const turned = Math.abs(angleDeg);
  if (turned < 20) return 'straight';
  if (turned > 170) return 'uTurn';
  const right = angleDeg > 0;
  if (turned < 50) return right ? 'slightRight' : 'slightLeft';
  if (turned > 120) return right ? 'sharpRight' : 'sharpLeft';
  return right ? 'right' : 'left';
}
