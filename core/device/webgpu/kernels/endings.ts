import type { Shape } from '../../../tensor/program.ts';
import type { Extent } from '../plan/extent.ts';
import { type Chain, declareChain } from './elementwise/chain.ts';
import type { KernelBuilder, Operand, Place, RowAccess, Store } from './kernel.ts';

/** What a kernel reads: values that lie somewhere, or those that a chain computes on the way. */
export type Source = Operand | { chain: Chain; result: number; shape: Shape };

/** What a kernel does with its results: stores them, or hands them to a chain that stores what is needed. */
export type Finish =
  | { place: Place; chain?: undefined }
  | { place?: undefined; chain: Chain; given: number; shape: Shape };

/** Code that reads a source, seen as rows of `width` values, at a row and a column. */
export function reader(builder: KernelBuilder, source: Source, width: string): RowAccess {
  if (!('chain' in source)) return builder.readRows(source, width);
  declareChain(builder, 'before', source.chain, source.shape, { result: source.result });
  return (row, column) => `before((${row}) * ${width} + ${column})`;
}

/** Code that ends with one of a kernel's `count` results. */
export function finisher(builder: KernelBuilder, finish: Finish, count: Extent): Store {
  if (!finish.chain) return builder.write(finish.place, count);
  declareChain(builder, 'after', finish.chain, finish.shape, { given: finish.given });
  return (index, value) => `after(${index}, ${value});`;
}
