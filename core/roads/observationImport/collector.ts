import { basename } from 'node:path';
import { EtalonError } from '../../base/index.ts';
import type { Moment } from '../../tables/departure.ts';
import type { ImportReport } from '../../tables/importReport.ts';
import { RowTally } from '../../tables/rowTally.ts';
import type { Table, TableRecord } from '../../tables/table.ts';
import { type Observation, ObservationColumns, type ObservationSet } from '../observations.ts';
import { OBSERVATION_DROPS, type ObservationDrop } from './observationRow.ts';

/** Observations that are handed on at a time: 2 MB. */
const CHUNK_ROWS = 1 << 16;

/** What is kept of a file of observations, and what is said about the rest. */
export class ObservationCollector {
  readonly tally: RowTally<ObservationDrop>;
  readonly #table: Table;
  readonly #columns = new ObservationColumns();
  readonly #observed: Uint8Array;
  readonly #hand: (observations: ObservationSet) => void;
  #kept = 0;

  constructor(
    table: Table,
    segmentCount: number,
    skipMalformed: boolean,
    hand: (observations: ObservationSet) => void,
  ) {
    this.tally = new RowTally(table, OBSERVATION_DROPS, skipMalformed);
    this.#table = table;
    this.#observed = new Uint8Array(segmentCount);
    this.#hand = hand;
  }

  add(observation: Observation): void {
    this.#kept++;
    this.#observed[observation.segment] = 1;
    this.#columns.push(observation);
    if (this.#columns.count >= CHUNK_ROWS) this.#hand(this.#columns.take());
  }

  noteDoubt(doubt: Moment['doubt'], record: TableRecord): void {
    if (doubt === undefined) return;
    this.tally.report.note(
      doubt === 'gap'
        ? 'Times in the hour that the clocks skip in spring, read on the clock before'
        : 'Times in the hour that the clocks repeat in autumn, taken as the first of both',
      this.#table.place(record),
    );
  }

  finish(): ImportReport {
    this.tally.refuseMostlyBad();
    if (this.#kept === 0)
      throw new EtalonError('input', `${basename(this.#table.path)} has no observations.`, {
        where: { file: this.#table.path },
        remedy: 'It must have speeds over 0.',
      });
    if (this.#columns.count > 0) this.#hand(this.#columns.take());
    const { report, rows } = this.tally;
    report.read.rows = rows;
    report.kept.observations = this.#kept;
    report.kept.segments = this.#observed.reduce((sum, seen) => sum + seen, 0);
    return report.finish(this.#table.path, this.#table.format);
  }
}
