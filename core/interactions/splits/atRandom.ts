import type { Random } from '../../base/index.ts';
import type { InteractionData } from '../data.ts';
import type { EdgeTable, Side } from '../edges.ts';
import { type HeldOut, splitUsers } from './byTime.ts';
import { checkShares, type Part, partOf, type Shares, type Split, splitBy } from './split.ts';

/** Held-out edges of each user are drawn at random; a user whom nothing would be left of for training keeps all for it. */
export function splitUsersAtRandom(edges: EdgeTable, heldOut: HeldOut, random: Random): Split {
  return splitUsers(edges, heldOut, (own) => random.shuffle(own));
}

/**
 * Pairs of nodes are drawn at random, and all edges of a pair go together: where both ends are of one type those in the other
 * direction too, so that no friendship is asked for which training has seen from the other side.
 */
export function splitPairsAtRandom(edges: EdgeTable, shares: Shares, random: Random): Split {
  checkShares(shares);
  const keys = Array.from(edges.fromRows, (from, edge) => {
    const to = edges.toRows[edge];
    return edges.from === edges.to && to < from ? `${to} ${from}` : `${from} ${to}`;
  });
  const partOfKey = drawParts([...new Set(keys)], shares, random);
  return splitBy(edges.count, (edge) => partOfKey.get(keys[edge])!);
}

export interface NewNodeSplit extends Split {
  /** Edges of held-out nodes that are given when the model is asked, and never trained on: what is known of a new user. */
  readonly known: Int32Array;
  /** Rows of the held-out nodes, ascending. */
  readonly newNodes: { readonly validation: Int32Array; readonly test: Int32Array };
}

/**
 * Users (`out`) or items (`in`) that training sees nothing of, drawn at random among those with edges. The first `known` of their
 * edges, a share rounded down, are given when the model is asked; the others are to be predicted. First is by time, where
 * there are times (a missing one is last), else in the order of the source.
 */
export function splitNewNodes(
  data: InteractionData,
  type: string,
  side: Side,
  { known, ...shares }: Shares & { known: number },
  random: Random,
): NewNodeSplit {
  checkShares(shares);
  const edges = data.edges(type);
  const { neighbours: _, ...own } = data.adjacency(type, side);
  const { timesS } = edges;
  const active = [...Array(own.rows).keys()].filter((row) => own.offsets[row + 1] > own.offsets[row]);
  const partOfNode = drawParts(active, shares, random);

  const isKnown = new Uint8Array(edges.count);
  for (const [node, part] of partOfNode) {
    if (part === 'train') continue;
    const ofNode = own.edges.slice(own.offsets[node], own.offsets[node + 1]);
    if (timesS) ofNode.sort((a, b) => lastWhereMissing(timesS[a]) - lastWhereMissing(timesS[b]) || a - b);
    for (const edge of ofNode.subarray(0, partOf(ofNode.length, known))) isKnown[edge] = 1;
  }
  const nodeOf = side === 'out' ? edges.fromRows : edges.toRows;
  const nodesOf = (wanted: Part) => Int32Array.from(active.filter((node) => partOfNode.get(node) === wanted));
  return {
    ...splitBy(edges.count, (edge) => (isKnown[edge] ? null : partOfNode.get(nodeOf[edge])!)),
    known: edges.where((edge) => isKnown[edge] === 1),
    newNodes: { validation: nodesOf('validation'), test: nodesOf('test') },
  };
}

function lastWhereMissing(timeS: number): number {
  return Number.isNaN(timeS) ? Number.MAX_VALUE : timeS;
}

/** The part of each of some things, drawn at random; shares are rounded down. */
export function drawParts<T>(
  things: readonly T[],
  { validation, test }: Shares,
  random: Random,
): Map<T, Part> {
  const drawn = random.shuffle([...things]);
  const tests = partOf(drawn.length, test);
  const validations = partOf(drawn.length, validation);
  return new Map(
    drawn.map((thing, i) => [thing, i < tests ? 'test' : i < tests + validations ? 'validation' : 'train']),
  );
}
