import { randomStream } from '@etalon/core/base';
import { type RankingTask, rowOf, type Scorer } from '@etalon/core/interactions';

/** Pairs of nodes, and whether an edge joins them. */
export interface LinkQuestions {
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** 1 of an edge, 0 of none. */
  readonly label: Int32Array;
}

/**
 * The edges that a task asks for, each pair once, and as many drawn pairs that are neither asked for nor known (Kipf & Welling 2016, § 2).
 */
export function linkQuestions(
  { relevant, known, items }: Pick<RankingTask, 'relevant' | 'known' | 'items'>,
  seed: number,
): LinkQuestions {
  const edges: [number, number][] = [];
  const met = new Set<number>();
  for (let node = 0; node < items; node++)
    for (const other of rowOf(relevant, node)) {
      const key = Math.min(node, other) * items + Math.max(node, other);
      if (met.has(key)) continue;
      met.add(key);
      edges.push([node, other]);
    }
  const random = randomStream(seed);
  const none: [number, number][] = [];
  // A graph in which hardly a pair is free would be drawn from for ever.
  for (let draw = 0; none.length < edges.length && draw < 100 * edges.length; draw++) {
    const [a, b] = [random.int(items), random.int(items)];
    const key = Math.min(a, b) * items + Math.max(a, b);
    if (a === b || met.has(key) || rowOf(known, a).includes(b) || rowOf(known, b).includes(a)) continue;
    met.add(key);
    none.push([a, b]);
  }
  const all = [...edges, ...none];
  return {
    first: Int32Array.from(all, ([a]) => a),
    second: Int32Array.from(all, ([, b]) => b),
    label: Int32Array.from(all, (_, i) => Number(i < edges.length)),
  };
}

/** [pairs] z_u · z_v. */
export function productScores(
  z: Float32Array,
  nodes: number,
  { first, second }: Pick<LinkQuestions, 'first' | 'second'>,
): Float64Array {
  const width = z.length / nodes;
  return Float64Array.from(first, (u, i) => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += z[u * width + k] * z[second[i] * width + k];
    return sum;
  });
}

/** [pairs] what a scorer of everyone says of some. */
export async function scoresOf(
  scorer: Scorer,
  nodes: number,
  { first, second }: Pick<LinkQuestions, 'first' | 'second'>,
): Promise<Float64Array> {
  const scores = new Float64Array(first.length);
  const places = Map.groupBy(first.keys(), (pair) => first[pair]);
  const users = Int32Array.from(places.keys());
  const at = Math.max(1, Math.floor((1 << 22) / nodes));
  for (let begin = 0; begin < users.length; begin += at) {
    const block = users.subarray(begin, begin + at);
    const all = await scorer(block);
    block.forEach((user, i) => {
      for (const pair of places.get(user)!) scores[pair] = all[i * nodes + second[pair]];
    });
  }
  return scores;
}
