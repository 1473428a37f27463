import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../../../core/base/index.ts';
import { concreteShape, isKind } from '../../../core/tensor/index.ts';
import { type BenchCase, benchCase, MODELS, type Model, SIZES, type Size, WIDTHS } from './cases.ts';
import { Contestant } from './contestant.ts';
import { median } from './median.ts';
import { writePeerFiles } from './peerFiles.ts';

/**
 * Training steps of the engine beside PyTorch's, in turns: `npm run bench:engine`. Every case first checks that both
 * compute the same loss from the same weights. Exit code 1 where a target is missed. Options: --models, --sizes, --widths
 * (lists with commas), --rounds, --threads, --device cpu | webgpu | auto, --python, --cuda (the peer on the GPU).
 */
const TARGETS: Record<string, number> = {
  'graphNetwork plain': 0.55,
  'graphNetwork split': 0.85,
  'gcn plain': 0.9,
  'gat plain': 0.9,
  'sage plain': 0.9,
  'edgeGnn plain': 0.9,
};
const SEED = 1;
const WARM_UP = 3;
/** Milliseconds that a turn should take. */
const TURN_MS = 400;
/** OpenBLAS finds the fastest kernels of this processor by itself; the check of the first loss sees whether they are right. */
const OWN_KERNELS = { OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined };
/** Allocations kept by the process instead of being given back to the system after each step. */
const TUNED_MALLOC = {
  MALLOC_TOP_PAD_: String(256 * 2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(8 * 2 ** 30),
  MALLOC_MMAP_THRESHOLD_: String(2 ** 30),
};
const ours = join(import.meta.dirname, 'ours.ts');
const peer = join(import.meta.dirname, '../peers/torch_step.py');

const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: MODELS.join(',') },
    sizes: { type: 'string', default: 'small' },
    widths: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '9' },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    device: { type: 'string', default: 'cpu' },
    python: { type: 'string', default: '/usr/bin/python3' },
    cuda: { type: 'boolean', default: false },
    compile: { type: 'boolean', default: false },
  },
});

interface Row {
  model: Model;
  size: string;
  hidden: number;
  contestant: string;
  medianMs: number;
  /** Of the engine's time to this contestant's, median over rounds. */
  ratio: number | null;
  target: number | null;
  peakMb: number;
  gflops: number;
  /** Of the products' operations, at the speed of one large product. */
  roofline: number | null;
}

const has = (module: string) => spawnSync(options.python, ['-c', `import ${module}`]).status === 0;
const hasTorch = has('torch');
const hasPyg = hasTorch && has('torch_geometric');
if (!hasTorch) console.log(`No PyTorch for ${options.python}: the engine runs alone.`);
else if (!hasPyg) console.log('torch_geometric is not installed: left out.');

const rows: Row[] = [];
for (const model of chosen(options.models, MODELS))
  for (const sizeName of chosen(
    options.sizes,
    SIZES.map(({ name }) => name),
  ))
    for (const hidden of chosen(options.widths, WIDTHS.map(String)).map(Number)) {
      const size = SIZES.find(({ name }) => name === sizeName)!;
      const needed = peakBytes(model, size, hidden);
      if (needed > 0.4 * totalmem()) {
        console.log(
          `${model} ${size.name} ${hidden}: left out, needs about ${(needed / 1e9).toFixed(0)} GB.`,
        );
        continue;
      }
      const measured = await measure(model, size, hidden);
      measured.forEach(print);
      rows.push(...measured);
    }
const missed = rows.filter(({ ratio, target }) => ratio !== null && target !== null && ratio > target);
console.log(missed.length === 0 ? 'No target is missed.' : `${missed.length} targets are missed.`);
process.exitCode = missed.length === 0 ? 0 : 1;

async function measure(model: Model, size: Size, hidden: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-engine-'));
  const contestants: Contestant[] = [];
  try {
    const bench = benchCase(model, size, hidden, new Random(SEED));
    if (hasTorch) writePeerFiles(folder, model, hidden, bench);
    contestants.push(...(await load(folder, model, size, hidden)));
    const steps = await warmUp(contestants);
    const times = contestants.map(() => [] as number[]);
    const perRound = contestants.map(() => [] as number[]);
    for (let round = 0; round < Number(options.rounds); round++)
      for (let turn = 0; turn < contestants.length; turn++) {
        const at = (round + turn) % contestants.length;
        const { ms } = await contestants[at].ask<{ ms: number[] }>({ op: 'run', steps: steps[at] });
        times[at].push(...ms);
        perRound[at].push(median(ms));
      }
    const { gflops: peak } = await contestants[0].ask<{ gflops: number }>({ op: 'peak' });
    const work = productFlops(bench);
    const found: Row[] = [];
    for (const [i, contestant] of contestants.entries()) {
      const medianMs = median(times[i]);
      const { peakMb } = await contestant.ask<{ peakMb: number }>({ op: 'memory' });
      const gflops = work / medianMs / 1e6;
      found.push({
        model,
        size: size.name,
        hidden,
        contestant: contestant.name,
        medianMs,
        ratio: i === 0 ? null : median(perRound[0].map((ms, round) => ms / perRound[i][round])),
        target:
          size.name === 'small' && hidden === 64 && options.device === 'cpu' && !options.cuda
            ? (TARGETS[`${model} ${contestant.name}`] ?? null)
            : null,
        peakMb,
        gflops,
        roofline: i === 0 ? gflops / peak : null,
      });
    }
    return found;
  } finally {
    for (const contestant of contestants) contestant.end();
    rmSync(folder, { recursive: true });
  }
}

/** The engine first, then its peers; all have loaded the same case. */
async function load(folder: string, model: Model, size: Size, hidden: number): Promise<Contestant[]> {
  const threads = Number(options.threads);
  const engine = new Contestant('engine', process.execPath, [ours]);
  await engine.ask({ op: 'load', model, size, hidden, seed: SEED, threads, device: options.device });
  const variants = [
    'plain',
    ...(model === 'graphNetwork' ? ['split'] : []),
    ...(hasPyg && ['gcn', 'gat', 'sage'].includes(model) ? ['pyg'] : []),
  ];
  const peers: Contestant[] = [];
  for (const variant of hasTorch ? variants : []) {
    const contestant = new Contestant(variant, options.python, [peer], {
      ...OWN_KERNELS,
      ...(variant === 'split' && TUNED_MALLOC),
    });
    const device = options.cuda ? 'cuda' : 'cpu';
    await contestant.ask({ op: 'load', folder, model, variant, threads, device, compile: options.compile });
    peers.push(contestant);
  }
  return [engine, ...peers];
}

/** Checks that all start from the same loss, and returns how many steps make a turn for each. */
async function warmUp(contestants: readonly Contestant[]): Promise<number[]> {
  const steps: number[] = [];
  let expected = Number.NaN;
  for (const contestant of contestants) {
    const { ms, loss } = await contestant.ask<{ ms: number[]; loss: number }>({ op: 'run', steps: WARM_UP });
    if (contestant.name === 'engine') expected = loss;
    else if (contestant.name !== 'pyg' && !(Math.abs(loss / expected - 1) < 1e-4))
      throw new Error(`${contestant.name} starts from the loss ${loss}, the engine from ${expected}`);
    steps.push(Math.max(1, Math.round(TURN_MS / ms.at(-1)!)));
  }
  return steps;
}

/** Multiplications and additions of all products of a step, as the engine's program has them. */
function productFlops({ program, graph }: BenchCase): number {
  const sizes = new Map([
    ['nodes', graph.nodeCount],
    ['edges', graph.edgeCount],
    ['graphs', graph.graphCount],
  ]);
  return program.nodes.reduce((total, node) => {
    if (!isKind(node, 'matmul')) return total;
    const [rows, columns] = concreteShape(node.shape, sizes);
    const a = concreteShape(program.nodes[node.inputs[0]].shape, sizes);
    return total + 2 * rows * columns * a[node.op.transposeA ? 0 : 1];
  }, 0);
}

/** About what a step holds at once: a few states for each edge and node in every layer. */
function peakBytes(model: Model, { graphs, nodes, edges }: Size, hidden: number): number {
  const perEdge = model === 'graphNetwork' ? 24 : model === 'gat' ? 6 : 2;
  return 4 * hidden * graphs * (edges * perEdge + nodes * 12);
}

function chosen<T extends string>(list: string, known: readonly T[]): T[] {
  return list.split(',').map((name) => {
    const found = known.find((one) => one === name);
    if (found === undefined) throw new Error(`"${name}" is none of ${known.join(', ')}`);
    return found;
  });
}

function print({
  model,
  size,
  hidden,
  contestant,
  medianMs,
  ratio,
  target,
  peakMb,
  gflops,
  roofline,
}: Row): void {
  const columns = [
    model.padEnd(13),
    size.padEnd(7),
    String(hidden).padStart(4),
    contestant.padEnd(7),
    `${medianMs.toFixed(2).padStart(9)} ms`,
    ratio === null ? '          ' : `ratio ${ratio.toFixed(2)}`,
    target === null ? '        ' : `(≤ ${target})`.padEnd(8),
    `${peakMb.toFixed(0).padStart(6)} MB`,
    `${gflops.toFixed(1).padStart(7)} GFLOP/s`,
    roofline === null ? '' : `${(100 * roofline).toFixed(0)} % of a large product`,
  ];
  console.log(columns.join('  '));
}
