import { EtalonError } from '../base/index.ts';
import { ReportBuilder } from './importReport.ts';
import { MalformedTally } from './malformed.ts';
import type { Table, TableRecord } from './table.ts';

/** Why a row is left out, for a person, and what may be done about it when most rows share the fate. */
export interface DropText {
  description: string;
  remedy: string;
}

export interface RowFault<Reason extends string> {
  reason: Reason;
  /** The column at fault, where it is one. */
  column: string | null;
  detail: string;
}

/** Counts the rows of a table that an import leaves out, by reason, and says what must be said of them. */
export class RowTally<Reason extends string> {
  readonly report = new ReportBuilder();
  readonly malformed: MalformedTally;
  readonly #table: Table;
  readonly #texts: Readonly<Record<Reason, DropText>>;
  readonly #unit: string;
  /** Rows by reason, those apart that may be left out without anything being wrong. */
  readonly #bad = new Map<Reason, { rows: number; line: number; detail: string }>();
  #rows = 0;

  /** `skipMalformed`: rows that cannot be read are left out, too. `unit`: what a row is, for a person. */
  constructor(
    table: Table,
    texts: Readonly<Record<Reason, DropText>>,
    skipMalformed: boolean,
    unit = 'rows',
  ) {
    this.malformed = new MalformedTally(this.report, skipMalformed, unit);
    this.#table = table;
    this.#texts = texts;
    this.#unit = unit;
  }

  /** Lines of records so far. */
  get rows(): number {
    return this.#rows;
  }

  count(record: TableRecord): void {
    this.#rows += record.lines;
  }

  /** Leaves a row out whose contents are at fault. */
  drop(record: TableRecord, { reason, detail }: Pick<RowFault<Reason>, 'reason' | 'detail'>): void {
    const { description } = this.#texts[reason];
    const { line, lines } = record;
    this.report.drop(reason, description, `${this.#table.place(record)}: ${detail}`);
    // A record with line breaks in it has swallowed the rows after it.
    this.report.dropMany(reason, description, lines - 1);
    const bad = this.#bad.get(reason) ?? { rows: 0, line, detail };
    bad.rows += lines;
    this.#bad.set(reason, bad);
  }

  /** Leaves a row out that is not at fault. */
  skip(reason: Reason, example: string): void {
    this.report.drop(reason, this.#texts[reason].description, example);
  }

  /** Throws `input` when more than half of the rows are at fault, naming the commonest reason and its first row. */
  refuseMostlyBad(): void {
    this.malformed.refuseMost(this.#rows);
    const malformed = this.malformed.count;
    const bad = [...this.#bad.values()].reduce((sum, { rows }) => sum + rows, malformed);
    if (bad * 2 <= this.#rows || this.#bad.size === 0) return;
    const [reason, worst] = [...this.#bad].reduce((a, b) => (b[1].rows > a[1].rows ? b : a));
    const { description, remedy } = this.#texts[reason];
    throw new EtalonError(
      'input',
      `${bad} of ${this.#rows} ${this.#unit} cannot be used. ${description}: ${worst.rows} of them, first ${worst.detail}.`,
      { where: { file: this.#table.path, line: worst.line }, remedy },
    );
  }
}
