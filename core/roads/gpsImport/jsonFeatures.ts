import { EtalonError } from '../../base/index.ts';

/** The text of one feature, and the line that it begins on. */
export interface FeatureText {
  text: string;
  line: number;
}

const [QUOTE, BACKSLASH, NEWLINE] = [0x22, 0x5c, 0x0a];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * Cuts GeoJSON text into its features without reading the file whole: the objects in an array of a top-level object (a
 * FeatureCollection), else every top-level object (a Feature, or one on each line). Braces and quotes alone are looked
 * at; whether a piece is valid JSON is for its reader to say.
 */
export class FeatureCutter {
  readonly #path: string;
  #line = 1;
  #inString = false;
  #escaped = false;
  /** What is open: `{` and `[`. */
  #open: number[] = [];
  #rest = '';
  /** Where in `#rest` the object that is being read begins; −1 between objects. */
  #begin = -1;
  #beginLine = 1;
  #scanned = 0;
  /** The open top-level object is a collection: its features were handed out. */
  #collection = false;
  #found: FeatureText[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  write(piece: string): FeatureText[] {
    this.#rest += piece;
    const text = this.#rest;
    for (let i = this.#scanned; i < text.length; i++) this.#look(text.charCodeAt(i), i);
    // What lies before the object that is being read is not needed again.
    const from = this.#begin < 0 ? text.length : this.#begin;
    this.#rest = text.slice(from);
    this.#scanned = this.#rest.length;
    if (this.#begin >= 0) this.#begin = 0;
    const found = this.#found;
    this.#found = [];
    return found;
  }

  /** Throws `input` when something is still open. */
  close(): void {
    if (this.#open.length > 0 || this.#inString)
      throw this.#error('The file is cut short: something in it is never closed.');
  }

  #look(code: number, i: number): void {
    if (code === NEWLINE) this.#line++;
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (code === BACKSLASH) this.#escaped = true;
      else if (code === QUOTE) this.#inString = false;
      return;
    }
    if (code === QUOTE) this.#inString = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#onOpen(code, i);
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) this.#onClose(code, i);
  }

  #onOpen(code: number, i: number): void {
    const depth = this.#open.length;
    if (depth === 0 && code === OPEN_BRACKET)
      throw this.#error('The file is a JSON list, not GeoJSON features.');
    const inCollection = depth === 2 && this.#open[1] === OPEN_BRACKET && code === OPEN_BRACE;
    if (inCollection) this.#collection = true;
    if (depth === 0) this.#collection = false;
    if (depth === 0 || inCollection) {
      this.#begin = i;
      this.#beginLine = this.#line;
    }
    this.#open.push(code);
  }

  #onClose(code: number, i: number): void {
    const opened = this.#open.pop();
    if (opened === undefined || (opened === OPEN_BRACE) !== (code === CLOSE_BRACE))
      throw this.#error(`The file is not valid JSON: "${String.fromCharCode(code)}" closes nothing.`);
    const depth = this.#open.length;
    if (this.#begin < 0 || !((depth === 2 && this.#collection) || (depth === 0 && !this.#collection))) return;
    if (depth === 2 && this.#open[1] !== OPEN_BRACKET) return;
    this.#found.push({ text: this.#rest.slice(this.#begin, i + 1), line: this.#beginLine });
    this.#begin = -1;
  }

  #error(message: string): EtalonError {
    return new EtalonError('input', message, {
      where: { file: this.#path, line: this.#line },
      remedy: 'Check that the file is whole and is GeoJSON.',
    });
  }
}
