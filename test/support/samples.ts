import { createHash } from 'node:crypto';
import type { Random } from '../../core/base/index.ts';
import type { FeatureColumn, InteractionData } from '../../core/interactions/index.ts';

/** Names, columns and features of all nodes and edges, bit by bit, as the start of a SHA-256. */
export function digestOf(data: InteractionData): string {
  const hash = createHash('sha256');
  for (const type of data.nodeTypes) {
    const { ids, features } = data.nodes(type);
    hash.update(`${type}:${ids.join()}`);
    addFeatures(features);
  }
  for (const type of data.edgeTypes) {
    const { fromRows, toRows, timesS, weights, features } = data.edges(type);
    hash.update(type);
    for (const column of [fromRows, toRows, timesS, weights]) if (column) addArray(column);
    addFeatures(features);
  }
  return hash.digest('hex').slice(0, 16);

  function addFeatures(features: Readonly<Record<string, FeatureColumn>>): void {
    for (const [name, column] of Object.entries(features)) {
      hash.update(name);
      for (const part of Object.values(column))
        if (ArrayBuffer.isView(part)) addArray(part);
        else hash.update(JSON.stringify(part));
    }
  }

  function addArray({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
}

/** The values of a numeric feature. */
export function numbersOf(column: FeatureColumn | undefined): Float64Array {
  if (column?.kind !== 'numeric') throw new Error('not a numeric feature');
  return column.values;
}

/** Somebody or something that is asked for, what was right, and what else could have been taken. */
export interface Question {
  of: number;
  right: number;
  others: readonly number[];
}

/** Mean of 1 ÷ the rank of what was right, counted from 1; where scores are equal, half of them stand before it. */
export function meanReciprocalRank(
  questions: readonly Question[],
  score: (of: number, candidate: number) => number,
): number {
  const total = questions.reduce((sum, { of, right, others }) => {
    const own = score(of, right);
    const before = others.reduce((rank, other) => rank + above(score(of, other), own), 0);
    return sum + 1 / (1 + before);
  }, 0);
  return total / questions.length;
}

function above(score: number, own: number): number {
  if (score === own) return 0.5;
  return score > own ? 1 : 0;
}

/** Share of the questions whose right answer is among the k best of all candidates 0 … candidates − 1, the asker left out. */
export function hitRate(
  k: number,
  questions: readonly Omit<Question, 'others'>[],
  candidates: number,
  score: (of: number, candidate: number) => number,
): number {
  const hits = questions.filter(
    ({ of, right }) => rankAmong(candidates, right, (candidate) => score(of, candidate), of) < k,
  );
  return hits.length / questions.length;
}

/** How many of the candidates 0 … candidates − 1, `skipped` left out, stand before the right one; half of those that tie with it. */
export function rankAmong(
  candidates: number,
  right: number,
  score: (candidate: number) => number,
  skipped: number,
): number {
  const own = score(right);
  let before = 0;
  for (let candidate = 0; candidate < candidates; candidate++)
    if (candidate !== skipped && candidate !== right) before += above(score(candidate), own);
  return before;
}

/** `count` numbers below `range` for which `allowed` holds. */
export function drawOthers(
  count: number,
  range: number,
  allowed: (candidate: number) => boolean,
  random: Random,
): number[] {
  const others: number[] = [];
  while (others.length < count) {
    const candidate = random.int(range);
    if (allowed(candidate)) others.push(candidate);
  }
  return others;
}

/** The value that a share `q` of the values lies below. */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

/** Pearson's correlation of two columns. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
