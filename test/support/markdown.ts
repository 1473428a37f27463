import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const DOCS = resolve(import.meta.dirname, '../../docs');

export function readDoc(file: string): string {
  return readFileSync(resolve(DOCS, file), 'utf8');
}

/** The text below a heading of a file in docs, up to the next heading. */
export function sectionOf(file: string, heading: string): string {
  const sections = readDoc(file).split(/^#+ /m);
  const found = sections.filter((section) => section.startsWith(`${heading}\n`));
  if (found.length !== 1) throw new Error(`docs/${file} has ${found.length} sections "${heading}"`);
  return found[0];
}
