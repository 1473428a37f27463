/** How often each pair of labels goes together, and each label by itself. */
function contingency(a: ArrayLike<number>, b: ArrayLike<number>) {
  const [ofA, ofB, both] = [new Map<number, number>(), new Map<number, number>(), new Map<string, number>()];
  const count = <K>(map: Map<K, number>, key: K) => map.set(key, (map.get(key) ?? 0) + 1);
  for (let i = 0; i < a.length; i++) {
    count(ofA, a[i]);
    count(ofB, b[i]);
    count(both, `${a[i]},${b[i]}`);
  }
  return { ofA: [...ofA.values()], ofB: [...ofB.values()], both: [...both.values()] };
}

/**
 * Normalised mutual information of two labellings, I(a; b) ÷ √(H(a) · H(b)), 0 … 1 (Strehl & Ghosh 2002): 1 where each tells the
 * other, about 0 where they are independent; 0 where one of them has a single label.
 */
export function normalisedMutualInformation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { ofA, ofB, both } = contingency(a, b);
  const entropy = (counts: readonly number[]) =>
    -counts.reduce((sum, n) => sum + (n / a.length) * Math.log(n / a.length), 0);
  const [ha, hb] = [entropy(ofA), entropy(ofB)];
  return ha === 0 || hb === 0 ? 0 : (ha + hb - entropy(both)) / Math.sqrt(ha * hb);
}

/**
 * Adjusted Rand index of two labellings (Hubert & Arabie 1985, eq. 5): pairs of things that both put together, less what chance would,
 * as a share of the most there could be. 1: the same but for names; about 0: independent; NaN where both have a single label.
 */
export function adjustedRandIndex(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { ofA, ofB, both } = contingency(a, b);
  const pairs = (counts: readonly number[]) => counts.reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  const [together, inA, inB] = [pairs(both), pairs(ofA), pairs(ofB)];
  const byChance = (inA * inB) / pairs([a.length]);
  return (together - byChance) / ((inA + inB) / 2 - byChance);
}

/**
 * Share of the edges that join nodes of one label (edge homophily: Zhu et al. 2020, § 2), and what it would be were ends drawn anew, each label as often as it
 * stands at an end (Newman 2003, eq. 2).
 */
export function edgeHomophily(
  labels: ArrayLike<number>,
  senders: ArrayLike<number>,
  receivers: ArrayLike<number>,
): { share: number; byChance: number } {
  const [sent, received] = [new Map<number, number>(), new Map<number, number>()];
  let alike = 0;
  for (let edge = 0; edge < senders.length; edge++) {
    const [from, to] = [labels[senders[edge]], labels[receivers[edge]]];
    sent.set(from, (sent.get(from) ?? 0) + 1);
    received.set(to, (received.get(to) ?? 0) + 1);
    if (from === to) alike++;
  }
  let byChance = 0;
  for (const [label, n] of sent) byChance += (n * (received.get(label) ?? 0)) / senders.length ** 2;
  return { share: alike / senders.length, byChance };
}
