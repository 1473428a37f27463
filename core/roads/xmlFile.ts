import { SaxesParser } from 'saxes';
import { EtalonError } from '../base/index.ts';
import { MalformedError } from '../tables/malformed.ts';

export type XmlAttributes = Readonly<Record<string, string>>;

export interface XmlVisitor {
  open(name: string, attributes: XmlAttributes): void;
  close?(name: string): void;
}

/** An XML file being parsed piece by piece; its errors name the place that has been reached. */
export class XmlFile {
  readonly #path: string;
  readonly #what: string;
  readonly #parser = new SaxesParser({});
  #depth = 0;

  /**
   * @param what the format, for remedies: "OSM XML"
   * @param root name of the outermost element; another one is an error
   */
  constructor(path: string, what: string, root: string, visitor: XmlVisitor) {
    this.#path = path;
    this.#what = what;
    this.#parser.on('opentag', ({ name, attributes }) => {
      if (this.#depth++ === 0 && name !== root)
        throw this.error(`An <${root}> file begins with <${root}>, this one with <${name}>.`);
      visitor.open(name, attributes as Record<string, string>); // Without namespaces they are plain text.
    });
    this.#parser.on('closetag', ({ name }) => {
      this.#depth--;
      visitor.close?.(name);
    });
    this.#parser.on('error', (error) => {
      throw this.error(`The file is not well-formed XML: ${error.message.replace(/^\d+:\d+: /, '')}`);
    });
  }

  write(text: string): void {
    this.#parser.write(text);
  }

  close(): void {
    this.#parser.close();
  }

  /** A finite number of an element's attribute. Throws `MalformedError`. */
  number(attributes: XmlAttributes, name: string, element: string): number {
    const text = attributes[name];
    const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value)) return value;
    throw this.malformed(
      text === undefined ? `<${element}> has no ${name}` : `<${element}> has ${name}="${text}", not a number`,
    );
  }

  get line(): number {
    return this.#parser.line;
  }

  /** Of the element that is being read. */
  malformed(
    found: string,
    remedy = `Mend the element; check that the file is ${this.#what}.`,
  ): MalformedError {
    return new MalformedError(this.#where, found, { remedy });
  }

  /** Of all that is left of the file. */
  error(message: string): EtalonError {
    const remedy = `Check that the file is whole and is ${this.#what}.`;
    return new EtalonError('input', message, { where: this.#where, remedy });
  }

  get #where(): { file: string; line: number; column: number } {
    return { file: this.#path, line: this.#parser.line, column: this.#parser.column + 1 };
  }
}
