import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProject, openProject, type Project } from '../../core/project/index.ts';

let folder: string;
let path: string;
const children: ChildProcess[] = [];
const openProjects: Project[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-runs-'));
  path = join(folder, 'a.etalon');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const project of openProjects.splice(0)) project.close();
  rmSync(folder, { recursive: true, force: true });
});

function closing(project: Project): Project {
  openProjects.push(project);
  return project;
}

const trainer = fileURLToPath(new URL('./trainer.ts', import.meta.url));

/** A process that creates a run, saves a checkpoint and waits. */
async function startTrainer(): Promise<ChildProcess> {
  const child = fork(trainer, [path], { stdio: 'inherit' });
  children.push(child);
  await once(child, 'message');
  return child;
}

describe('a run', () => {
  it('keeps its settings, figures and order', () => {
    const project = createProject(path);
    const first = project.createRun({ model: 'eta', config: { seed: 1 } });
    const named = project.createRun({ model: 'eta', config: {}, name: 'eta-3', device: 'cpu' });
    const third = project.createRun({ model: 'eta', config: {} });
    expect([first.name, named.name, third.name]).toEqual(['eta-1', 'eta-3', 'eta-4']);
    expect(first).toMatchObject({
      status: 'running',
      finishedAt: null,
      device: null,
      error: null,
      evaluations: [],
    });
    project.updateRun(first.id, {
      status: 'finished',
      finishedAt: '2024-03-04T05:06:07Z',
      seconds: 12.5,
      device: 'webgpu',
    });
    project.updateRun(named.id, { status: 'failed', error: { code: 'device', message: 'Lost.' } });
    project.updateRun(third.id, { name: 'mine' });
    project.close();
    const opened = closing(openProject(path));
    expect(opened.runs()).toMatchObject([
      { id: first.id, status: 'finished', seconds: 12.5, device: 'webgpu', config: { seed: 1 } },
      { id: named.id, status: 'failed', error: { code: 'device', message: 'Lost.' }, device: 'cpu' },
      { id: third.id, status: 'running', name: 'mine' },
    ]);
    opened.updateRun(named.id, { error: null });
    expect(opened.run(named.id).error).toBeNull();
    expect(() => opened.run(99)).toThrow('no run 99');
    expect(() => opened.updateRun(99, { seconds: 1 })).toThrow('no run 99');
  });

  it('has a curve: NaN and infinity included, an epoch gone through again replaced', () => {
    const project = closing(createProject(path));
    const { id } = project.createRun({ model: 'eta', config: {} });
    const points = [
      { epoch: 0, name: 'loss', value: Number.POSITIVE_INFINITY },
      { epoch: 1, name: 'loss', value: 2 },
      { epoch: 1, name: 'valMae', value: Number.NaN },
      { epoch: 1.5, name: 'loss', value: 1 },
    ];
    project.addMetrics(id, points);
    expect(project.metrics(id)).toEqual(points);
    expect(project.metrics(id, 1)).toEqual(points.slice(1));
    project.addMetrics(id, [{ epoch: 1, name: 'loss', value: 3 }]);
    expect(project.metrics(id, 1).map((point) => point.value)).toEqual([3, Number.NaN, 1]);
    expect(() => project.addMetrics(99, points)).toThrow('no run 99');
  });

  it('has evaluations by period, the newest last', () => {
    const project = closing(createProject(path));
    const { id } = project.createRun({ model: 'eta', config: {} });
    const evaluation = (from: string | null, result: unknown) => ({
      from,
      until: null,
      createdAt: '2024-03-04T00:00:00Z',
      result,
    });
    project.addEvaluation(id, evaluation(null, { mae: 1 }));
    project.addEvaluation(id, evaluation('2024-03-01', { mae: 2 }));
    project.addEvaluation(id, evaluation(null, { mae: 3 }));
    expect(project.run(id).evaluations).toEqual([
      { id: expect.any(Number), ...evaluation('2024-03-01', { mae: 2 }) },
      { id: expect.any(Number), ...evaluation(null, { mae: 3 }) },
    ]);
  });

  it('keeps the trips of an evaluation as long as the evaluation', () => {
    const project = closing(createProject(path));
    const { id } = project.createRun({ model: 'eta', config: {} });
    const evaluation = { from: null, until: null, createdAt: '2024-03-04T00:00:00Z', result: {} };
    const count = 1_200_000;
    const column = (add: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i) + add);
    const trips = {
      trip: Uint32Array.from({ length: count }, (_, i) => i + 7),
      localDepartS: Float64Array.from({ length: count }, (_, i) => 1_700_000_000 + i / 3),
      lengthM: column(1),
      freeFlowS: column(2),
      roadClass: Uint8Array.from({ length: count }, (_, i) => i % 9),
      observedS: column(3),
      medianS: column(4),
      low80S: column(5).fill(Number.NaN),
      high80S: column(6).fill(Number.NaN),
    };
    project.addEvaluation(id, evaluation);
    const [without] = project.run(id).evaluations;
    expect(project.evaluationTrips(without.id)).toBeNull();
    project.addEvaluation(id, evaluation, trips);
    const [first] = project.run(id).evaluations;
    expect(project.evaluationTrips(first.id)).toEqual(trips);
    const uneven = { ...trips, medianS: new Float32Array(3) };
    expect(() => project.addEvaluation(id, evaluation, uneven)).toThrow('differ in length');
    expect(project.run(id).evaluations).toEqual([first]);
    project.addEvaluation(id, { ...evaluation, result: { again: true } }, trips);
    expect(project.evaluationTrips(first.id)).toBeNull();
    const bytes = project.info().sizeBytes;
    project.updateRun(id, { status: 'finished' });
    project.deleteRun(id);
    expect(project.info().sizeBytes).toBeLessThan(bytes / 2);
  });

  it('has checkpoints that take the place of the ones before and go with it', () => {
    const project = closing(createProject(path));
    const { id } = project.createRun({ model: 'eta', config: {} });
    expect(project.loadCheckpoint(id, 'latest')).toBeNull();
    const checkpoint = (epoch: number, length: number) => ({
      epoch,
      arrays: {
        parameters: Float32Array.from({ length }, (_, i) => Math.sin(i + epoch)),
        empty: new Float32Array(0),
      },
      json: { step: epoch, nested: [1, 2] },
    });
    project.saveCheckpoint(id, 'latest', checkpoint(1, 3_000_000));
    const bytes = project.info().sizeBytes;
    for (let epoch = 2; epoch < 6; epoch++)
      project.saveCheckpoint(id, 'latest', checkpoint(epoch, 3_000_000));
    project.saveCheckpoint(id, 'best', checkpoint(3, 10));
    expect(project.info().sizeBytes).toBeLessThan(2.2 * bytes);
    expect(project.loadCheckpoint(id, 'best')).toEqual(checkpoint(3, 10));
    const latest = project.loadCheckpoint(id, 'latest')!;
    expect(latest.epoch).toBe(5);
    const expected = checkpoint(5, 3_000_000).arrays.parameters;
    expect(Buffer.compare(Buffer.from(latest.arrays.parameters.buffer), Buffer.from(expected.buffer))).toBe(
      0,
    );
    expect(() => project.deleteRun(id)).toThrow('still going on');
    project.updateRun(id, { status: 'finished' });
    project.deleteRun(id);
    expect(project.runs()).toEqual([]);
    expect(project.info().sizeBytes).toBeLessThan(bytes / 10);
    expect(project.createRun({ model: 'eta', config: {} }).id).toBeGreaterThan(id);
  });
});

describe('the process of a run', () => {
  it('killed leaves the run interrupted, its checkpoint whole, and another process may go on', async () => {
    createProject(path).close();
    const child = await startTrainer();
    const project = closing(openProject(path));
    const [run] = project.runs();
    expect(run.status).toBe('running');
    expect(() => project.deleteRun(run.id)).toThrow('still going on');
    child.kill('SIGKILL');
    await once(child, 'exit');
    // Seen by a connection that was open all the time, by a reader and by the next one to open.
    expect(project.run(run.id).status).toBe('interrupted');
    const reader = closing(openProject(path, { readonly: true }));
    expect(reader.run(run.id).status).toBe('interrupted');
    const next = closing(openProject(path));
    expect(next.run(run.id).status).toBe('interrupted');
    expect(next.loadCheckpoint(run.id, 'latest')).toMatchObject({ epoch: 4, json: { seed: 7 } });
    next.updateRun(run.id, { status: 'running' });
    expect(reader.run(run.id).status).toBe('running');
  });

  it('is not taken for another one with the same number', () => {
    const project = createProject(path);
    const { id } = project.createRun({ model: 'eta', config: {} });
    project.close();
    rewriteOwner((owner) => ({ ...owner, began: 'another boot 12' }));
    const reused = closing(openProject(path));
    expect(reused.run(id).status).toBe('interrupted');
    reused.updateRun(id, { status: 'running' });
    rewriteOwner((owner) => ({ ...owner, host: 'elsewhere' }));
    expect(reused.run(id).status).toBe('interrupted');
  });

  it('may have a thread write while another reads', async () => {
    createProject(path).close();
    const reader = closing(openProject(path, { readonly: true }));
    const writer = closing(openProject(path));
    const { id } = writer.createRun({ model: 'eta', config: {} });
    const worker = new Worker(new URL('./metricsWriter.ts', import.meta.url), {
      workerData: { path, id, points: 400 },
    });
    let ended = false;
    let reads = 0;
    let seen = 0;
    const end = once(worker, 'exit').then(([code]) => {
      ended = true;
      return code;
    });
    while (!ended) {
      const points = reader.metrics(id);
      expect(points.length).toBeGreaterThanOrEqual(seen);
      // Two points are written in one transaction: never one of them alone.
      expect(points.length % 2).toBe(0);
      seen = points.length;
      reads++;
      writer.updateRun(id, { seconds: reads });
      await new Promise(setImmediate);
    }
    expect(await end).toBe(0);
    expect(reads).toBeGreaterThan(5);
    expect(reader.metrics(id)).toHaveLength(800);
    expect(reader.run(id).seconds).toBe(reads);
  });
});

function rewriteOwner(change: (owner: Record<string, unknown>) => Record<string, unknown>): void {
  const db = new Database(path);
  const owner = JSON.parse(db.prepare('SELECT owner FROM run').pluck().get() as string);
  db.prepare('UPDATE run SET owner = ?').run(JSON.stringify(change(owner)));
  db.close();
}
