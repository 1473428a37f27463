import { basename } from 'node:path';
import { type ErrorLocation, EtalonError } from '../base/index.ts';
import type { ReportBuilder } from './importReport.ts';
import type { Table, TableRecord } from './table.ts';

/*
 * The rule of every import. A line (row, feature, element) that cannot be read is malformed: broken quotes or JSON, another
 * number of fields than the header, a text where a number or a time belongs. It stops the import, and nothing is kept, unless
 * the user chose to leave such rows out; then they are counted in the report. What is read but cannot be used (a road that is
 * not there, a speed that nobody drives, a value that is missing) is never malformed: it is left out and counted. Damage that
 * hides where the next row begins (a file cut short, XML that is not well-formed) always stops the import.
 */

/** Past so many, the rest of the file is not looked at: the columns are other ones, or the file is of another kind. */
const MOST_COUNTED = 1000;
const EXAMPLES = 5;
const MEND = 'Mend the line and import the file again.';

/** One of them. The message says what was found, the place is its file's, line's and, where it is one, column's. */
export class MalformedError extends EtalonError {
  /** For a person: "trips.csv:17". */
  readonly place: string;
  /** Lines that it covers. */
  readonly lines: number;

  constructor(
    where: ErrorLocation & { file: string },
    found: string,
    { remedy = MEND, lines = 1, place = `${basename(where.file)}:${where.line}` } = {},
  ) {
    super('input', `${found[0].toUpperCase()}${found.slice(1)}.`, { where, remedy });
    this.place = place;
    this.lines = lines;
  }

  /** Where and why, on one line. */
  get example(): string {
    const { field } = this.where ?? {};
    return `${this.place}: ${field ? `${field}: ` : ''}${this.message.replace(/\.$/, '')}`;
  }
}

/** A field of a table that does not hold what its column does. */
export function malformedField(
  table: Pick<Table, 'path' | 'place'>,
  record: TableRecord,
  column: string | null,
  found: string,
  remedy: string,
): MalformedError {
  const { line, lines } = record;
  const where = { file: table.path, line, ...(column !== null && { field: column }) };
  return new MalformedError(where, found, { remedy, lines, place: table.place(record) });
}

/** Throws {@link MalformedError} for a record that is broken, or has another number of fields than the table has columns. */
export function assertReadable(table: Pick<Table, 'path' | 'place' | 'columns'>, record: TableRecord): void {
  const { broken, fields, line, lines, column } = record;
  if (broken === undefined && fields.length === table.columns.length) return;
  const found =
    broken ??
    `the row has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'} instead of ${table.columns.length}`;
  throw new MalformedError({ file: table.path, line, ...(column !== undefined && { column }) }, found, {
    remedy:
      broken === undefined
        ? 'Mend the line: every row needs as many fields as the header; a field that holds a separator belongs in quotes.'
        : MEND,
    lines,
    place: table.place(record),
  });
}

/** What becomes of the malformed rows of one import. */
export class MalformedTally {
  readonly #skip: boolean;
  readonly #report: ReportBuilder;
  readonly #unit: string;
  readonly #examples: string[] = [];
  #first: MalformedError | undefined;
  #count = 0;

  /** `skip`: the user chose to leave such rows out. `unit`: what they are, for a person. */
  constructor(report: ReportBuilder, skip: boolean, unit = 'rows') {
    this.#report = report;
    this.#skip = skip;
    this.#unit = unit;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether the import has failed: what follows is read only to say how many more rows are malformed. */
  get failed(): boolean {
    return !this.#skip && this.#first !== undefined;
  }

  /** What `read` makes of a row, or undefined for a malformed one. Throws once there are too many to go on. */
  read<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.#take(error);
      return undefined;
    }
  }

  /** Whether `read` could read its row. */
  accepts(read: () => void): boolean {
    return (
      this.read(() => {
        read();
        return true;
      }) === true
    );
  }

  /** Throws `input` where the import has failed; asked once all of a file was looked at. */
  stopIfFailed(): void {
    if (this.failed) throw this.#failure(false);
  }

  /** Throws `input` when more than half of what was read was left out. */
  refuseMost(read: number): void {
    if (this.#count * 2 <= read) return;
    const { message, where, remedy } = this.#first!;
    throw new EtalonError(
      'input',
      `${this.#count} of ${read} ${this.#unit} cannot be read. ${message} Nothing was imported.`,
      { ...(where && { where }), ...(remedy && { remedy }) },
    );
  }

  #take(error: MalformedError): void {
    this.#count += error.lines;
    if (this.#examples.length < EXAMPLES) this.#examples.push(error.example);
    this.#first ??= error;
    if (this.#skip) {
      const description = `Malformed ${this.#unit}, which cannot be read, left out as chosen`;
      this.#report.drop('malformed', description, error.example);
      this.#report.dropMany('malformed', description, error.lines - 1);
    } else if (this.#count >= MOST_COUNTED) throw this.#failure(true);
  }

  #failure(atLeast: boolean): EtalonError {
    const { code, message, where, remedy } = this.#first!;
    const more = this.#count - this.#first!.lines;
    const unit = more === 1 ? this.#unit.replace(/s$/, '') : this.#unit;
    const others =
      more > 0 ? ` ${atLeast ? 'At least ' : ''}${more} more ${unit} cannot be read, either.` : '';
    return new EtalonError(code, `${message}${others} Nothing was imported.`, {
      ...(where && { where }),
      ...(remedy && { remedy }),
      malformed: { count: this.#count, atLeast, examples: this.#examples },
    });
  }
}
