import { type IncomingTurns, incomingTurns } from '../incomingTurns.ts';
import type { RoadNetwork } from '../network.ts';

/**
 * Graphs of stretches of road, one after another in growing columns: nodes are segments, edges the turns between them.
 * A route's nodes come first, in driving order; then what lies around it, ring by ring.
 */
export class ExtendedPaths {
  /** [nodes] */
  readonly segments: number[] = [];
  /** [nodes] turns between the segment and the route; 0 on the route. */
  readonly turnsAway: number[] = [];
  /** [nodes] place on the route, from 0, of the node itself or of the one that it was found from. */
  readonly places: number[] = [];
  /** [nodes] position of the stretch. */
  readonly graphs: number[] = [];
  /** [edges] nodes that each edge leaves and enters. */
  readonly senders: number[] = [];
  readonly receivers: number[] = [];
  /** [edges] the turn that is driven; −1 where the network has none. */
  readonly turns: number[] = [];
  /** [edges] 1: in driving order; 0: against it, so that conditions ahead reach the segments behind. */
  readonly onward: number[] = [];
  /** [graphs + 1] first node of each. */
  readonly nodeOffsets: number[] = [0];
}

/**
 * Extends stretches of road by off-route neighbours (Derrow-Pinion et al. 2021, "extended supersegments"): the segments
 * from which one can turn onto the route and those onto which one can turn off it, and so on for further rings. Edges
 * lead towards the route: from the segments that feed it, and from those that it feeds, whose queues reach back.
 */
export class PathExtender {
  readonly #network: RoadNetwork;
  readonly #entering: IncomingTurns;
  /** [S] node that stands for a segment in the graph being made, where its mark is of this graph. */
  readonly #node: Int32Array;
  readonly #mark: Int32Array;
  #graph = 0;

  constructor(network: RoadNetwork) {
    this.#network = network;
    this.#entering = incomingTurns(network);
    this.#node = new Int32Array(network.segmentCount);
    this.#mark = new Int32Array(network.segmentCount).fill(-1);
  }

  /**
   * Appends the graph of the segments path[start] … path[end − 1]. The steps of the route are two edges each, onward and back
   * (step k of it owns edges 2k and 2k + 1 of the graph); `rings` = 0 adds nothing else.
   */
  append(
    into: ExtendedPaths,
    path: ArrayLike<number>,
    { start, end, rings }: { start: number; end: number; rings: number },
    findTurn: (a: number, b: number) => number,
  ): void {
    const first = into.segments.length;
    const graph = into.nodeOffsets.length - 1;
    this.#graph++;
    for (let k = start; k < end; k++) {
      const node = this.#addNode(into, path[k], graph, 0, k - start);
      if (k === start) continue;
      const turn = findTurn(path[k - 1], path[k]);
      addEdge(into, node - 1, node, turn, 1);
      addEdge(into, node, node - 1, turn, 0);
    }
    let ringBegin = first;
    for (let ring = 1; ring <= rings; ring++) {
      const ringEnd = into.segments.length;
      for (let node = ringBegin; node < ringEnd; node++) this.#addAround(into, node, ringEnd, graph, ring);
      ringBegin = ringEnd;
    }
    into.nodeOffsets.push(into.segments.length);
  }

  #addAround(into: ExtendedPaths, node: number, ringEnd: number, graph: number, ring: number): void {
    const { turnOffsets, turnFrom, turnTo, reverse } = this.#network;
    const { offsets, turns } = this.#entering;
    const segment = into.segments[node];
    const add = (other: number, turn: number, onward: 0 | 1) => {
      if (other === reverse[segment]) return;
      const isNew = this.#mark[other] !== this.#graph;
      // Between nodes of the route, or of rings already there, nothing is added.
      if (!isNew && this.#node[other] < ringEnd) return;
      const sender = isNew ? this.#addNode(into, other, graph, ring, into.places[node]) : this.#node[other];
      addEdge(into, sender, node, turn, onward);
    };
    for (let i = offsets[segment]; i < offsets[segment + 1]; i++) add(turnFrom[turns[i]], turns[i], 1);
    for (let turn = turnOffsets[segment]; turn < turnOffsets[segment + 1]; turn++) add(turnTo[turn], turn, 0);
  }

  #addNode(into: ExtendedPaths, segment: number, graph: number, ring: number, place: number): number {
    const node = into.segments.push(segment) - 1;
    into.turnsAway.push(ring);
    into.places.push(place);
    into.graphs.push(graph);
    this.#mark[segment] = this.#graph;
    this.#node[segment] = node;
    return node;
  }
}

function addEdge(into: ExtendedPaths, sender: number, receiver: number, turn: number, onward: 0 | 1): void {
  into.senders.push(sender);
  into.receivers.push(receiver);
  into.turns.push(turn);
  into.onward.push(onward);
}
