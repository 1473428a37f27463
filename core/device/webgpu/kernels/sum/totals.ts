import { type Extent, evaluate, times } from '../../plan/extent.ts';
import { type Kernel, KernelBuilder, type Place } from '../kernel.ts';
import { accumulate } from './plan.ts';

/** A sum whose last pass, over `count` partial sums of `width` values, is left to the plan. */
export interface Total {
  partial: Place;
  count: Extent;
  width: Extent;
  target: Place;
}

/** Most pieces that one kernel of totals looks through. */
const PIECES = 96;

/** Adds up the partial sums of many results, which lie in one buffer and go into another, by one dispatch. */
export function totalsKernels(totals: readonly Total[]): Kernel[] {
  const kernels: Kernel[] = [];
  for (let at = 0; at < totals.length; at += PIECES)
    kernels.push(totalsKernel(totals.slice(at, at + PIECES)));
  return kernels;
}

function totalsKernel(totals: readonly Total[]): Kernel {
  const builder = new KernelBuilder(`totals (${totals.length} results)`);
  const base = { root: totals[0].partial.root, offset: 0 };
  const target = { root: totals[0].target.root, offset: 0 };
  const all = totals.reduce((sum, { width }) => sum + width.factor, 0);
  const count: Extent = { factor: all, symbols: [] };
  const store = builder.write(target, count);
  let first = 0;
  const pieces = totals.map(({ partial, count: parts, width, target: to }, i) => {
    builder.read(partial, times(parts, width));
    const code = `first = ${first}u; begin = ${builder.start(partial)}; parts = ${builder.extent(parts)}; width = ${width.factor}u; to = ${builder.start(to)};`;
    const piece = i === 0 ? code : `if (i >= ${first}u) { ${code} }`;
    builder.flops((sizes) => evaluate(times(parts, width), sizes));
    first += width.factor;
    return piece;
  });
  const read = builder.read(base, { factor: 0, symbols: [] });
  return builder.buildForEach(
    count,
    `var first = 0u; var begin = 0u; var parts = 0u; var width = 0u; var to = 0u;
${pieces.join('\n')}
let column = i - first;
var k = 0u;
${accumulate('sum', 'k', 'parts', '1u', (k) => read(`begin + ${k} * width + column`))}
${store('to + column', 'total')}`,
  );
}
