import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sectionOf } from '../support/markdown.ts';

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

describe('a function', () => {
  const rows = [
    ...sectionOf('engine.md', 'A function of one value').matchAll(
      /^\| `(core[^`]+)` \| `([^|]+)` \| (`+) ?(.+?) ?\3 \|$/gm,
    ),
  ].map(([, file, anchor, , line]) => ({ file, anchor, line }));

  it('of which only the name is there is missed in all the other files', () => {
    expect(rows.map(({ file }) => file).slice(0, 2)).toEqual([
      'core/tensor/program.ts',
      'core/tensor/ops.ts',
    ]);
    insertBelow(rows[0]);
    const others = rows.slice(2).map(({ file }) => file);
    const missed = complaints();
    expect(missed.filter((file) => file.startsWith('core/'))).toEqual(others.sort());
    // The list of cases takes the verbs by name: a verb that is missing is missed there.
    expect(missed).toContain('test/support/opCases.ts');
  });

  it('with all its lines passes the tests that are there', () => {
    rows.forEach(insertBelow);
    expect(complaints()).toEqual([]);
    const tests = ['test/tensor/gradients.test.ts', 'test/device/cpu.test.ts', 'test/device/webgpu.test.ts'];
    const { numPassedTests, numFailedTests } = report([...tests, '-t', 'unary: atan']);
    expect(numFailedTests).toBe(0);
    // Its gradient, and the CPU device; WebGPU too where SwiftShader is.
    expect(numPassedTests).toBeGreaterThanOrEqual(2);
  });
});

describe('a kind', () => {
  const fake = {
    file: 'core/tensor/program.ts',
    anchor: 'export type Op =',
    line: "| { kind: 'forgotten' }",
  };

  it('is missed by the type checker in exactly the files that the text lists', () => {
    const listed = [...sectionOf('engine.md', 'Another kind').matchAll(/^ {3}- `([^`]+)`/gm)];
    expect(listed.length).toBeGreaterThan(0);
    insertBelow(fake);
    expect(complaints()).toEqual(listed.map(([, file]) => file).sort());
  });

  it('without a case fails the test of gradients', () => {
    insertBelow(fake);
    insertBelow({ file: 'test/tensor/gradients.test.ts', anchor: 'const KINDS', line: 'forgotten: true,' });
    const { numFailedTests } = report([
      'test/tensor/gradients.test.ts',
      '-t',
      'has a case for every operation',
    ]);
    expect(numFailedTests).toBe(1);
  });
});

function insertBelow({ file, anchor, line }: { file: string; anchor: string; line: string }): void {
  const path = join(copy, file);
  const lines = readFileSync(path, 'utf8').split('\n');
  const found = lines.flatMap((text, i) => (text.includes(anchor) ? [i] : []));
  expect(found, `"${anchor}" in ${file}`).toHaveLength(1);
  lines.splice(found[0] + 1, 0, line);
  writeFileSync(path, lines.join('\n'));
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
