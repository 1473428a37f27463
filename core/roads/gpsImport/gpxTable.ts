import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { EtalonError } from '../../base/index.ts';
import type { OpenedText, TableRecord } from '../../tables/table.ts';
import { readText } from '../../tables/textFile.ts';

const COLUMNS = ['track', 'time', 'latitude', 'longitude'];

/**
 * The track points of a GPX file (topografix.com/GPX/1/1), one record each. A track is named by its `name`, else by
 * its number; further segments of it, and further tracks of that name, are told apart by `#2`, `#3` …. Routes and
 * waypoints are plans, not drives, and are passed over. Throws `input` for what is no GPX.
 */
export function openGpx(path: string): OpenedText {
  let bytesRead = 0;
  const batches = readPoints(path, (bytes) => {
    bytesRead = bytes;
  });
  const close = async () => {
    await batches.return(undefined);
  };
  return { columns: COLUMNS, batches, bytesRead: () => bytesRead, close };
}

async function* readPoints(path: string, onRead: (bytes: number) => void): AsyncGenerator<TableRecord[]> {
  const reader = new PointReader(path);
  for await (const text of readText(path, onRead)) yield reader.write(text);
  yield reader.close();
}

class PointReader {
  readonly #path: string;
  readonly #parser = new SaxesParser({});
  readonly #uses = new Map<string, number>();
  #records: TableRecord[] = [];
  #depth = 0;
  #tracks = 0;
  /** Of the open track. */
  #name = '';
  #trace = '';
  #point:
    | { line: number; latitude: string | undefined; longitude: string | undefined; time: string }
    | undefined;
  /** What the text belongs to. */
  #inside: 'name' | 'time' | undefined;
  #inTrack = false;

  constructor(path: string) {
    this.#path = path;
    this.#parser.on('opentag', (tag) => this.#onOpen(tag));
    this.#parser.on('text', (text) => this.#onText(text));
    this.#parser.on('closetag', (tag) => this.#onClose(tag.name));
    this.#parser.on('error', (error) => {
      throw this.#error(`The file is not well-formed XML: ${error.message.replace(/^\d+:\d+: /, '')}`);
    });
  }

  write(text: string): TableRecord[] {
    this.#parser.write(text);
    return this.#taken();
  }

  close(): TableRecord[] {
    this.#parser.close();
    return this.#taken();
  }

  #taken(): TableRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #onOpen({ name, attributes }: SaxesTagPlain): void {
    const plain = attributes as Record<string, string>; // Without namespaces they are plain text.
    if (this.#depth++ === 0 && name !== 'gpx')
      throw this.#error(`A GPX file begins with <gpx>, this one with <${name}>.`);
    if (name === 'trk') {
      this.#tracks++;
      this.#inTrack = true;
      this.#name = '';
    } else if (name === 'trkseg') this.#trace = this.#uniqueName();
    else if (name === 'trkpt')
      this.#point = {
        line: this.#parser.line,
        latitude: plain.lat,
        longitude: plain.lon,
        time: '',
      };
    else if (name === 'time' && this.#point) this.#inside = 'time';
    else if (name === 'name' && this.#inTrack && !this.#point) this.#inside = 'name';
  }

  #onText(text: string): void {
    if (this.#inside === 'time' && this.#point) this.#point.time += text.trim();
    else if (this.#inside === 'name') this.#name += text.trim();
  }

  #onClose(name: string): void {
    this.#depth--;
    if (name === 'time' || name === 'name') this.#inside = undefined;
    else if (name === 'trk') this.#inTrack = false;
    else if (name === 'trkpt' && this.#point) {
      const { line, time, latitude, longitude } = this.#point;
      this.#records.push(
        latitude === undefined || longitude === undefined
          ? { line, lines: 1, fields: [], broken: `<trkpt> has no ${latitude === undefined ? 'lat' : 'lon'}` }
          : { line, lines: 1, fields: [this.#trace, time, latitude, longitude] },
      );
      this.#point = undefined;
    }
  }

  #uniqueName(): string {
    const name = this.#name || `track ${this.#tracks}`;
    const use = (this.#uses.get(name) ?? 0) + 1;
    this.#uses.set(name, use);
    return use === 1 ? name : `${name}#${use}`;
  }

  #error(message: string): EtalonError {
    return new EtalonError('input', message, {
      where: { file: this.#path, line: this.#parser.line, column: this.#parser.column + 1 },
      remedy: 'Check that the file is whole and is GPX.',
    });
  }
}
