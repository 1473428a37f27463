import { EtalonError } from '../../base/index.ts';
import type { TableRecord } from '../tables/table.ts';
import { DepartureReader, type Moment } from '../tripImport/departure.ts';
import { quoted } from '../tripImport/tripRow.ts';
import type { ObservationMapping } from './mapping.ts';
import type { ObservationProblem } from './observationRow.ts';

/** Says when the rows of a matrix were: by their column of times, or by the first row's and the step. */
export class MatrixTimes {
  readonly #column: string | null;
  readonly #at: number;
  readonly #times: DepartureReader;
  readonly #first: Moment | null;
  readonly #stepS: number;

  /** Throws `usage` for a start that is no time. */
  constructor(
    columns: readonly string[],
    { time, start, stepS }: Pick<ObservationMapping, 'time' | 'start' | 'stepS'>,
    timeZone: string,
  ) {
    this.#times = new DepartureReader(timeZone);
    this.#column = time;
    this.#at = time === null ? -1 : columns.indexOf(time);
    this.#stepS = stepS;
    this.#first = time === null && start !== null ? this.#times.read(start) : null;
    if (time === null && !this.#first)
      throw new EtalonError('usage', `"${start}" is not a date and time.`, {
        where: { field: 'start' },
        remedy: 'Give the time of the first row as YYYY-MM-DDTHH:MM.',
      });
  }

  /** Of the row with this number, from 0. Rows without times of their own follow each other whatever the clocks do. */
  of({ fields }: TableRecord, row: number): Moment | ObservationProblem {
    if (this.#first)
      return row === 0 ? this.#first : this.#times.fromUtc(this.#first.departS + row * this.#stepS);
    return (
      this.#times.read(fields[this.#at]) ?? {
        reason: 'unreadable-time',
        column: this.#column,
        detail: quoted(fields[this.#at]),
      }
    );
  }
}
