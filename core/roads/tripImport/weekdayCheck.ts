import { weekday } from '../trips.ts';

const DAY_NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const EXAMPLES = 3;

/**
 * Compares a file's weekday column with the dates: a wrong year shows there. Files count Monday = 0, Sunday = 0,
 * Monday = 1 or Sunday = 1, which is found from the values, or name the days in English.
 */
export class WeekdayCheck {
  /** The column, where there is one. */
  readonly column: string | undefined;
  readonly #at: number;
  /** By (stated number − weekday of the date) mod 7: rows and the lines of the first of them. */
  readonly #byShift = Array.from({ length: 7 }, () => ({ rows: 0, lines: [] as number[] }));
  #hasZero = false;
  #hasSeven = false;
  #named = false;

  constructor(columns: readonly string[]) {
    this.#at = columns.findIndex((name) => /^(week_?day|day_?of_?week|dow)$/i.test(name.trim()));
    this.column = columns[this.#at];
  }

  add(fields: readonly string[], localDepartS: number, line: number): void {
    const text = fields[this.#at]?.trim().toLowerCase();
    if (!text) return;
    const name = DAY_NAMES.findIndex((prefix) => text.startsWith(prefix));
    const stated = name >= 0 ? name : Number(text);
    if (!Number.isInteger(stated) || stated < 0 || stated > 7) return;
    if (name >= 0) this.#named = true;
    else if (stated === 0) this.#hasZero = true;
    else if (stated === 7) this.#hasSeven = true;
    const shift = this.#byShift[(stated - weekday(localDepartS) + 7) % 7];
    shift.rows++;
    if (shift.lines.length < EXAMPLES) shift.lines.push(line);
  }

  /** What a user should know, or null. */
  note(): string | null {
    const rows = this.#byShift.reduce((sum, shift) => sum + shift.rows, 0);
    const convention = this.#conventions().reduce((best, shift) =>
      this.#byShift[shift].rows > this.#byShift[best].rows ? shift : best,
    );
    const others = this.#byShift.filter((_, shift) => shift !== convention);
    const mismatches = others.reduce((sum, shift) => sum + shift.rows, 0);
    if (mismatches === 0) return null;
    const lines = others.flatMap((shift) => shift.lines).sort((a, b) => a - b);
    return (
      `The weekday given differs from that of the date in ${mismatches} of ${rows} rows ` +
      `(line ${lines.slice(0, EXAMPLES).join(', ')}${mismatches > EXAMPLES ? ', …' : ''}): check the year and the time zone`
    );
  }

  /** Shifts that some way of counting gives. */
  #conventions(): number[] {
    if (this.#named) return [0];
    if (this.#hasZero) return [0, 1];
    return this.#hasSeven ? [1, 2] : [0, 1, 2];
  }
}
