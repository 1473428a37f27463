import { EtalonError, plural } from '@etalon/core/base';
import { type Adjacency, adjacencyOf, groupBy } from '@etalon/core/graph';
import type { EdgeTable, InteractionData } from '@etalon/core/interactions';

/** Pins on boards, and which pins go together. */
export interface PinGraph {
  readonly pins: number;
  readonly boards: number;
  /** Type of the nodes that are recommended. */
  readonly pinType: string;
  /** Types of boards, and the number of the first board of each. */
  readonly boardTypes: readonly { name: string; first: number }[];
  /** A step of a walk: from a pin to one of its boards, from there to a pin. */
  readonly path: readonly [Adjacency, Adjacency];
  /** Pairs that training brings together. */
  readonly pairs: PinPairs;
  /** Users' rows by board, where boards are asked about; null where pins are. */
  readonly askedBoards: Adjacency | null;
}

export interface PinPairs {
  /** [pairs] the pin that was looked at, and the one that was saved from there. */
  readonly query: Int32Array;
  readonly positive: Int32Array;
}

/**
 * What is known as pins on boards. Edges from pins to pins are the pairs. Of edges from other nodes, those nodes are boards and what they
 * lead to pins; a board's pins in the order of their times, or of the source where times are not known, are then pairs, each with
 * the next. All other types of edges between pins and one other kind of node put pins on boards too. Throws `input` where no pin lies on anything.
 */
export function pinGraph(data: InteractionData, type: string): PinGraph {
  const edges = data.edges(type);
  const pinType = edges.to;
  const asksPins = edges.from === pinType;
  const saves = boardEdges(data, pinType);
  if (saves.length === 0)
    throw new EtalonError('input', `Nothing holds several ${plural(pinType)}: there are no boards.`, {
      remedy: 'Import edges between them and what they are collected on, such as boards, lists or users.',
    });
  const { pin, board, weights, boards, boardTypes } = joinedSaves(data, saves, pinType);
  const pins = data.nodes(pinType).count;
  return {
    pins,
    boards,
    pinType,
    boardTypes,
    path: [
      adjacencyOf({ rows: pins, columns: boards, from: pin, to: board, weights }),
      adjacencyOf({ rows: boards, columns: pins, from: board, to: pin, weights }),
    ],
    pairs: asksPins ? { query: edges.fromRows, positive: edges.toRows } : consecutive(data, edges),
    askedBoards: asksPins ? null : data.adjacency(type, 'out'),
  };
}

/** Types of edges that have a pin at one end alone. */
function boardEdges(data: InteractionData, pinType: string): EdgeTable[] {
  return data.edgeTypes
    .map((name) => data.edges(name))
    .filter(({ from, to }) => (from === pinType) !== (to === pinType));
}

/** Boards of all kinds in one numbering. */
function joinedSaves(data: InteractionData, tables: readonly EdgeTable[], pinType: string) {
  const kinds = [...new Set(tables.map(({ from, to }) => (from === pinType ? to : from)))];
  let boards = 0;
  const boardTypes = kinds.map((name) => {
    const first = boards;
    boards += data.nodes(name).count;
    return { name, first };
  });
  const rows = tables.map(({ from, to, fromRows, toRows, weights, count }) => {
    const [own, other, kind] = from === pinType ? [fromRows, toRows, to] : [toRows, fromRows, from];
    const { first } = boardTypes.find(({ name }) => name === kind)!;
    return {
      pin: own,
      board: other.map((row) => first + row),
      weights: weights ?? new Float32Array(count).fill(1),
    };
  });
  const isWeighted = tables.some(({ weights }) => weights !== null);
  return {
    boards,
    boardTypes,
    pin: Int32Array.from(rows.flatMap(({ pin }) => [...pin])),
    board: Int32Array.from(rows.flatMap(({ board }) => [...board])),
    weights: isWeighted ? Float32Array.from(rows.flatMap(({ weights }) => [...weights])) : null,
  };
}

/** Each pin of a board with the one that came after it. */
function consecutive(data: InteractionData, { from, fromRows, toRows, timesS }: EdgeTable): PinPairs {
  const { offsets, entries } = groupBy(fromRows, data.nodes(from).count);
  const query: number[] = [];
  const positive: number[] = [];
  for (let board = 0; board + 1 < offsets.length; board++) {
    const own = entries.slice(offsets[board], offsets[board + 1]);
    if (timesS) own.sort((a, b) => timesS[a] - timesS[b] || a - b);
    for (let i = 0; i + 1 < own.length; i++) {
      if (toRows[own[i]] === toRows[own[i + 1]]) continue;
      query.push(toRows[own[i]]);
      positive.push(toRows[own[i + 1]]);
    }
  }
  return { query: Int32Array.from(query), positive: Int32Array.from(positive) };
}
