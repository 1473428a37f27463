import { EtalonError } from '../base/index.ts';
import { readText } from './textFile.ts';

const MAX_LINE_CHARACTERS = 1 << 24;

/** A line of a text file, without its break; `line` counts from 1. */
export interface TextLine {
  text: string;
  line: number;
}

/**
 * The lines of a text file (UTF-8, plain or gzip) that are not blank, some thousand at a time. `onRead` is told how many bytes of
 * the file were read. Throws `input` for a line too long to be one, and for a damaged gzip file.
 */
export async function* readLines(
  path: string,
  onRead?: (bytes: number) => void,
): AsyncGenerator<TextLine[], undefined> {
  let line = 0;
  let rest = '';
  for await (const piece of readText(path, onRead)) {
    const texts = (rest + piece).split('\n');
    rest = texts.pop()!;
    const lines: TextLine[] = [];
    for (const text of texts) {
      line++;
      if (text.trim() !== '') lines.push({ text: text.trimEnd(), line });
    }
    if (lines.length > 0) yield lines;
    if (rest.length > MAX_LINE_CHARACTERS)
      throw new EtalonError('input', 'The line is too long to be one object.', {
        where: { file: path, line: line + 1 },
        remedy: 'Write one object a line.',
      });
  }
  if (rest.trim() !== '') yield [{ text: rest.trimEnd(), line: line + 1 }];
}
