import { existsSync, statSync } from 'node:fs';
import { EtalonError, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { readText } from '../../tables/textFile.ts';

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
  let line = 0;
  let done = 0;
  let rest = '';
  const take = (text: string): void => {
    line++;
    const trimmed = (line === 1 ? text.replace(/^\uFEFF/, '') : text).trimEnd();
    if (trimmed !== '') visit(trimmed, line);
  };
  for await (const piece of readText(path)) {
    throwIfCancelled(context.signal);
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    for (const text of lines) take(text);
    done += piece.length;
    context.report({ stage, done: Math.min(done, total), total, unit: 'bytes' });
  }
  if (rest !== '') take(rest);
}
