import { type Extent, times } from '../../plan/extent.ts';
import { type Kernel, KernelBuilder, type Place } from '../kernel.ts';

/** A stretch of the target's axis: `count` slots from slot `from` of a source with `width` slots, or zeros. */
export interface Part {
  count: number;
  source?: { place: Place; from: number; width: number };
}

export interface AssembleSpec {
  name: string;
  target: Place;
  /** Slots of the axis in the target, and the slot where the first part begins. */
  width: number;
  start: number;
  /** What comes before the axis, and what comes after it. */
  outer: Extent;
  inner: Extent;
  parts: readonly Part[];
}

/**
 * Lays parts beside each other along an axis: concat, slice, pad and the pieces of a pack. One lane for each
 * element written; as many parts in a dispatch as there are bindings.
 */
export function assembleKernels(spec: AssembleSpec, maxBindings: number): Kernel[] {
  const kernels: Kernel[] = [];
  let { start } = spec;
  let at = 0;
  while (at < spec.parts.length) {
    const sources = new Set<number>();
    let end = at;
    while (end < spec.parts.length) {
      const { source } = spec.parts[end];
      if (source) sources.add(source.place.root);
      if (sources.size > maxBindings - 1) break;
      end++;
    }
    const parts = spec.parts.slice(at, end);
    kernels.push(assembleKernel({ ...spec, start, parts }));
    start += totalCount(parts);
    at = end;
  }
  return kernels;
}

function totalCount(parts: readonly Part[]): number {
  return parts.reduce((total, part) => total + part.count, 0);
}

function assembleKernel({ name, target, width, start, outer, inner, parts }: AssembleSpec): Kernel {
  const builder = new KernelBuilder(name);
  const span = times(inner, totalCount(parts));
  const store = builder.write(target, times(outer, span));
  const spanCode = builder.extent(span);
  const slots = (count: number) => builder.extent(times(inner, count));
  const lines = [`let row = i / ${spanCode};`, `let column = i % ${spanCode};`, 'var value = 0f;'];
  let begin = 0;
  parts.forEach(({ count, source }, i) => {
    const condition = i === parts.length - 1 ? '' : `if (column < ${slots(begin + count)}) `;
    const load = source
      ? `value = ${builder.read(
          source.place,
          times(times(outer, inner), count),
        )(`row * ${slots(source.width)} + column + ${slots(source.from)} - ${slots(begin)}`)};`
      : '';
    lines.push(`${i === 0 ? '' : 'else '}${condition}{ ${load} }`);
    begin += count;
  });
  lines.push(store(`row * ${slots(width)} + ${slots(start)} + column`, 'value'));
  return builder.buildForEach(times(outer, span), lines.join('\n'));
}
