import type {
  ApiSupersegmentCatalogue,
  ApiSupersegmentDetail,
  ApiSupersegmentQuestion,
  ApiSupersegmentRow,
} from '../../api/supersegments.ts';
import {
  beginStep,
  breathe,
  EtalonError,
  inStep,
  quietly,
  Random,
  type TaskContext,
  throwIfCancelled,
} from '../../base/index.ts';
import type { ProjectStore } from '../../project/index.ts';
import {
  countTraffic,
  coverage,
  coverageByClass,
  type Drives,
  drivesOf,
  ExtendedPaths,
  findTurn,
  freeFlowS,
  PathExtender,
  type RoadNetwork,
  SupersegmentSampler,
  type Supersegments,
  secondOfDay,
  type TrafficCounts,
} from '../../roads/index.ts';
import type { LayerAnswer, MapLayers } from '../layers/mapLayers.ts';
import { bySteps } from '../layers/segmentHistory.ts';
import type { Predictor } from '../predictor.ts';
import { classKm, LAYER_BREAKS } from '../ratios.ts';
import { geometryOf } from '../segments.ts';
import { PathNames } from './names.ts';
import { SegmentMeans } from './segmentMeans.ts';

const HOUR_MINUTES = 60;
const ROWS_AT_A_TIME = 200;
/** Of building a catalogue, as they are reported. */
const STEPS = 4;

/** A catalogue that was asked about, with what all answers of it need. */
interface Built {
  supersegments: Supersegments;
  drives: Drives[];
  rows: ApiSupersegmentRow[];
}

/** What does not depend on the question. */
interface Ground {
  network: RoadNetwork;
  traffic: TrafficCounts;
  names: PathNames;
  extender: PathExtender;
  means: SegmentMeans;
}

/** Answers questions about supersegments. The catalogue asked about last is kept. */
export class SupersegmentReader {
  readonly #store: ProjectStore;
  readonly #predictor: Predictor;
  readonly #layers: MapLayers;
  #ground: Ground | undefined;
  #kept: { key: string; built: Built } | undefined;

  constructor(store: ProjectStore, predictor: Predictor, layers: MapLayers) {
    this.#store = store;
    this.#predictor = predictor;
    this.#layers = layers;
  }

  async catalogue(
    question: ApiSupersegmentQuestion,
    context: TaskContext,
  ): Promise<ApiSupersegmentCatalogue> {
    const { supersegments, rows } = await this.#built(question, context);
    const { network, traffic } = this.#grounds();
    const { times } = coverage(network, traffic, supersegments);
    return {
      rows,
      coverage: coverageByClass(network, traffic, times),
      note: this.#layers.observed().note,
    };
  }

  /** How many supersegments of a catalogue hold each segment, NaN where none does. */
  async coverage(question: ApiSupersegmentQuestion, signal: AbortSignal): Promise<LayerAnswer> {
    const { supersegments, rows } = await this.#built(question, quietly(signal));
    const { network, traffic } = this.#grounds();
    const { times } = coverage(network, traffic, supersegments);
    const values = Float32Array.from(times, (count) => (count > 0 ? count : Number.NaN));
    return {
      values: new Blob([values]),
      breaks: [...LAYER_BREAKS.coverage],
      classKm: classKm(network, values, LAYER_BREAKS.coverage),
      unit: 'supersegments',
      note: `Of ${rows.length.toLocaleString('en')} supersegments.`,
      meanSpeedsKmh: null,
    };
  }

  /** One supersegment at length. Throws `not-found`. */
  async one(
    question: ApiSupersegmentQuestion & { id: number },
    signal: AbortSignal,
  ): Promise<ApiSupersegmentDetail> {
    const { id, ...catalogue } = question;
    const { supersegments, drives, rows } = await this.#built(catalogue, quietly(signal));
    if (!rows[id])
      throw new EtalonError(
        'not-found',
        `There is no supersegment ${id}: the catalogue has ${rows.length}.`,
        {
          remedy: rows.length > 0 ? `Give a number from 0 to ${rows.length - 1}.` : 'Import trips first.',
        },
      );
    const { network, means } = this.#grounds();
    const path = pathOf(supersegments, id);
    const extension = this.#extension(path, question.neighbours);
    return {
      row: rows[id],
      coordinates: lineOf(network, path),
      extended: extension.map(({ segment, turnsAway }) => ({
        turnsAway,
        coordinates: geometryOf(network, segment),
      })),
      byHour: hoursOf(drives[id]),
      meanByHourS: Array.from({ length: 24 }, (_, hour) => sumOf(path, (s) => means.inHour(s, hour))),
    };
  }

  /** The line of every supersegment of a catalogue, in its order. */
  async lines(question: ApiSupersegmentQuestion, signal: AbortSignal): Promise<[number, number][][]> {
    const { supersegments, rows } = await this.#built(question, quietly(signal));
    return rows.map(({ id }) => lineOf(this.#grounds().network, pathOf(supersegments, id)));
  }

  #grounds(): Ground {
    if (this.#ground) return this.#ground;
    const { network, times } = this.#layers.observed();
    this.#ground = {
      network,
      traffic: countTraffic(network, this.#store.readTrips()),
      names: new PathNames(network),
      extender: new PathExtender(network),
      means: new SegmentMeans(network.segmentCount, times),
    };
    return this.#ground;
  }

  async #built(question: ApiSupersegmentQuestion, context: TaskContext): Promise<Built> {
    const key = JSON.stringify(question);
    if (this.#kept?.key === key) return this.#kept.built;
    await beginStep(context, 'Counting traffic', 1, STEPS);
    const { network } = this.#grounds();
    const drawing = await beginStep(context, 'Drawing supersegments', 2, STEPS);
    const supersegments = await this.#supersegments(question, drawing);
    const finding = await beginStep(context, 'Finding drives', 3, STEPS);
    const drives = await drivesOf(network, this.#store.readTrips(), supersegments, finding);
    const rows = await this.#rows(supersegments, drives, question, inStep(context, 4, STEPS));
    const built = { supersegments, drives, rows };
    this.#kept = { key, built };
    return built;
  }

  async #rows(
    supersegments: Supersegments,
    drives: readonly Drives[],
    question: ApiSupersegmentQuestion,
    context: TaskContext,
  ): Promise<ApiSupersegmentRow[]> {
    const rows: ApiSupersegmentRow[] = [];
    for (const [id, driven] of drives.entries()) {
      if (id % ROWS_AT_A_TIME === 0) {
        context.report({
          stage: 'Describing supersegments',
          done: id,
          total: drives.length,
          unit: 'supersegments',
        });
        await breathe();
        throwIfCancelled(context.signal);
      }
      rows.push(this.#row(id, pathOf(supersegments, id), driven, question));
    }
    return rows;
  }

  async #supersegments(
    { runId, count, length, seed }: ApiSupersegmentQuestion,
    context: TaskContext,
  ): Promise<Supersegments> {
    const { network, traffic } = this.#grounds();
    if (runId !== null) {
      const known = await this.#predictor.withTravelModel(
        runId,
        context,
        async (model) => model.supersegments,
      );
      if (known) return known;
      throw new EtalonError(
        'conflict',
        'This run has no catalogue: it learned no embeddings of supersegments.',
        {
          remedy: 'Draw a catalogue, or train with the preset "paper" or supersegmentEmbedding above 0.',
        },
      );
    }
    if (traffic.segments.every((driven) => driven === 0))
      throw new EtalonError(
        'conflict',
        'Supersegments are drawn in proportion to traffic, and there is none.',
        {
          remedy: 'Import or simulate trips first.',
        },
      );
    return new SupersegmentSampler(network, traffic).draw(count, length, new Random(seed));
  }

  #row(
    id: number,
    path: Int32Array,
    { count, seconds }: Drives,
    { neighbours }: ApiSupersegmentQuestion,
  ): ApiSupersegmentRow {
    const { network, traffic, names, means } = this.#grounds();
    const [times] = bySteps(
      seconds.map((s) => ({ minute: 0, seconds: s })),
      HOUR_MINUTES,
    );
    return {
      id,
      name: names.of(path),
      lengthM: sumOf(path, (s) => network.lengthM[s])!,
      segments: path.length,
      extended: this.#extension(path, neighbours).length,
      traversals: sumOf(path, (s) => traffic.segments[s])! / path.length,
      drives: count,
      freeFlowS: sumOf(path, (s) => freeFlowS(network, s))!,
      meanS: sumOf(path, (s) => means.allS[s]),
      medianS: times?.medianS ?? null,
      lowS: times?.lowS ?? null,
      highS: times?.highS ?? null,
    };
  }

  #extension(path: Int32Array, rings: number): { segment: number; turnsAway: number }[] {
    const { network, extender } = this.#grounds();
    const graph = new ExtendedPaths();
    extender.append(graph, path, { start: 0, end: path.length, rings }, (a, b) => findTurn(network, a, b));
    return graph.segments
      .map((segment, node) => ({ segment, turnsAway: graph.turnsAway[node] }))
      .slice(path.length);
  }
}

function pathOf({ offsets, segments }: Supersegments, id: number): Int32Array {
  return segments.subarray(offsets[id], offsets[id + 1]);
}

/** Null where the value of a segment is unknown. */
function sumOf(path: Int32Array, value: (segment: number) => number): number | null {
  let sum = 0;
  for (const segment of path) sum += value(segment);
  return Number.isNaN(sum) ? null : sum;
}

function lineOf(network: RoadNetwork, path: Int32Array): [number, number][] {
  return Array.from(path).flatMap((segment, k) => geometryOf(network, segment).slice(k === 0 ? 0 : 1));
}

function hoursOf({ enteredLocalS, seconds }: Drives): ApiSupersegmentDetail['byHour'] {
  const timed = seconds.map((s, i) => ({ minute: secondOfDay(enteredLocalS[i]) / 60, seconds: s }));
  return bySteps(timed, HOUR_MINUTES).map(({ minute, ...times }) => ({
    hour: Math.floor(minute / HOUR_MINUTES),
    ...times,
  }));
}
