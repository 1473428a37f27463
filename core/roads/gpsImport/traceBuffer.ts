import type { GpsPoints } from '../matching/index.ts';
import { KnownTrips } from '../tripImport/knownTrips.ts';

/** The points of one trace in order of time, no two at the same. */
export interface GpsTrace {
  id: string;
  /** Where the trace begins in the file. */
  line: number;
  points: GpsPoints;
  /** Points left out, because another of the same time came before. */
  repeated: number;
  /** The file had them in another order. */
  disordered: boolean;
}

interface OpenTrace {
  line: number;
  timeS: number[];
  lon: number[];
  lat: number[];
  /** Number of the point of the file that it last grew by. */
  grewAt: number;
}

/** So many points are held, some 50 MB. */
const MOST_POINTS = 1_000_000;
/** A trace of so many points is complete: a vehicle's week, not a trip. */
export const MOST_IN_TRACE = 20_000;

/**
 * Gathers points by trace, in whatever order they come. Only when there are more points than it may hold, the traces
 * that have not grown for longest are taken to be complete; of those only hashes are kept.
 */
export class TraceBuffer {
  readonly #most: number;
  readonly #open = new Map<string, OpenTrace>();
  /** Traces that have begun, by name alone. */
  readonly #begun = new KnownTrips();
  readonly #long: GpsTrace[] = [];
  /** Points that are held. */
  held = 0;
  #added = 0;
  /** Traces of which points came after they had been taken to be complete. */
  torn = 0;

  constructor(mostPoints = MOST_POINTS) {
    this.#most = mostPoints;
  }

  add(id: string, timeS: number, lon: number, lat: number, line: number): void {
    let trace = this.#open.get(id);
    if (!trace) {
      trace = { line, timeS: [], lon: [], lat: [], grewAt: 0 };
      // A copy: a text that was cut out of the file's keeps all of the piece that it was cut from.
      this.#open.set(Buffer.from(id).toString(), trace);
      if (!this.#begun.add(id, 0, [])) this.torn++;
    }
    trace.timeS.push(timeS);
    trace.lon.push(lon);
    trace.lat.push(lat);
    trace.grewAt = ++this.#added;
    this.held++;
    if (trace.timeS.length >= MOST_IN_TRACE) this.#long.push(this.#close(id, trace));
  }

  get isFull(): boolean {
    return this.held >= this.#most;
  }

  /** Takes out the traces that have not grown for longest, until half of what may be held is left. */
  *oldest(): Generator<GpsTrace> {
    yield* this.#longOnes();
    const byGrowth = [...this.#open].sort(([, a], [, b]) => a.grewAt - b.grewAt);
    for (const [id, trace] of byGrowth) {
      if (this.held <= this.#most / 2) return;
      yield this.#take(id, trace);
    }
  }

  /** Takes out all traces, in the order in which they began. */
  *rest(): Generator<GpsTrace> {
    yield* this.#longOnes();
    for (const [id, trace] of this.#open) yield this.#take(id, trace);
  }

  *#longOnes(): Generator<GpsTrace> {
    for (const trace of this.#long.splice(0)) {
      this.held -= trace.points.timeS.length + trace.repeated;
      yield trace;
    }
  }

  #take(id: string, trace: OpenTrace): GpsTrace {
    this.held -= trace.timeS.length;
    return this.#close(id, trace);
  }

  #close(id: string, trace: OpenTrace): GpsTrace {
    this.#open.delete(id);
    return { id, line: trace.line, ...ordered(trace) };
  }
}

function ordered({ timeS, lon, lat }: OpenTrace): Pick<GpsTrace, 'points' | 'repeated' | 'disordered'> {
  const order = [...timeS.keys()];
  const disordered = timeS.some((t, i) => i > 0 && t < timeS[i - 1]);
  if (disordered) order.sort((a, b) => timeS[a] - timeS[b] || a - b);
  const kept = order.filter((point, i) => i === 0 || timeS[point] !== timeS[order[i - 1]]);
  return {
    points: {
      timeS: Float64Array.from(kept, (point) => timeS[point]),
      lon: Float64Array.from(kept, (point) => lon[point]),
      lat: Float64Array.from(kept, (point) => lat[point]),
    },
    repeated: order.length - kept.length,
    disordered,
  };
}
