import type { Scorer } from '@etalon/core/interactions';

/** Final states, row-major, as a network's forward program gives them. */
export interface States {
  readonly users: Float32Array;
  readonly items: Float32Array;
}

/** score(i, j): the cosine of rows i and j of a table [rows, width]; 0 for a row of zeros. */
export function cosineScorer(table: Float32Array, width: number): Scorer {
  const items = table.slice();
  for (let begin = 0; begin < items.length; begin += width) {
    const row = items.subarray(begin, begin + width);
    const norm = Math.hypot(...row) || 1;
    for (let k = 0; k < width; k++) row[k] /= norm;
  }
  return dotScorer({ users: items, items }, items.length / width);
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
