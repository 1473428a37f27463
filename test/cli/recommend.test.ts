import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { type CliRun, startCli } from '../support/runCli.ts';

const folder = mkdtempSync(join(tmpdir(), 'etalon-recommend-test-'));
const entry = fileURLToPath(new URL('../../cli/etalon.ts', import.meta.url));
const etalon = (...args: string[]): Promise<CliRun> =>
  startCli(args, { configFolder: join(folder, 'config'), entry }).ended;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  project: string;
  run: { name: string };
  metrics: Record<string, number>;
  baselines: Record<string, Record<string, number>>;
  recommendations: {
    user: string;
    items: { item: string; score: number; reasons: Reasons }[];
  }[];
}

interface Reasons {
  score: number;
  alone: number;
  rest: number;
  interactions: { share: number }[];
  neighbours: { share: number }[];
  features: { share: number }[];
}

describe('etalon recommend', () => {
  it('trains, judges, asks and exports on its sample', { timeout: 180_000 }, async () => {
    const [states, lists, onnx] = ['states.csv', 'lists.parquet', 'net.onnx'].map((name) =>
      join(folder, name),
    );
    const run = await etalon(
      ...['recommend', 'walkthrough', '--sample', '--json', '--set', 'epochs=3', '--set', 'width=8'],
      ...['--for', 'user0', '--count', '2', '--all', '-o', lists, '--embeddings', states, '--onnx', onnx],
    );
    expect(run.stderr).toBe('');
    const result = run.events.at(-1) as unknown as Result;
    expect(result.metrics['ndcg@10']).toBeGreaterThan(0);
    expect(Object.keys(result.baselines)).toEqual(['popularity', 'itemKnn', 'bprMf']);
    const [{ user, items }] = result.recommendations;
    expect(user).toBe('user0');
    expect(items).toHaveLength(2);
    for (const { score, reasons } of items) expect(summed(reasons)).toBeCloseTo(score, 4);
    expect(readFileSync(states, 'utf8').split('\n')[1]).toMatch(/^user,user0(,-?[\d.e-]+){8}$/);
    expect(existsSync(lists) && existsSync(onnx)).toBe(true);
    rmSync(join(result.project, '..'), { recursive: true });
  });

  it('says what is missing from a project without interactions', async () => {
    const project = join(folder, 'empty.etalon');
    await etalon('new', project);
    const run = await etalon('recommend', 'walkthrough', project, '--json');
    expect(run.code).toBe(1);
    expect(run.events.at(-1)).toMatchObject({
      code: 'conflict',
      message: 'There are no interactions to learn from.',
      remedy: expect.stringContaining('etalon import interactions'),
    });
  });

  it('refuses a project beside --sample, a system that there is not, and --all without a file', async () => {
    const refused = async (...args: string[]) =>
      (await etalon('recommend', ...args, '--json')).events.at(-1)?.code;
    expect(await refused('walkthrough')).toBe('usage');
    expect(await refused('telepathy', '--sample')).toBe('not-found');
    expect(await refused('walkthrough', '--sample', '--all')).toBe('usage');
  });
});

function summed({ alone, rest, interactions, neighbours, features }: Reasons): number {
  return [...interactions, ...neighbours, ...features].reduce((sum, { share }) => sum + share, alone + rest);
}
