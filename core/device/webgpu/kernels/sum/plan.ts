import type { Shape } from '../../../../tensor/program.ts';
import {
  type Extent,
  evaluate,
  extentKey,
  extentOf,
  isStatic,
  ONE,
  type Sizes,
  times,
} from '../../plan/extent.ts';
import { type Finish, finisher, reader, type Source } from '../endings.ts';
import { type Kernel, KernelBuilder, LANES, type Place } from '../kernel.ts';

/** What a plan lends to kernels that need more than one pass. */
export interface Workspace {
  /** Lanes of a subgroup at least; 0 where there are none. */
  readonly subgroupLanes: number;
  scratch(extent: Extent): Place;
  /** Names a size that follows from others; equal names mean equal rules. */
  derive(symbol: string, value: (sizes: Sizes) => number): Extent;
  /**
   * Room for `count` partial sums of `width` values that are to become `target`, where the plan adds them up together
   * with others later; undefined where the kernel has to do it itself.
   */
  partials(count: Extent, width: Extent, target: Place): Place | undefined;
}

/** How values become one; the largest of nothing is 0. */
export type Combination = 'sum' | 'max';

const START: Record<Combination, string> = { sum: '0f', max: '-3.4028234663852886e38f' };

/** Rows that one lane adds up by itself; a longer or an unknown count takes two passes. */
const SINGLE_PASS = 1024;

export interface SumSpec {
  name: string;
  combination: Combination;
  source: Source;
  finish: Finish;
  /** Of the source. */
  shape: Shape;
  axes: readonly number[];
}

/** Adds over `axes` of a tensor, or finds the largest, run of neighbouring axes by run, the innermost first. */
export function sumKernels(spec: SumSpec, workspace: Workspace): Kernel[] {
  const { name, combination, shape, axes, finish } = spec;
  const runs = axisRuns(shape, axes);
  const kernels: Kernel[] = [];
  let { source } = spec;
  for (let at = runs.length - 1; at >= 0; at--) {
    if (!runs[at].summed) continue;
    const outer = product(runs.slice(0, at));
    const inner = product(runs.slice(at + 1));
    const count = runs[at].extent;
    runs.splice(at, 1);
    const last = runs.every((run) => !run.summed);
    const place = last ? undefined : workspace.scratch(times(outer, inner));
    const layout = { outer, count, inner };
    kernels.push(
      ...reduce({ name, combination, source, finish: place ? { place } : finish, layout }, workspace),
    );
    if (place) source = { place, extent: times(outer, inner) };
  }
  return kernels;
}

interface AxisRun {
  summed: boolean;
  extent: Extent;
}

function axisRuns(shape: Shape, axes: readonly number[]): AxisRun[] {
  const runs: AxisRun[] = [];
  shape.forEach((dim, axis) => {
    if (dim === 1) return;
    const summed = axes.includes(axis);
    const last = runs.at(-1);
    if (last?.summed === summed) last.extent = times(last.extent, extentOf([dim]));
    else runs.push({ summed, extent: extentOf([dim]) });
  });
  return runs;
}

function product(runs: readonly AxisRun[]): Extent {
  return runs.reduce((extent, run) => times(extent, run.extent), ONE);
}

/** A tensor seen as [outer, count, inner], to be reduced over `count`. */
interface Layout {
  outer: Extent;
  count: Extent;
  inner: Extent;
}

interface Reduction {
  name: string;
  combination: Combination;
  source: Source;
  finish: Finish;
  layout: Layout;
}

/** √count chunks of √count rows: two short passes, an error that grows with √count, and always the same order. */
function reduce(reduction: Reduction, workspace: Workspace): Kernel[] {
  const { name, combination, finish, layout } = reduction;
  const { outer, count, inner } = layout;
  if (isStatic(count) && count.factor <= SINGLE_PASS) {
    const lanes = lanesOfRow(count.factor, workspace.subgroupLanes);
    if (isStatic(inner) && inner.factor === 1 && lanes > 1) return [reduceRows(reduction, lanes)];
    return [reduceStrided(reduction, ONE)];
  }
  if (extentKey(outer) === extentKey(ONE) && extentKey(inner) === extentKey(ONE))
    return reduceAll(reduction, workspace);
  const chunks = workspace.derive(`#chunks(${extentKey(count)})`, (sizes) =>
    Math.max(1, Math.ceil(Math.sqrt(evaluate(count, sizes)))),
  );
  const alone = combination === 'sum' && !finish.chain && extentKey(outer) === extentKey(ONE);
  const deferred = alone ? workspace.partials(chunks, inner, finish.place!) : undefined;
  const extent = times(times(outer, chunks), inner);
  const place = deferred ?? workspace.scratch(extent);
  const parts = reduceStrided({ ...reduction, name: `${name} (chunks)`, finish: { place } }, chunks);
  if (deferred) return [parts];
  const total: Reduction = {
    name: `${name} (total)`,
    combination,
    source: { place, extent },
    finish,
    layout: { outer, count: chunks, inner },
  };
  return [parts, reduceStrided(total, ONE)];
}

/** Elements that a lane adds up before its workgroup does, where there are workgroups enough. */
const LANE_ELEMENTS = 8;

/** [count] → one value: workgroups of lanes, then one workgroup over their results. */
function reduceAll(reduction: Reduction, workspace: Workspace): Kernel[] {
  const { name, combination, finish, layout } = reduction;
  const { count } = layout;
  const groups = workspace.derive(`#groups(${extentKey(count)})`, (sizes) =>
    Math.min(Math.max(Math.ceil(evaluate(count, sizes) / (LANES * LANE_ELEMENTS)), 1), LANES),
  );
  const place = workspace.scratch(groups);
  return [
    reduceGroups({ ...reduction, name: `${name} (groups)`, finish: { place } }, groups),
    reduceGroups(
      {
        name: `${name} (total)`,
        combination,
        source: { place, extent: groups },
        finish,
        layout: { ...layout, count: groups },
      },
      ONE,
    ),
  ];
}

/** [count] → [groups]: neighbouring lanes take neighbouring elements; a workgroup's lanes are added up in pairs. */
function reduceGroups({ name, combination, source, finish, layout }: Reduction, groups: Extent): Kernel {
  const { count } = layout;
  const builder = new KernelBuilder(name);
  const rows = builder.extent(count);
  const read = reader(builder, source, '1u');
  const store = finisher(builder, finish, groups);
  const merge =
    combination === 'sum' ? 'lanes[lane] + lanes[lane + half]' : 'max(lanes[lane], lanes[lane + half])';
  builder.flops((sizes) => evaluate(count, sizes));
  builder.declare(`var<workgroup> lanes: array<f32, ${LANES}>;`);
  const step = `(${builder.extent(groups)} * ${LANES}u)`;
  return builder.build({
    lanes: LANES,
    body: `var k = group * ${LANES}u + lane;
${accumulate(combination, 'k', rows, step, (k) => read(k, '0u'))}
lanes[lane] = total;
workgroupBarrier();
for (var half = ${LANES / 2}u; half > 0u; half = half / 2u) {
  if (lane < half) { lanes[lane] = ${merge}; }
  workgroupBarrier();
}
if (lane == 0u && group < ${builder.extent(groups)}) { ${store('group', combination === 'sum' ? 'lanes[0]' : `select(lanes[0], 0f, ${rows} == 0u)`)} }`,
    workgroups: (sizes) => evaluate(groups, sizes),
  });
}

/**
 * [outer, count, inner] → [outer, chunks, inner]; chunk c takes the rows c, c + chunks, c + 2·chunks …, so that
 * neighbouring lanes read neighbouring addresses whether `inner` is wide or 1.
 */
export function reduceStrided(
  { name, combination, source, finish, layout }: Reduction,
  chunks: Extent,
): Kernel {
  const { outer, count, inner } = layout;
  const builder = new KernelBuilder(name);
  const result = times(times(outer, chunks), inner);
  const columns = builder.extent(inner);
  const read = reader(builder, source, columns);
  const store = finisher(builder, finish, result);
  const rows = builder.extent(count);
  const step = builder.extent(chunks);
  builder.flops((sizes) => evaluate(times(times(outer, count), inner), sizes));
  const loop = accumulate(combination, 'k', rows, step, (k) => read(`first + ${k}`, 'column'));
  return builder.buildForEach(
    result,
    `let column = i % ${columns};
let chunk = (i / ${columns}) % ${step};
let first = (i / ${columns} / ${step}) * ${rows};
var k = chunk;
${loop}
${store('i', settled(combination, `${rows} == 0u`))}`,
  );
}

/**
 * [outer, count] → [outer] for a count that is known: neighbouring lanes of a subgroup share a row, lane l taking the elements
 * l, l + lanes …, and add their sums up in pairs.
 */
function reduceRows({ name, combination, source, finish, layout }: Reduction, lanes: number): Kernel {
  const { outer, count } = layout;
  const builder = new KernelBuilder(name);
  const read = reader(builder, source, `${count.factor}u`);
  const store = finisher(builder, finish, outer);
  const limit = builder.extent(outer);
  const rowsOfGroup = LANES / lanes;
  const loop = accumulate(combination, 'k', `${count.factor}u`, `${lanes}u`, (k) => read('row', k));
  const merge = (other: string) => (combination === 'sum' ? `total + ${other}` : `max(total, ${other})`);
  const steps = Array.from({ length: Math.log2(lanes) }, (_, i) => lanes >> (i + 1));
  builder.flops((sizes) => evaluate(times(outer, count), sizes));
  return builder.build({
    lanes: LANES,
    enable: ['subgroups'],
    // Lanes beyond the last row take part in the exchange, which must be reached by all, with a row that is there.
    body: `let number = group * ${rowsOfGroup}u + lane / ${lanes}u;
let row = min(number, ${limit} - 1u);
var k = lane % ${lanes}u;
${loop}
${steps.map((step) => `total = ${merge(`subgroupShuffleXor(total, ${step}u)`)};`).join('\n')}
if (number < ${limit} && lane % ${lanes}u == 0u) { ${store('row', 'total')} }`,
    workgroups: (sizes) => Math.ceil(evaluate(outer, sizes) / rowsOfGroup),
  });
}

/** Lanes that share a row: a memory sector or more of it at once, and not more than it has work for. */
function lanesOfRow(count: number, subgroupLanes: number): number {
  if (count < 8 || subgroupLanes < 4) return 1;
  const wanted = count <= 16 ? 4 : count <= 64 ? 8 : count <= 256 ? 16 : 32;
  return Math.min(wanted, 2 ** Math.floor(Math.log2(subgroupLanes)));
}

/**
 * WGSL that takes the values at k, k + step … below `end` into `total`, in this order. Four are asked for before the first is
 * needed: the memory's answers overlap.
 */
export function accumulate(
  combination: Combination,
  k: string,
  end: string,
  step: string,
  value: (k: string) => string,
): string {
  const take = (one: string) => (combination === 'sum' ? `total += ${one};` : `total = max(total, ${one});`);
  const four = [0, 1, 2, 3];
  return `var total = ${START[combination]};
for (; ${k} + 3 * ${step} < ${end}; ${k} += 4 * ${step}) {
  ${four.map((j) => `let t${j} = ${value(j === 0 ? k : `(${k} + ${j} * ${step})`)};`).join('\n  ')}
  ${four.map((j) => take(`t${j}`)).join(' ')}
}
for (; ${k} < ${end}; ${k} += ${step}) { ${take(value(k))} }`;
}

/** The result that `total` stands for: over nothing it is 0. */
export function settled(combination: Combination, nothing: string): string {
  return combination === 'sum' ? 'total' : `select(total, 0f, ${nothing})`;
}
