import type { Random } from '../../core/base/index.ts';

export const TYPES = 4;

/** Nodes of four types, of which those that a chain of types 1 → 0 → node reaches are positive: two edges are all the reason. */
export interface ChainGraph {
  nodeCount: number;
  senders: Int32Array;
  receivers: Int32Array;
  type: Int32Array;
  isPositive: boolean[];
  /** The edges of every chain to a node. */
  chains: [number, number][][];
}

export function chainGraph(random: Random, { nodes, edges }: { nodes: number; edges: number }): ChainGraph {
  const type = Int32Array.from({ length: nodes }, () => random.int(TYPES));
  const known = new Set<string>();
  const pairs: [number, number][] = [];
  while (pairs.length < edges) {
    const pair: [number, number] = [random.int(nodes), random.int(nodes)];
    if (pair[0] === pair[1] || known.has(String(pair))) continue;
    known.add(String(pair));
    pairs.push(pair);
  }
  const chains: [number, number][][] = Array.from({ length: nodes }, () => []);
  pairs.forEach(([middle, end], last) => {
    if (type[middle] !== 0) return;
    pairs.forEach(([start, next], first) => {
      if (next === middle && type[start] === 1) chains[end].push([first, last]);
    });
  });
  return {
    nodeCount: nodes,
    senders: Int32Array.from(pairs, ([from]) => from),
    receivers: Int32Array.from(pairs, ([, to]) => to),
    type,
    isPositive: chains.map((found) => found.length > 0),
    chains,
  };
}

/** Area under the ROC curve: how often a score of the marked is above one of the others, ties counted half. */
export function areaUnderCurve(scores: readonly number[], isMarked: readonly boolean[]): number {
  let above = 0;
  let compared = 0;
  scores.forEach((score, i) => {
    if (!isMarked[i]) return;
    scores.forEach((other, j) => {
      if (isMarked[j]) return;
      compared++;
      above += score > other ? 1 : score === other ? 0.5 : 0;
    });
  });
  return above / compared;
}
