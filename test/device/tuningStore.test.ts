import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tuningFile } from '../../core/device/webgpu/tuning/store.ts';

describe('the file of measured kernels', () => {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-tuning-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'new', 'gpu-tuning.json');

  it('keeps what was found by adapter, and adds to it', () => {
    const store = tuningFile(path);
    expect(store.load('one')).toEqual({});
    store.save('one', { a: 'x' });
    store.save('two', { a: 'y' });
    store.save('one', { b: 'z' });
    expect(tuningFile(path).load('one')).toEqual({ a: 'x', b: 'z' });
    expect(tuningFile(path).load('two')).toEqual({ a: 'y' });
  });

  it('counts as empty when it is of another version or damaged', () => {
    const file = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...file, version: file.version + 1 }));
    expect(tuningFile(path).load('one')).toEqual({});
    writeFileSync(path, '{"version"');
    expect(tuningFile(path).load('one')).toEqual({});
  });
});
