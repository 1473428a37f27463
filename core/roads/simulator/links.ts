import {
  ROAD_CLASSES,
  type RoadClass,
  type RoadNetwork,
  SEGMENT_FLAGS,
  TURN_CLASSES,
  type TurnClass,
} from '../network.ts';

/** What the queue model needs to know of a segment and its turns. `S` segments, `T` turns. */
export interface Links {
  /** [S] m/s that an average driver reaches on the empty road. */
  freeSpeedMs: Float64Array;
  /** [S] vehicles per second that the segment's end lets through. */
  capacityPerS: Float64Array;
  /** [S] vehicles that fit on the segment. */
  storage: Float64Array;
  /** [S] mean wait at the end of the empty road, for the signal or for the right of way. */
  controlDelayS: Float64Array;
  /** [T] seconds that the manoeuvre costs. */
  turnDelayS: Float64Array;
}

/** Saturation flow of a lane, vehicles per second (HCM: about 1,900 an hour, less buses and parking). */
const SATURATION_PER_S = 1500 / 3600;
const JAM_SPACING_M = 7.5;
const CYCLE_S = 75;

/** `lanes` counts where the source does not say. */
const CLASS_RULES: Record<RoadClass, { green: number; drivenShareOfLimit: number; lanes: number }> = {
  motorway: { green: 0.5, drivenShareOfLimit: 1.0, lanes: 2 },
  trunk: { green: 0.56, drivenShareOfLimit: 0.95, lanes: 2 },
  primary: { green: 0.5, drivenShareOfLimit: 0.94, lanes: 1 },
  secondary: { green: 0.44, drivenShareOfLimit: 0.92, lanes: 1 },
  tertiary: { green: 0.36, drivenShareOfLimit: 0.88, lanes: 1 },
  unclassified: { green: 0.3, drivenShareOfLimit: 0.84, lanes: 1 },
  residential: { green: 0.28, drivenShareOfLimit: 0.9, lanes: 1 },
  living_street: { green: 0.26, drivenShareOfLimit: 0.85, lanes: 1 },
  service: { green: 0.26, drivenShareOfLimit: 0.8, lanes: 1 },
};

const TURN_DELAY_S: Record<TurnClass, number> = {
  straight: 0,
  slightLeft: 0.5,
  slightRight: 0.5,
  right: 1.5,
  sharpRight: 2.5,
  left: 4,
  sharpLeft: 5,
  uTurn: 8,
};

export interface LinkOptions {
  /** By road class: multiplies the speed that drivers reach on the empty road, 1 unless told. */
  speedFactors?: readonly number[];
}

/**
 * Capacities and delays of a network's segments by class, lanes and control. Where the source knows no signal at all, signals stand at
 * junctions of main roads.
 */
export function linksOf(network: RoadNetwork, { speedFactors }: LinkOptions = {}): Links {
  const count = network.segmentCount;
  const links: Links = {
    freeSpeedMs: new Float64Array(count),
    capacityPerS: new Float64Array(count),
    storage: new Float64Array(count),
    controlDelayS: new Float64Array(count),
    turnDelayS: Float64Array.from(network.turnClass, (turn) => TURN_DELAY_S[TURN_CLASSES[turn]]),
  };
  const best = bestClassInto(network);
  const signal = signalsOf(network);
  for (let s = 0; s < count; s++) {
    const rules = CLASS_RULES[ROAD_CLASSES[network.roadClass[s]]];
    const lanes = network.lanes[s] || defaultLanes(network, s, rules.lanes);
    const factor = speedFactors?.[network.roadClass[s]] ?? 1;
    links.freeSpeedMs[s] = (network.speedLimitKmh[s] / 3.6) * rules.drivenShareOfLimit * factor;
    links.storage[s] = Math.max(1, (network.lengthM[s] * lanes) / JAM_SPACING_M);
    const control = controlAt(network, s, best[network.toJunction[s]], signal[s] === 1, rules.green);
    links.capacityPerS[s] = lanes * SATURATION_PER_S * control.flowShare;
    links.controlDelayS[s] = control.delayS;
  }
  return links;
}

/** [S] mean seconds on the empty road. */
export function freeSeconds(network: RoadNetwork, links: Links): Float64Array {
  return links.freeSpeedMs.map((speed, s) => network.lengthM[s] / speed + links.controlDelayS[s]);
}

/** Signals by their green share (uniform delay of Webster 1958 at light traffic); otherwise who has the right of way. */
function controlAt(
  network: RoadNetwork,
  s: number,
  best: number,
  isSignal: boolean,
  green: number,
): { flowShare: number; delayS: number } {
  if (isSignal) return { flowShare: green, delayS: (CYCLE_S * (1 - green) ** 2) / 2 / (1 - 0.4 * green) };
  if (ROAD_CLASSES[network.roadClass[s]] === 'motorway') return { flowShare: 0.95, delayS: 0 };
  const below = network.roadClass[s] - best;
  if (below <= 0) return { flowShare: 0.8, delayS: 0.5 };
  return { flowShare: below === 1 ? 0.45 : 0.34, delayS: 2 + 1.2 * Math.min(4, below) };
}

/** A ramp has one lane. */
function defaultLanes(network: RoadNetwork, s: number, ofClass: number): number {
  return network.flags[s] & SEGMENT_FLAGS.link ? 1 : ofClass;
}

/** [S] 1 where a signal stands at the end. */
function signalsOf(network: RoadNetwork): Uint8Array {
  const known = Uint8Array.from(network.flags, (flags) => (flags & SEGMENT_FLAGS.signal ? 1 : 0));
  if (known.includes(1)) return known;
  const [secondary, tertiary] = [ROAD_CLASSES.indexOf('secondary'), ROAD_CLASSES.indexOf('tertiary')];
  const arms = new Uint8Array(network.junctionCount);
  const mainArms = new Uint8Array(network.junctionCount);
  for (let s = 0; s < network.segmentCount; s++) {
    if (network.roadClass[s] <= tertiary) arms[network.toJunction[s]]++;
    if (network.roadClass[s] <= secondary) mainArms[network.toJunction[s]]++;
  }
  return Uint8Array.from(network.toJunction, (j, s) =>
    arms[j] >= 3 && mainArms[j] >= 2 && ROAD_CLASSES[network.roadClass[s]] !== 'motorway' ? 1 : 0,
  );
}

/** [J] the most important class among the segments that end at each junction. */
function bestClassInto(network: RoadNetwork): Uint8Array {
  const best = new Uint8Array(network.junctionCount).fill(255);
  for (let s = 0; s < network.segmentCount; s++) {
    const junction = network.toJunction[s];
    best[junction] = Math.min(best[junction], network.roadClass[s]);
  }
  return best;
}
