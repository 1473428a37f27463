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
import { type Kernel, KernelBuilder, type Place } from '../kernel.ts';

/** What a plan lends to kernels that need more than one pass. */
export interface Workspace {
  scratch(extent: Extent): Place;
  /** Names a size that follows from others; equal names mean equal rules. */
  derive(symbol: string, value: (sizes: Sizes) => number): Extent;
}

/** Rows that one lane adds up by itself; a longer or an unknown count takes two passes. */
const SINGLE_PASS = 1024;

/** How values become one; the largest of nothing is 0. */
export type Combination = 'sum' | 'max';

/** WGSL that takes `value` into `total`, which is 0 before the first. */
export function combine(combination: Combination, value: string, isFirst: string): string {
  return combination === 'sum'
    ? `total += ${value};`
    : `let value = ${value}; total = select(max(total, value), value, ${isFirst});`;
}

export interface SumSpec {
  name: string;
  combination: Combination;
  source: Place;
  target: Place;
  /** Of the source. */
  shape: Shape;
  axes: readonly number[];
}

/** Adds over `axes` of a tensor, or finds the largest, run of neighbouring axes by run, the innermost first. */
export function sumKernels(
  { name, combination, source, target, shape, axes }: SumSpec,
  workspace: Workspace,
): Kernel[] {
  const runs = axisRuns(shape, axes);
  const kernels: Kernel[] = [];
  let from = source;
  for (let at = runs.length - 1; at >= 0; at--) {
    if (!runs[at].summed) continue;
    const outer = product(runs.slice(0, at));
    const inner = product(runs.slice(at + 1));
    const count = runs[at].extent;
    runs.splice(at, 1);
    const last = runs.every((run) => !run.summed);
    const to = last ? target : workspace.scratch(times(outer, inner));
    kernels.push(...reduce(name, combination, from, to, { outer, count, inner }, workspace));
    from = to;
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

/** √count chunks of √count rows: two short passes, an error that grows with √count, and always the same order. */
function reduce(
  name: string,
  combination: Combination,
  source: Place,
  target: Place,
  layout: Layout,
  workspace: Workspace,
): Kernel[] {
  const { outer, count, inner } = layout;
  if (isStatic(count) && count.factor <= SINGLE_PASS)
    return [reduceStrided(name, source, target, layout, ONE, combination)];
  const chunks = workspace.derive(`#chunks(${extentKey(count)})`, (sizes) =>
    Math.max(1, Math.ceil(Math.sqrt(evaluate(count, sizes)))),
  );
  const partial = workspace.scratch(times(times(outer, chunks), inner));
  return [
    reduceStrided(`${name} (chunks)`, source, partial, layout, chunks, combination),
    reduceStrided(`${name} (total)`, partial, target, { outer, count: chunks, inner }, ONE, combination),
  ];
}

/**
 * [outer, count, inner] → [outer, chunks, inner]; chunk c takes the rows c, c + chunks, c + 2·chunks …, so that
 * neighbouring lanes read neighbouring addresses whether `inner` is wide or 1.
 */
export function reduceStrided(
  name: string,
  source: Place,
  target: Place,
  { outer, count, inner }: Layout,
  chunks: Extent,
  combination: Combination = 'sum',
): Kernel {
  const builder = new KernelBuilder(name);
  const from = builder.read(source);
  const to = builder.write(target);
  const columns = builder.extent(inner);
  const rows = builder.extent(count);
  const step = builder.extent(chunks);
  return builder.buildForEach(
    times(times(outer, chunks), inner),
    `let column = i % ${columns};
let chunk = (i / ${columns}) % ${step};
let first = (i / ${columns} / ${step}) * ${rows};
var total = 0f;
for (var k = chunk; k < ${rows}; k += ${step}) { ${combine(combination, from(`(first + k) * ${columns} + column`), 'k == chunk')} }
${to('i')} = total;`,
  );
}
