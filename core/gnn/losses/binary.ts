import { add, mul, neg, softplus, sub, type Tensor } from '../../tensor/index.ts';

/**
 * Binary cross-entropy, value by value: −[y log σ(z) + (1 − y) log(1 − σ(z))] of logits z and labels y in 0 … 1, both of
 * one shape. Computed as y · softplus(−z) + (1 − y) · softplus(z), which neither overflows nor cancels.
 */
export function binaryCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return add(mul(labels, softplus(neg(logits))), mul(sub(1, labels), softplus(logits)));
}
