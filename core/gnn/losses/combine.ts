import { add, div, max, mul, type Operand, sum, type Tensor } from '../../tensor/index.ts';

/** Mean of losses [n] or [n, 1] with weights of the same shape; 0 where all weights are 0. */
export function weightedMean(losses: Tensor, weights: Tensor): Tensor {
  return div(sum(mul(losses, weights)), max(sum(weights), 1e-6));
}

/**
 * The weighted sum of scalar parts as `loss`, beside the parts as they are, for metrics. A weight is a number, or a scalar
 * tensor where it is fed or learned while training runs.
 */
export function combineLosses<Name extends string>(
  parts: Readonly<Record<Name, Tensor>>,
  weights: Readonly<Record<NoInfer<Name>, Operand>>,
): Record<Name | 'loss', Tensor> {
  const loss = (Object.keys(parts) as Name[])
    .map((name) => mul(parts[name], weights[name]))
    .reduce((total, part) => add(total, part));
  return { loss, ...parts };
}
