import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { quietContext, Random } from '../../../core/base/index.ts';
import { createCpuDevice } from '../../../core/device/cpu/index.ts';
import { type Adjacency, adjacencyOf, breadthFirstOrder, renumberNodes } from '../../../core/graph/index.ts';
import { inferLayerwise } from '../../../core/train/inference/index.ts';
import { Producers, shareColumns } from '../../../core/train/producers/index.ts';
import { sagePrograms } from '../../support/sageLayers.ts';
import type { SageProducerInput } from '../../support/sageProducer.ts';
import { meansOfNeighbours, regressionFields, sageTrainer } from '../../support/sageRegression.ts';
import { median } from './median.ts';

/**
 * One graph of 1 M nodes and 2.5 M edges on the CPU device: full-graph inference of a two-layer GraphSAGE, and its training on
 * sampled neighbourhoods with one producer thread. Two graphs: a road network whose nodes come in no order and are numbered by
 * place first, and one whose edges join any two nodes, which is the worst case for chunks. Each part runs in a process of its own,
 * whose peak memory is its own. `npm run bench:large`; exit code 1 where a target is missed. `--small` is a tenth of everything,
 * to see that it runs; its figures are not judged.
 */
const TARGET_INFERENCE_S = 15;
const TARGET_PEAK_MB = 4096;
const TARGET_BUSY = 0.9;
/** Memory in the second half of training may exceed that of the first, after the warm-up, by this: garbage waits for its collector. */
const TARGET_GROWTH = 1.1;

const isSmall = process.argv.includes('--small');
const NODES = isSmall ? 100_000 : 1_000_000;
const EDGES = 2.5 * NODES;
const WIDTHS = [64, 64, 64];
const INFERENCES = 3;
const FANOUTS = [10, 10];
const BATCH = 1024;
const PRODUCERS = 1;
const STEPS = isSmall ? 60 : 400;
const WARM_UP = STEPS / 10;
const LEARNING_RATE = 0.003;
const SEED = 1;
const KINDS = ['roads', 'random'] as const;
type Kind = (typeof KINDS)[number];

const PARTS = { inference, training };
const [part, kind] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (part) console.log(JSON.stringify(await PARTS[part as keyof typeof PARTS](kind as Kind)));
else process.exitCode = runAll() ? 0 : 1;

interface InferenceFigures {
  buildS: number;
  seconds: number[];
  peakMb: number;
}

interface TrainingFigures {
  stepsPerS: number;
  startS: number;
  busyShare: number;
  /** Largest resident memory in each half, after the warm-up. */
  firstHalfMb: number;
  secondHalfMb: number;
  /** Mean over the first and last tenth. */
  firstLoss: number;
  lastLoss: number;
}

function runAll(): boolean {
  console.log(
    `${NODES} nodes, ${EDGES} edges, widths ${WIDTHS}, seed ${SEED}; ${availableParallelism()} × ${cpus()[0].model}`,
  );
  const passed = KINDS.flatMap((graph) => [
    judgeInference(graph, inProcess<InferenceFigures>('inference', graph)),
    judgeTraining(graph, inProcess<TrainingFigures>('training', graph)),
  ]);
  if (isSmall) console.log('--small: not judged.');
  return isSmall || passed.every(Boolean);
}

function inProcess<Figures>(name: keyof typeof PARTS, graph: Kind): Figures {
  const args = [import.meta.filename, name, graph, ...(isSmall ? ['--small'] : [])];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} of ${graph}: ${stderr}`);
  return JSON.parse(stdout);
}

function judgeInference(graph: Kind, { buildS, seconds, peakMb }: InferenceFigures): boolean {
  const medianS = median(seconds);
  const isMet = medianS <= TARGET_INFERENCE_S && peakMb <= TARGET_PEAK_MB;
  console.log(
    `${graph}: neighbour lists ${buildS.toFixed(2)} s; inference ${medianS.toFixed(2)} s (${seconds.map((s) => s.toFixed(2)).join(', ')}), ` +
      `peak ${peakMb.toFixed(0)} MB: ${verdict(isMet)}`,
  );
  return isMet;
}

function judgeTraining(graph: Kind, figures: TrainingFigures): boolean {
  const { stepsPerS, startS, busyShare, firstHalfMb, secondHalfMb, firstLoss, lastLoss } = figures;
  const isMet =
    busyShare >= TARGET_BUSY && secondHalfMb <= TARGET_GROWTH * firstHalfMb && lastLoss < firstLoss;
  console.log(
    `${graph}: ${STEPS} steps of ${BATCH} seeds, fan-outs ${FANOUTS}: ${stepsPerS.toFixed(1)} steps/s after ${startS.toFixed(1)} s, ` +
      `device busy ${(100 * busyShare).toFixed(1)} %, memory ${firstHalfMb.toFixed(0)} → ${secondHalfMb.toFixed(0)} MB, ` +
      `loss ${firstLoss.toFixed(3)} → ${lastLoss.toFixed(3)}: ${verdict(isMet)}`,
  );
  return isMet;
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'MISSED';
}

async function inference(graph: Kind): Promise<InferenceFigures> {
  const began = performance.now();
  const adjacency = neighbourLists(graph);
  const buildS = (performance.now() - began) / 1000;
  const x = randomFeatures();
  const { layout, programs } = sagePrograms(WIDTHS);
  const parameters = layout.initialise(new Random(SEED));
  const layers = programs.map((layer) => ({ ...layer, feed: { parameters } }));
  const device = await createCpuDevice();
  const seconds: number[] = [];
  for (let run = 0; run < INFERENCES; run++) {
    const start = performance.now();
    await inferLayerwise(device, { adjacency, x, layers }, quietContext);
    seconds.push((performance.now() - start) / 1000);
  }
  await device.dispose();
  return { buildS, seconds, peakMb: process.resourceUsage().maxRSS / 1024 };
}

async function training(graph: Kind): Promise<TrainingFigures> {
  const adjacency = neighbourLists(graph);
  const features = randomFeatures();
  const input: SageProducerInput = {
    ...shareColumns({ features, labels: meansOfNeighbours(adjacency, features, WIDTHS[0]) }),
    adjacency: shareColumns(adjacency),
    width: WIDTHS[0],
    fanouts: FANOUTS,
    batchSize: BATCH,
    seed: SEED,
  };
  // The cores are shared out: a device with a thread on each would wait for a producer that gets none.
  const device = await createCpuDevice({ threads: Math.max(1, availableParallelism() - PRODUCERS) });
  const trainer = await sageTrainer(device, WIDTHS, { learningRate: LEARNING_RATE, seed: SEED });
  const producers = new Producers({
    module: new URL('../../support/sageProducer.ts', import.meta.url),
    input,
    threads: PRODUCERS,
    slots: 8,
    fields: regressionFields(NODES, BATCH, FANOUTS, WIDTHS[0]),
    first: 0,
    end: STEPS,
    signal: quietContext.signal,
  });
  const losses: number[] = [];
  const residentMb: number[] = [];
  for await (const batch of producers.take(STEPS)) {
    losses.push(await trainer.step(batch));
    residentMb.push(process.memoryUsage.rss() / 2 ** 20);
  }
  const { startS, elapsedS, busyShare } = producers.figures();
  await producers.close();
  await device.dispose();
  return {
    stepsPerS: (STEPS - 1) / elapsedS,
    startS,
    busyShare,
    firstHalfMb: Math.max(...residentMb.slice(WARM_UP, STEPS / 2)),
    secondHalfMb: Math.max(...residentMb.slice(STEPS / 2)),
    firstLoss: meanOf(losses.slice(0, STEPS / 10)),
    lastLoss: meanOf(losses.slice(-STEPS / 10)),
  };
}

/** Whose messages each node takes. */
function neighbourLists(graph: Kind): Adjacency {
  const random = new Random(SEED);
  const from = new Int32Array(EDGES);
  const to = new Int32Array(EDGES);
  if (graph === 'random') {
    for (let edge = 0; edge < EDGES; edge++) {
      from[edge] = random.int(NODES);
      to[edge] = random.int(NODES);
    }
    return adjacencyOf({ rows: NODES, columns: NODES, from, to });
  }
  drawRoads(from, to, random);
  const unordered = adjacencyOf({ rows: NODES, columns: NODES, from, to });
  return renumberNodes(unordered, breadthFirstOrder(unordered));
}

/** Each edge leads from some point of a grid, whose points are numbered at random, to one of its four neighbours. */
function drawRoads(from: Int32Array, to: Int32Array, random: Random): void {
  const columns = Math.round(Math.sqrt(NODES));
  const numbers = random.shuffle(Int32Array.from({ length: NODES }, (_, node) => node));
  const steps = [1, NODES - 1, columns, NODES - columns];
  for (let edge = 0; edge < from.length; edge++) {
    const point = random.int(NODES);
    from[edge] = numbers[point];
    to[edge] = numbers[(point + steps[random.int(4)]) % NODES];
  }
}

function randomFeatures(): Float32Array {
  const random = new Random(SEED + 1);
  const features = new Float32Array(NODES * WIDTHS[0]);
  for (let i = 0; i < features.length; i++) features[i] = 2 * random.uniform() - 1;
  return features;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
