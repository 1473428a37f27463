import { existsSync, statSync } from 'node:fs';
import { EtalonError, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { readLines } from '../../tables/lines.ts';

/** Visits the lines of a text file (plain or gzip, UTF-8) that are not blank. Throws `not-found`, `cancelled`. */
export async function eachLine(
  path: string,
  stage: string,
  context: TaskContext,
  visit: (text: string, line: number) => void,
): Promise<void> {
  if (!existsSync(path))
    throw new EtalonError('not-found', 'There is no such file.', {
      where: { file: path },
      remedy: 'Check the path.',
    });
  const total = statSync(path).size;
  let done = 0;
  for await (const lines of readLines(path, (bytes) => {
    done = bytes;
  })) {
    throwIfCancelled(context.signal);
    for (const { text, line } of lines) visit(text, line);
    context.report({ stage, done: Math.min(done, total), total, unit: 'bytes' });
  }
}
