import type { TableRecord } from './table.ts';

/** A quoted field longer than this is one whose quote is never closed: to look on would take the memory of the whole file. */
const MAX_FIELD_CHARACTERS = 1 << 24;

/**
 * Cuts CSV text by RFC 4180 into records, piece by piece; blank lines do not count. A quote inside a field that does not begin
 * with one is part of it. After wrong quotes, reading goes on with the next line: one broken line never takes others along.
 */
export class CsvRows {
  readonly #delimiter: string;
  readonly #lineBreak: string;
  /** Text from the first record that has not been read yet. */
  #text = '';
  /** Line that it begins on. */
  #line = 1;
  #records: TableRecord[] = [];

  constructor(delimiter: string, lineBreak: string) {
    this.#delimiter = delimiter;
    this.#lineBreak = lineBreak;
  }

  /** The records that end in `piece`. */
  write(piece: string): TableRecord[] {
    return this.#cut(this.#text + piece, false);
  }

  /** What is left once the file has ended. */
  end(): TableRecord[] {
    return this.#cut(this.#text, true);
  }

  #cut(text: string, final: boolean): TableRecord[] {
    let begin = 0;
    let quote = text.indexOf('"');
    while (begin < text.length) {
      const lineEnd = this.#lineEnd(text, begin, final);
      if (lineEnd < 0) break;
      if (quote >= 0 && quote < begin) quote = text.indexOf('"', begin);
      const plain = quote < 0 || quote >= lineEnd;
      const next = plain ? this.#plain(text, begin, lineEnd) : this.#quoted(text, begin, lineEnd, final);
      if (next < 0) break;
      begin = next;
    }
    this.#text = text.slice(begin);
    const records = this.#records;
    this.#records = [];
    return records;
  }

  /** Where the line that begins at `begin` ends, or −1 where that is not known yet. */
  #lineEnd(text: string, begin: number, final: boolean): number {
    const end = text.indexOf(this.#lineBreak, begin);
    return end < 0 && final ? text.length : end;
  }

  /** Reads a line without quotes; returns where the next one begins. */
  #plain(text: string, begin: number, lineEnd: number): number {
    const end = withoutReturn(text, begin, lineEnd);
    if (end > begin) this.#push(text.slice(begin, end).split(this.#delimiter), 1);
    this.#line++;
    return lineEnd + 1;
  }

  /** Reads a record with quotes in its first line; returns where the next one begins, or −1 where it may end further on. */
  #quoted(text: string, begin: number, lineEnd: number, final: boolean): number {
    const fields: string[] = [];
    let lines = 1;
    let at = begin;
    for (let end = lineEnd; ; ) {
      if (text[at] === '"') {
        const close = closingQuote(text, at);
        if (close < 0) {
          if (!final && text.length - at < MAX_FIELD_CHARACTERS) return -1;
          return this.#broken('a quote is never closed', at, begin, lineEnd);
        }
        const field = text.slice(at + 1, close);
        fields.push(field.includes('"') ? field.replaceAll('""', '"') : field);
        lines += breaksIn(field, this.#lineBreak);
        at = close + 1;
        end = this.#lineEnd(text, at, final);
        if (end < 0) return -1;
      } else {
        const delimiter = text.indexOf(this.#delimiter, at);
        const stop = delimiter < 0 || delimiter > end ? withoutReturn(text, at, end) : delimiter;
        fields.push(text.slice(at, stop));
        at = stop;
      }
      if (at === end || at === withoutReturn(text, begin, end)) {
        this.#push(fields, lines);
        this.#line += lines;
        return end + 1;
      }
      if (text[at] !== this.#delimiter)
        return this.#broken('a quote closes in the middle of a field', at, begin, lineEnd);
      at++;
    }
  }

  #push(fields: string[], lines: number): void {
    this.#records.push({ line: this.#line, lines, fields });
  }

  /** Gives the record up at `at`, and with it its first line alone. */
  #broken(broken: string, at: number, begin: number, lineEnd: number): number {
    const column = at <= lineEnd ? { column: at - begin + 1 } : {};
    this.#records.push({ line: this.#line++, lines: 1, fields: [], broken, ...column });
    return lineEnd + 1;
  }
}

/** Of the quote that closes the field which opens at `at`: two in a row are one of its text. −1 for none. */
function closingQuote(text: string, at: number): number {
  let close = text.indexOf('"', at + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  return close;
}

/** The end of a line whose line break is CR LF lies before both. */
function withoutReturn(text: string, begin: number, lineEnd: number): number {
  return lineEnd > begin && text[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd;
}

function breaksIn(text: string, lineBreak: string): number {
  let count = 0;
  for (let at = text.indexOf(lineBreak); at >= 0; at = text.indexOf(lineBreak, at + 1)) count++;
  return count;
}
