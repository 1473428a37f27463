import { add, matmul, mul, sigmoid, slice, sub, type Tensor, tanh } from '../tensor/index.ts';
import type { ParameterLayout, Weights } from './parameters.ts';

/** One step of a batch of sequences. */
export interface SequenceStep {
  /** [n, inputs] */
  x: Tensor;
  /** [n, 1] 1 where the sequence has this step, 0 after its end. */
  present: Tensor;
}

/** Runs over the steps and returns each sequence's last hidden state, [n, hidden]. */
export type SequenceLayer = (weights: Weights, steps: readonly SequenceStep[]) => Tensor;

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000), unrolled over the steps given:
 * i, f, g, o = x·W + h·U + b, then c ← σ(f + 1) c + σ(i) tanh(g) and h ← σ(o) tanh(c), from c = h = 0. The 1 lets it remember
 * from the start (Jozefowicz et al. 2015). A sequence that has ended keeps its state; each has its first step.
 */
export function lstm(layout: ParameterLayout, name: string, inputs: number, hidden: number): SequenceLayer {
  const kernel = layout.declare(`${name}.kernel`, [inputs, 4 * hidden], 'glorot');
  const recurrent = layout.declare(`${name}.recurrent`, [hidden, 4 * hidden], 'glorot');
  const bias = layout.declare(`${name}.bias`, [4 * hidden], 'zeros');
  const gate = (gates: Tensor, i: number) => slice(gates, i * hidden, (i + 1) * hidden);
  return (weights, steps) => {
    let cell: Tensor | undefined;
    let state: Tensor | undefined;
    for (const { x, present } of steps) {
      const own = add(matmul(x, weights(kernel)), weights(bias));
      const gates = state ? add(own, matmul(state, weights(recurrent))) : own;
      const fresh = mul(sigmoid(gate(gates, 0)), tanh(gate(gates, 2)));
      const nextCell = cell ? add(mul(sigmoid(add(gate(gates, 1), 1)), cell), fresh) : fresh;
      const nextState = mul(sigmoid(gate(gates, 3)), tanh(nextCell));
      cell = cell ? add(cell, mul(sub(nextCell, cell), present)) : nextCell;
      state = state ? add(state, mul(sub(nextState, state), present)) : nextState;
    }
    return state!;
  };
}
