import { writeFileSync } from 'node:fs';
import { EtalonError } from '@etalon/core/base';

/** Throws `input` where the file cannot be written. */
export function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new EtalonError('input', 'The file cannot be written.', {
      where: { file: path },
      remedy: 'Name a file in a folder that exists and may be written to.',
      cause,
    });
  }
}
