import type { Extent } from '../../plan/extent.ts';
import { times } from '../../plan/extent.ts';
import { type Kernel, KernelBuilder, type Operand, type Place } from '../kernel.ts';

export interface GatherSpec {
  name: string;
  /** [n, width], read through an index in 0 … n − 1, which the host checks before it uploads. */
  source: Operand;
  /** [rows, width] */
  target: Place;
  rows: Extent;
  width: Extent;
}

/** target[i] = source[index[i]], one lane for each element, so that neighbouring lanes read neighbouring columns. */
export function gatherKernel({ name, source, target, rows, width }: GatherSpec): Kernel {
  const builder = new KernelBuilder(name);
  const columns = builder.extent(width);
  const from = builder.readRows(source, columns);
  const count = times(rows, width);
  const store = builder.write(target, count);
  return builder.buildForEach(count, store('i', from(`i / ${columns}`, `i % ${columns}`)));
}
