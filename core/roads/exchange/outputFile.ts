import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync, type WriteStream } from 'node:fs';
import { EtalonError } from '../../base/index.ts';

/** A text file being written: nothing stands at its path before it is whole. */
export class OutputFile {
  readonly path: string;
  bytes = 0;
  readonly #partial: string;
  readonly #stream: WriteStream;
  #held: string[] = [];
  #heldLength = 0;

  static async open(path: string): Promise<OutputFile> {
    const partial = `${path}.part`;
    const stream = createWriteStream(partial);
    try {
      await once(stream, 'open');
    } catch (cause) {
      throw new EtalonError(
        'input',
        `The file cannot be written here (${(cause as NodeJS.ErrnoException).code}).`,
        {
          where: { file: path },
          remedy: 'Choose a folder that exists and that you may write to.',
          cause,
        },
      );
    }
    return new OutputFile(path, partial, stream);
  }

  private constructor(path: string, partial: string, stream: WriteStream) {
    this.path = path;
    this.#partial = partial;
    this.#stream = stream;
  }

  async line(text: string): Promise<void> {
    this.#held.push(text, '\n');
    this.#heldLength += text.length + 1;
    if (this.#heldLength > 1 << 16) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    this.#stream.end();
    await once(this.#stream, 'close');
    renameSync(this.#partial, this.path);
  }

  async discard(): Promise<void> {
    this.#stream.destroy();
    if (!this.#stream.closed) await once(this.#stream, 'close');
    rmSync(this.#partial, { force: true });
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#held.join(''));
    this.#held = [];
    this.#heldLength = 0;
    this.bytes += bytes.length;
    if (!this.#stream.write(bytes)) await once(this.#stream, 'drain');
  }
}

/** Writes a file by what `write` does with it; where that fails or is cancelled, no file is left. Returns its bytes. */
export async function writeFile(path: string, write: (file: OutputFile) => Promise<void>): Promise<number> {
  const file = await OutputFile.open(path);
  try {
    await write(file);
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
  return file.bytes;
}
