import type { Csr } from './graph.ts';

export interface PropagationOptions {
  /** Rounds at most; sooner where no value changes by more than `tolerance`. */
  readonly rounds?: number;
  readonly tolerance?: number;
}

/**
 * Label propagation (Zhu, Ghahramani & Lafferty 2003): shares of classes [nodes · classes] such that every node whose label is not known
 * has the mean of its neighbours, while known ones stay as they are; the harmonic function, by rounds F ← D⁻¹ A F. A node that no label reaches has the
 * shares of the known labels.
 * @param labels [nodes] −1 where not known; at least one is.
 */
export function propagateLabels(
  { offsets, entries }: Csr,
  labels: Int32Array,
  classes: number,
  { rounds = 1000, tolerance = 1e-6 }: PropagationOptions = {},
): Float64Array {
  const nodes = labels.length;
  const prior = new Float64Array(classes);
  let known = 0;
  for (const label of labels)
    if (label >= 0) {
      prior[label]++;
      known++;
    }
  const shares = new Float64Array(nodes * classes);
  labels.forEach((label, node) => {
    for (let c = 0; c < classes; c++)
      shares[node * classes + c] = label >= 0 ? Number(label === c) : prior[c] / known;
  });
  const mean = new Float64Array(classes);
  for (let round = 0; round < rounds; round++) {
    let largest = 0;
    // In place: what was computed in a round is seen by the nodes after it, which comes to the same end sooner.
    for (let node = 0; node < nodes; node++) {
      const degree = offsets[node + 1] - offsets[node];
      if (labels[node] >= 0 || degree === 0) continue;
      mean.fill(0);
      for (let i = offsets[node]; i < offsets[node + 1]; i++)
        for (let c = 0; c < classes; c++) mean[c] += shares[entries[i] * classes + c];
      for (let c = 0; c < classes; c++) {
        const at = node * classes + c;
        largest = Math.max(largest, Math.abs(mean[c] / degree - shares[at]));
        shares[at] = mean[c] / degree;
      }
    }
    if (largest < tolerance) break;
  }
  return shares;
}
