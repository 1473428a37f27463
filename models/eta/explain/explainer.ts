import type { RouteContributions } from '@etalon/core/api/contract';
import { beginStep, inStep, type TaskContext } from '@etalon/core/base';
import { type Device, type Executable, openDevice } from '@etalon/core/device';
import {
  DAY_S,
  type DepartureReader,
  dayType,
  drivenShare,
  endsAtSignal,
  freeFlowS,
  localDay,
  type RoadNetwork,
  secondOfDay,
  TURN_CLASSES,
  type Way,
} from '@etalon/core/roads';
import { SELDOM } from '../describe.ts';
import { drivenParts } from '../drivenParts.ts';
import { etaNetwork } from '../network.ts';
import type { Traffic, TrafficReader } from '../traffic.ts';
import { LiveInputs } from './liveInputs.ts';
import { observedOn } from './observed.ts';
import {
  describeWay,
  type PathState,
  predictState,
  type StateModel,
  type StatePrediction,
  stateWithoutJunctions,
  withoutJunctions,
} from './states.ts';
import { usualTraffic } from './usualTraffic.ts';

const HOURS = 24;
/** Of an explanation, as they are reported: three here, and the last about other departures and ways. */
export const STEPS = 4;

/** What an explanation says of the way itself; other departures and ways are asked of the planner. */
export type WayExplanation = Omit<RouteContributions, 'leaving' | 'otherWay' | 'depart'>;

interface ExplainerParts extends StateModel {
  network: RoadNetwork;
  known: Traffic;
  clock: DepartureReader;
}

/**
 * Takes a prediction apart. Between free flow and the ETA stand states of the same way, each one step nearer to how things are: the
 * roads at the median hour without junctions, with them, at the hour of the departure, with the traffic of now. Differences of
 * neighbouring states are contributions, of the whole and of each segment; what they are of is added up to the second.
 */
export class EtaExplainer {
  readonly #parts: ExplainerParts;
  readonly #usual: TrafficReader;
  readonly #straight: RoadNetwork;
  readonly #device: Device;
  readonly #forward: Executable;
  readonly #inputs: LiveInputs;

  static async open(parts: ExplainerParts): Promise<EtaExplainer> {
    const device = await openDevice('cpu');
    const { forward } = etaNetwork(parts.trained.shape, parts.settings);
    const inputs = await LiveInputs.compile(device, parts, forward);
    return new EtaExplainer(parts, device, await device.compile(forward), inputs);
  }

  private constructor(parts: ExplainerParts, device: Device, forward: Executable, inputs: LiveInputs) {
    this.#parts = parts;
    this.#usual = usualTraffic(parts.known, parts.trained.shape.nodes);
    this.#straight = withoutJunctions(parts.network);
    this.#device = device;
    this.#forward = forward;
    this.#inputs = inputs;
  }

  /** Throws `cancelled`. */
  async explain(way: Way, localDepartS: number, context: TaskContext): Promise<WayExplanation> {
    const { clock, known, network } = this.#parts;
    await beginStep(context, 'Predicting the way as it is, and with usual traffic', 1, STEPS);
    const moment = clock.fromLocal(localDepartS);
    const now = await this.#predicted(way, await this.#describe(way, known, [moment]));
    const usual = await this.#predicted(way, await this.#describe(way, this.#usual, [moment]));

    await beginStep(context, 'Predicting it at every hour of the day', 2, STEPS);
    const midnightS = localDay(localDepartS) * DAY_S + (secondOfDay(localDepartS) % 3600);
    const moments = Array.from({ length: HOURS }, (_, hour) => clock.fromLocal(midnightS + hour * 3600));
    const day = await predictState(
      this.#parts,
      this.#forward,
      await this.#describe(way, this.#usual, moments),
    );
    const medianHour = medianOf(day.map(({ trip, traversalS }) => drivenS(way, trip.seconds, traversalS)));
    const median = await this.#predicted(way, await this.#describe(way, this.#usual, [moments[medianHour]]));
    const bare = await this.#predicted(way, stateWithoutJunctions(this.#parts, median.state, this.#straight));

    const following = inStep(context, 3, STEPS);
    const liveS = now.etaS - usual.etaS;
    const inputs = await this.#inputs.contributions(way, usual, now, liveS, following);

    const segments = way.segments.map((segment, i) => {
      const freeS = freeFlowS(network, segment) * drivenShare(way, i);
      return {
        segment,
        lengthM: network.lengthM[segment] * drivenShare(way, i),
        freeFlowS: freeS,
        roadS: bare.partS[i] - freeS,
        junctionsS: median.partS[i] - bare.partS[i],
        hourS: usual.partS[i] - median.partS[i],
        liveS: now.partS[i] - usual.partS[i],
        causedS: inputs.causedS[i],
        observed: observedOn(now.state.paths, i),
      };
    });
    const freeS = segments.reduce((sum, { freeFlowS: seconds }) => sum + seconds, 0);
    return {
      etaS: now.etaS,
      usualS: usual.etaS,
      freeFlowS: freeS,
      roadS: bare.etaS - freeS,
      junctionsS: median.etaS - bare.etaS,
      hourS: usual.etaS - median.etaS,
      liveS,
      medianHour,
      inputs: Object.entries(inputs.byGroup).map(([group, seconds]) => ({
        group: group as keyof typeof inputs.byGroup,
        seconds,
      })),
      segments,
      junctions: junctionsOf(network, way, segments),
      ...this.#knowledge(way, localDepartS),
      steps: inputs.steps,
      gapS: inputs.gapS,
    };
  }

  async dispose(): Promise<void> {
    await this.#inputs.dispose();
    await this.#device.dispose();
  }

  #describe(
    way: Way,
    traffic: TrafficReader,
    moments: Parameters<typeof describeWay>[3],
  ): Promise<PathState> {
    return describeWay(this.#parts, { traffic, network: this.#parts.network }, way.segments, moments);
  }

  async #predicted(
    way: Way,
    state: PathState,
  ): Promise<{ state: PathState; prediction: StatePrediction; partS: Float64Array; etaS: number }> {
    const [prediction] = await predictState(this.#parts, this.#forward, state);
    const { share, partS } = drivenParts(way, prediction.trip.seconds, prediction.traversalS);
    return { state, prediction, partS: Float64Array.from(partS), etaS: prediction.trip.seconds * share };
  }

  /** How well training knew the way. */
  #knowledge(way: Way, localDepartS: number): Pick<WayExplanation, 'seldomM' | 'dayTypeSeen'> {
    const { network, trained } = this.#parts;
    const { traversals, dayTypesSeen } = trained.models.full;
    let seldomM = 0;
    way.segments.forEach((segment, i) => {
      if (traversals[segment] < SELDOM) seldomM += network.lengthM[segment] * drivenShare(way, i);
    });
    return { seldomM, dayTypeSeen: dayTypesSeen[dayType(localDepartS)] };
  }
}

function drivenS(way: Way, seconds: number, traversalS: Float32Array): number {
  return seconds * drivenParts(way, seconds, traversalS).share;
}

/** Index of the lower median. */
function medianOf(values: readonly number[]): number {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b] || a - b);
  return order[(order.length - 1) >> 1];
}

/** The signals and turns of a way, the dearest first; the cost of one is that of the segment that ends there. */
function junctionsOf(
  network: RoadNetwork,
  way: Way,
  segments: readonly { lengthM: number; junctionsS: number }[],
): WayExplanation['junctions'] {
  const nameOf = (segment: number | undefined) =>
    segment === undefined ? '' : network.names[network.nameIndex[segment]];
  let atM = 0;
  return way.segments
    .map((segment, i) => {
      atM += segments[i].lengthM;
      const turn = way.turns[i] ?? -1;
      const turnClass = turn < 0 ? null : TURN_CLASSES[network.turnClass[turn]];
      return {
        atM,
        signal: endsAtSignal(network, segment),
        turn: turnClass === 'straight' ? null : turnClass,
        from: nameOf(segment),
        onto: nameOf(way.segments[i + 1]),
        seconds: segments[i].junctionsS,
      };
    })
    .filter(({ signal, turn }) => signal || turn !== null)
    .sort((a, b) => b.seconds - a.seconds);
}
