import type { Extent } from '../../plan/extent.ts';
import { times } from '../../plan/extent.ts';
import { type Kernel, KernelBuilder, type Place } from '../kernel.ts';

export interface GatherSpec {
  name: string;
  /** [n, width] */
  source: Place;
  /** [rows], each in 0 … n − 1: the host checks them before it uploads. */
  index: Place;
  /** [rows, width] */
  target: Place;
  rows: Extent;
  width: Extent;
}

/** target[i] = source[index[i]], one lane for each element, so that neighbouring lanes read neighbouring columns. */
export function gatherKernel({ name, source, index, target, rows, width }: GatherSpec): Kernel {
  const builder = new KernelBuilder(name);
  const from = builder.read(source);
  const row = builder.read(index, 'i32');
  const to = builder.write(target);
  const columns = builder.extent(width);
  return builder.buildForEach(
    times(rows, width),
    `${to('i')} = ${from(`u32(${row(`i / ${columns}`)}) * ${columns} + i % ${columns}`)};`,
  );
}
