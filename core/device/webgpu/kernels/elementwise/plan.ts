import type { Shape } from '../../../../tensor/program.ts';
import { extentOf } from '../../plan/extent.ts';
import { type Kernel, KernelBuilder } from '../kernel.ts';
import { type Chain, declareChain } from './chain.ts';

/** A chain of element-wise operations as one kernel: one lane for each element. */
export function elementwiseKernel(name: string, chain: Chain, shape: Shape): Kernel {
  const builder = new KernelBuilder(name);
  declareChain(builder, 'chain', chain, shape);
  return builder.buildForEach(extentOf(shape), 'chain(i);');
}
