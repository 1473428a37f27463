import type { Scorer } from '@etalon/core/interactions';

/** Final states, row-major, as a network's forward program gives them. */
export interface States {
  readonly users: Float32Array;
  readonly items: Float32Array;
}

/** score(u, i) = z_u · z_i. */
export function dotScorer(outputs: Readonly<Record<string, Float32Array>>, items: number): Scorer {
  const { users, items: itemRows } = outputs;
  const width = itemRows.length / items;
  return (asked) => {
    const scores = new Float32Array(asked.length * items);
    asked.forEach((user, i) => {
      const row = users.subarray(user * width, (user + 1) * width);
      for (let item = 0; item < items; item++) {
        let sum = 0;
        for (let k = 0, at = item * width; k < width; k++, at++) sum += row[k] * itemRows[at];
        scores[i * items + item] = sum;
      }
    });
    return scores;
  };
}
