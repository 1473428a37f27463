import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openDevice } from '@etalon/core/device';
import { describe, expect, it } from 'vitest';
import * as losses from '../../core/gnn/losses/index.ts';
import { run } from '../../docs/examples/program.ts';
import { readDoc, sectionOf } from '../support/markdown.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCS = ['engine.md', 'tasks.md'];

/** Blocks of TypeScript, each with the file that it is taken from in its first line. */
const EXCERPTS = DOCS.flatMap((doc) =>
  [...readDoc(doc).matchAll(/^```ts\n(.*)\n([\s\S]*?)^```$/gm)].map(([, first, text]) => ({
    doc,
    first,
    text,
  })),
).filter(({ first }) => !first.includes(', below: ')); // Those add an operation, in a test of their own.

describe.each(EXCERPTS)('$doc, $first', ({ first, text }) => {
  it('is what the file says', () => {
    const file = first.replace(/^\/\/ /, '');
    // Excerpts of a function's body lose its indentation, and a gap is a comment with three dots.
    const plain = (code: string) => code.replace(/^ +/gm, '');
    const source = plain(readFileSync(resolve(ROOT, file), 'utf8'));
    for (const part of plain(text).split(/^\/\/ …\n/m)) expect(source).toContain(part.trimEnd());
  });
});

it('every example is shown or named', () => {
  const text = DOCS.map(readDoc).join('\n');
  for (const file of readdirSync(resolve(ROOT, 'docs/examples'))) expect(text).toContain(`examples/${file}`);
});

it('examples use the public surface alone', () => {
  for (const file of readdirSync(resolve(ROOT, 'docs/examples')))
    for (const [, from] of readFileSync(resolve(ROOT, 'docs/examples', file), 'utf8').matchAll(
      / from '(.+)';/g,
    ))
      expect(from, file).toMatch(/^(@etalon\/core\/\w+|\.\/\w+\.ts)$/);
});

it('names of files are names of files', () => {
  for (const doc of DOCS)
    for (const [, path] of readDoc(doc).matchAll(/`((?:core|test|docs|models)\/[\w./-]+)`/g))
      expect(existsSync(resolve(ROOT, path)), `${path} in ${doc}`).toBe(true);
});

it('every loss stands in the table', () => {
  const section = sectionOf('engine.md', 'Losses');
  for (const name of Object.keys(losses)) expect(section).toContain(`\`${name}`);
});

it('the first program adds what reaches each node', async () => {
  const device = await openDevice('cpu');
  const { y, exact } = await run(device, {
    x: Float32Array.of(1, 2, 3, 10, 20, 30),
    senders: Int32Array.of(0, 1, 1),
    receivers: Int32Array.of(1, 0, 0),
  });
  await device.dispose();
  expect([...y]).toEqual([20, 40, 60, 1, 2, 3]);
  expect([...exact]).toEqual([...y]);
});
