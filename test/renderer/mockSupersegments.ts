import type {
  ApiMapLayer,
  ApiSupersegmentCatalogue,
  ApiSupersegmentDetail,
  ApiSupersegmentQuestion,
  ApiSupersegmentRow,
} from '@etalon/core/api/contract';
import type { MockCity } from './mockCity.ts';

/** Straight walks through the stand-in's city, with figures made up from their numbers. */
export class MockSupersegments {
  readonly #city: MockCity;

  constructor(city: MockCity) {
    this.#city = city;
  }

  catalogue(question: ApiSupersegmentQuestion): ApiSupersegmentCatalogue {
    const times = this.#times(question);
    const whole = {
      roadClass: 'all',
      segments: times.length,
      coveredSegments: times.filter((count) => count > 0).length,
      km: 120,
      coveredKm: 60,
      traversals: 9000,
      coveredTraversals: 8100,
    };
    return {
      rows: Array.from({ length: question.count }, (_, id) => this.#row(id, question)),
      coverage: [{ ...whole, roadClass: 'primary' }, whole],
      note: null,
    };
  }

  coverage(question: ApiSupersegmentQuestion): ApiMapLayer {
    return {
      values: new Blob([this.#times(question)]),
      breaks: [2, 5, 20, 100],
      classKm: [20, 20, 10, 8, 2],
      unit: 'supersegments',
      note: null,
      meanSpeedsKmh: null,
    };
  }

  #times(question: ApiSupersegmentQuestion): Float32Array<ArrayBuffer> {
    const times = new Float32Array(this.#city.segments.length).fill(Number.NaN);
    for (let id = 0; id < question.count; id++)
      for (const s of this.#path(id, question)) times[s] = (Number.isNaN(times[s]) ? 0 : times[s]!) + 1;
    return times;
  }

  one(question: ApiSupersegmentQuestion & { id: number }): ApiSupersegmentDetail {
    const row = this.#row(question.id, question);
    return {
      row,
      coordinates: this.line(question.id, question),
      extended: [],
      byHour: [7, 8, 9].map((hour) => ({
        hour,
        lowS: row.freeFlowS,
        medianS: row.freeFlowS * 1.3,
        highS: row.freeFlowS * 1.8,
        count: 12,
      })),
      meanByHourS: Array.from({ length: 24 }, (_, hour) => row.freeFlowS * (1.1 + (hour % 12) / 40)),
    };
  }

  line(id: number, question: ApiSupersegmentQuestion): [number, number][] {
    return this.#path(id, question).flatMap((s) => this.#city.segments[s]!.coordinates);
  }

  #path(id: number, { length, seed }: ApiSupersegmentQuestion): number[] {
    const path = [(id * 97 + seed) % this.#city.segments.length];
    while (path.length < length) {
      const next = this.#city.leaving[this.#city.segments[path.at(-1)!]!.to]!;
      path.push(next[(id + path.length) % next.length]!);
    }
    return path;
  }

  #row(id: number, question: ApiSupersegmentQuestion): ApiSupersegmentRow {
    const path = this.#path(id, question);
    const freeFlowS = 12 * path.length + (id % 40);
    return {
      id,
      name: [...new Set(path.map((s) => this.#city.segments[s]!.name || 'minor road'))]
        .slice(0, 3)
        .join(' → '),
      lengthM: 140 * path.length,
      segments: path.length,
      extended: 30,
      traversals: 900 - (id % 800),
      drives: id % 30,
      freeFlowS,
      meanS: 1.3 * freeFlowS,
      medianS: 1.25 * freeFlowS,
      lowS: 1.1 * freeFlowS,
      highS: 1.7 * freeFlowS,
    };
  }
}
