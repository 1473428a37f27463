import type {
  ApiDifferenceRange,
  ApiRouteAnswer,
  ApiScenarioEdit,
  ApiScenarioNotice,
  ApiScenarioSummary,
} from '../api/contract.ts';
import { EtalonError, quietly, toEtalonError } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import { BaseTraffic, freeFlowS, noticesOf, type RoadNetwork, Scenario, summarize } from '../roads/index.ts';
import type { OpenEtaModel, OpenScenario } from './model.ts';
import type { Predictor } from './predictor.ts';
import { localSeconds } from './predictor.ts';
import { geometryOf, nameOf } from './segments.ts';

/** Ends of the classes of relative change of travel time between which nothing has changed to speak of. */
const CHANGE_BREAKS = [-0.08, -0.04, -0.01, 0.01, 0.04, 0.08];
/** Scenarios whose hours are kept: the one being edited, and those before its last edits, for undo. */
const KEPT = 8;

type Edits = readonly ApiScenarioEdit[];

interface SpeedsAnswer {
  base: Blob;
  scenario: Blob;
  change: Blob;
  closed: number[];
  edited: number[];
  places: string[][];
  links: { coordinates: [number, number][]; ratio: number }[];
  changeKm: number[];
  notices: ApiScenarioNotice[];
}

interface RouteComparison {
  base: ApiRouteAnswer | null;
  scenario: ApiRouteAnswer | null;
  differenceS: ApiDifferenceRange | null;
  notices: ApiScenarioNotice[];
}

/** Answers what-if questions. Worked-out hours are kept for the scenarios asked about last. */
export class ScenarioReader {
  readonly #store: ProjectStore;
  readonly #predictor: Predictor;
  #traffic: Promise<BaseTraffic> | undefined;
  readonly #scenarios = new Map<string, Scenario>();
  readonly #open = new WeakMap<OpenEtaModel, WeakMap<Scenario, OpenScenario>>();

  constructor(store: ProjectStore, predictor: Predictor) {
    this.#store = store;
    this.#predictor = predictor;
  }

  async summary(edits: Edits, at: string, hours: number, signal: AbortSignal): Promise<ApiScenarioSummary> {
    const scenario = await this.#scenario(edits);
    return summarize(scenario, localSeconds(at), hours, quietly(signal));
  }

  async speeds(runId: number | null, edits: Edits, at: string, signal: AbortSignal): Promise<SpeedsAnswer> {
    const scenario = await this.#scenario(edits);
    const localS = localSeconds(at);
    const hour = await scenario.hourAt(localS, quietly(signal));
    const base = await this.#predictor.ratios(runId, localS, signal);
    const under =
      runId === null
        ? historicalRatios(scenario, base, hour.factors, hour.linkS)
        : await this.#predictor.withTravelModel(runId, quietly(signal), (model) =>
            this.#openScenario(model, scenario).speeds(localS),
          );
    const { base: network, network: edited } = scenario.edited;
    const S = network.segmentCount;
    const change = base.map((ratio, s) => (under[s] === 0 ? Number.NaN : ratio / under[s] - 1));
    return {
      base: blobOf(base),
      scenario: blobOf(under.subarray(0, S)),
      change: blobOf(change),
      closed: [...hour.factors.keys()].filter((s) => s < S && hour.factors[s] === Infinity),
      edited: edits.flatMap((_, i) => scenario.edited.segmentsOf(i).filter((s) => s < S)),
      places: edits.map((_, i) => namesOf(network, scenario.edited.segmentsOf(i))),
      links: Array.from({ length: edited.segmentCount - S }, (_, i) => ({
        coordinates: geometryOf(edited, S + i),
        ratio: under[S + i],
      })),
      changeKm: changeKm(network, change),
      notices: noticesOf(scenario, localS, hour),
    };
  }

  async route(
    question: {
      runId: number;
      edits: Edits;
      from: [number, number];
      to: [number, number];
      depart: string;
    },
    signal: AbortSignal,
  ): Promise<RouteComparison> {
    const { runId, edits, from, to } = question;
    const scenario = await this.#scenario(edits);
    const localS = localSeconds(question.depart);
    const hour = await scenario.hourAt(localS, quietly(signal));
    return this.#predictor.withTravelModel(runId, quietly(signal), async (model) => {
      const under = this.#openScenario(model, scenario);
      const base = await orNull(model.route(from, to, localS));
      const changed = await orNull(under.route(from, to, localS));
      const notices = noticesOf(scenario, localS, hour);
      if (!base || !changed) return { base, scenario: changed, differenceS: null, notices };
      const [low, high] = await under.range(changed.segments, localS);
      const difference = (etaS: number) => etaS - base.etaS;
      return {
        base,
        scenario: changed,
        differenceS: {
          value: difference(changed.etaS),
          low: difference(changed.etaS * low),
          high: difference(changed.etaS * high),
        },
        notices,
      };
    });
  }

  async #scenario(edits: Edits): Promise<Scenario> {
    this.#traffic ??= this.#predictor.history().then((history) => {
      if (history) return new BaseTraffic(this.#store.readRoads(), this.#store.readTrips(), history);
      throw new EtalonError('conflict', 'Scenarios need trips: who drives where is taken from them.', {
        remedy: 'Import or simulate trips first.',
      });
    });
    const traffic = await this.#traffic;
    const key = JSON.stringify(edits);
    const scenario = this.#scenarios.get(key) ?? new Scenario(traffic, edits);
    this.#scenarios.delete(key);
    this.#scenarios.set(key, scenario);
    if (this.#scenarios.size > KEPT) this.#scenarios.delete(this.#scenarios.keys().next().value!);
    return scenario;
  }

  #openScenario(model: OpenEtaModel, scenario: Scenario): OpenScenario {
    const ofModel = this.#open.get(model) ?? new WeakMap<Scenario, OpenScenario>();
    this.#open.set(model, ofModel);
    const open = ofModel.get(scenario) ?? model.scenario(scenario);
    ofModel.set(scenario, open);
    return open;
  }
}

/** The historical profile's ratios under a scenario: its seconds times the scenario's factors. */
function historicalRatios(
  { edited }: Scenario,
  base: Float32Array,
  factors: Float32Array,
  linkS: Float32Array,
): Float32Array {
  const { network } = edited;
  return Float32Array.from({ length: network.segmentCount }, (_, s) => {
    if (factors[s] === Infinity) return 0;
    return s < base.length ? base[s] / factors[s] : freeFlowS(network, s) / linkS[s];
  });
}

function namesOf(network: RoadNetwork, segments: readonly number[]): string[] {
  const known = segments.filter((s) => s < network.segmentCount);
  // Both directions of a road without a name go by the first one's reference.
  const reference = (s: number) => network.refs[network.reverse[s] < 0 ? s : Math.min(s, network.reverse[s])];
  return [...new Set(known.map((s) => nameOf(network, s) || reference(s)))];
}

/** [7] kilometres of each class of change. */
function changeKm(network: RoadNetwork, change: Float32Array): number[] {
  const km = new Array<number>(CHANGE_BREAKS.length + 1).fill(0);
  change.forEach((share, s) => {
    if (Number.isNaN(share)) return;
    const found = CHANGE_BREAKS.findIndex((end) => share < end);
    km[found < 0 ? CHANGE_BREAKS.length : found] += network.lengthM[s] / 1000;
  });
  return km;
}

/** No way is an answer here: a closed street may be the only one. */
async function orNull(route: Promise<ApiRouteAnswer>): Promise<ApiRouteAnswer | null> {
  try {
    return await route;
  } catch (error) {
    if (toEtalonError(error).code !== 'not-found') throw error;
    return null;
  }
}

function blobOf(values: Float32Array): Blob {
  return new Blob([values as Float32Array<ArrayBuffer>]);
}
