import { EtalonError } from '../../base/index.ts';
import { DepartureReader, type Moment, TIME_REMEDY } from '../../tables/departure.ts';
import { malformedField } from '../../tables/malformed.ts';
import type { Table, TableRecord } from '../../tables/table.ts';
import { quoted } from '../tripImport/tripRow.ts';
import type { ObservationMapping } from './mapping.ts';

/** Says when the rows of a matrix were: by their column of times, or by the first row's and the step. */
export class MatrixTimes {
  readonly #table: Pick<Table, 'path' | 'place'>;
  readonly #column: string | null;
  readonly #at: number;
  readonly #times: DepartureReader;
  readonly #first: Moment | null;
  readonly #stepS: number;

  /** Throws `usage` for a start that is no time. */
  constructor(
    table: Pick<Table, 'path' | 'place' | 'columns'>,
    { time, start, stepS }: Pick<ObservationMapping, 'time' | 'start' | 'stepS'>,
    timeZone: string,
  ) {
    this.#table = table;
    this.#times = new DepartureReader(timeZone);
    this.#column = time;
    this.#at = time === null ? -1 : table.columns.indexOf(time);
    this.#stepS = stepS;
    this.#first = time === null && start !== null ? this.#times.read(start) : null;
    if (time === null && !this.#first)
      throw new EtalonError('usage', `"${start}" is not a date and time.`, {
        where: { field: 'start' },
        remedy: 'Give the time of the first row as YYYY-MM-DDTHH:MM.',
      });
  }

  /**
   * Of the row with this number, from 0. Rows without times of their own follow each other whatever the clocks do. Throws
   * `MalformedError` for a text that is no time.
   */
  of(record: TableRecord, row: number): Moment {
    if (this.#first)
      return row === 0 ? this.#first : this.#times.fromUtc(this.#first.departS + row * this.#stepS);
    const text = record.fields[this.#at];
    const moment = this.#times.read(text);
    if (moment) return moment;
    throw malformedField(
      this.#table,
      record,
      this.#column,
      `${quoted(text)} is no date and time`,
      TIME_REMEDY,
    );
  }
}
