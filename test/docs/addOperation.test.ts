import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { sectionOf } from '../support/markdown.ts';
import { noSwiftShader } from '../support/swiftShader.ts';

/** What docs/engine.md says of adding an operation, done to a copy of the sources: that much is enough, and all of it is needed. */

const ROOT = resolve(import.meta.dirname, '../..');
const CHECKED = '"include": ["core", "test/tensor", "test/support/opCases.ts"],';

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'etalon-operation-'));
  for (const name of ['package.json', 'vitest.config.ts']) cpSync(join(ROOT, name), join(copy, name));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const config = readFileSync(join(ROOT, 'tsconfig.json'), 'utf8');
  writeFileSync(join(copy, 'tsconfig.json'), config.replace(/"include": .*/, CHECKED));
});
beforeEach(() => {
  for (const name of ['core', 'test/support', 'test/tensor', 'test/device']) {
    rmSync(join(copy, name), { recursive: true, force: true });
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const FUNCTION = editsOf('A function of one value');
const KIND = editsOf('Another kind');

it('a function of which only the name is there is missed in all its other files', () => {
  make(FUNCTION[0]);
  expectMissed(FUNCTION.slice(1));
});

it('a kind of which only the name is there is missed in all its other files', () => {
  make(KIND[0]);
  expectMissed(KIND.slice(1));
});

it('a kind without a case fails the test of gradients', () => {
  KIND.filter(({ file }) => file !== 'test/support/opCases.ts').forEach(make);
  const all = report(['test/tensor/gradients.test.ts', '-t', 'has a case for every operation']);
  expect(all).toMatchObject({ numFailedTests: 1, numPassedTests: 0 });
});

it('both, with all that the text says, pass the tests that are there', () => {
  [...FUNCTION, ...KIND].forEach(make);
  expect(complaints()).toEqual([]);
  const tests = ['test/tensor/gradients.test.ts', 'test/device/cpu.test.ts', 'test/device/webgpu.test.ts'];
  const all = report([...tests, '-t', 'unary: atan|reverse: columns|has a case for every operation']);
  expect(all.numFailedTests).toBe(0);
  // That no case is missing, two gradients, two cases on the CPU, and two on WebGPU where SwiftShader is.
  expect(all.numPassedTests).toBeGreaterThanOrEqual(noSwiftShader ? 5 : 7);
});

/** Lines to be put below the line of a file that holds the anchor. */
interface Edit {
  file: string;
  anchor: string;
  lines: string;
}

/** What the blocks of a section of the text say, in order. */
function editsOf(heading: string): Edit[] {
  const blocks = [...sectionOf('engine.md', heading).matchAll(/^```ts\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, text]) => {
    const [, ...parts] = text.split(/^\/\/ (\S+), below: (.+)\n/m);
    return Array.from({ length: parts.length / 3 }, (_, i) => {
      const [file, anchor, lines] = parts.slice(3 * i, 3 * i + 3);
      return { file, anchor, lines: lines.trimEnd() };
    });
  });
}

function make({ file, anchor, lines }: Edit): void {
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8').split('\n');
  const found = source.flatMap((text, i) => (text.includes(anchor) ? [i] : []));
  expect(found, `"${anchor}" in ${file}`).toHaveLength(1);
  source.splice(found[0] + 1, 0, lines);
  writeFileSync(path, source.join('\n'));
}

/**
 * The compiler names each file of these edits in `core`, and no other; a verb that is missing is missed where cases are made
 * of all functions.
 */
function expectMissed(edits: readonly Edit[]): void {
  const inCore = (file: string) => file.startsWith('core/') && file !== 'core/tensor/ops.ts';
  const missed = complaints();
  expect(missed.filter(inCore)).toEqual(
    edits
      .map(({ file }) => file)
      .filter(inCore)
      .sort(),
  );
  expect(missed.some((file) => file.startsWith('test/'))).toBe(true);
}

/** Files of the copy in which the type checker finds something, in order. */
function complaints(): string[] {
  const { stdout } = runNode([join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', copy]);
  const files = [...stdout.matchAll(/^(\S+?)\(\d+,\d+\): error/gm)].map(([, file]) => file);
  return [...new Set(files)].sort();
}

/** What vitest says of tests of the copy. */
function report(args: readonly string[]): {
  numPassedTests: number;
  numFailedTests: number;
} {
  const file = join(copy, 'report.json');
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  runNode([vitest, 'run', ...args, '--reporter=json', `--outputFile=${file}`]);
  return JSON.parse(readFileSync(file, 'utf8'));
}

function runNode(args: readonly string[]) {
  return spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
}
