import type { Reasons } from '@etalon/core/app/model';
import { Random } from '@etalon/core/base';
import type { Device } from '@etalon/core/device';
import { AttributionExplainer, weighMessages } from '@etalon/core/explain';
import { gatherRows, NeighbourSampler } from '@etalon/core/graph';
import { byRow, largest } from '../recommend/reasons.ts';
import { allWeights, type FriendsAtWork } from './loaded.ts';
import { wholeProgram } from './network.ts';

/** Points of the path at which gradients are taken. */
const STEPS = 16;
const EDGE_FACTOR = 'edgeFactor';
/** Where every neighbour is taken, nothing is drawn. */
const ALL_ARE_TAKEN = new Random(0);

/**
 * Shares a ranker's score among messages, features of the two and what is known of the pair, by integrated gradients (Sundararajan et
 * al. 2017), on the path from no message, no feature and an average candidate to all that is there: through the ranker and both
 * layers, on the part of the graph that the two embeddings come from.
 */
export class FriendReasons {
  readonly #explainer: AttributionExplainer;
  readonly #work: FriendsAtWork;
  readonly #parameters: Float32Array;
  readonly #sampler: NeighbourSampler;

  static async compile(device: Device, work: FriendsAtWork): Promise<FriendReasons> {
    const { graph, scaling, settings } = work.loaded;
    const parameters = allWeights(work.loaded);
    const weighed = weighMessages(
      wholeProgram(graph.columns.length, scaling, settings),
      { indices: ['receivers'] },
      (trace) => trace.input(EDGE_FACTOR, ['edges', 1]),
    );
    const explainer = await AttributionExplainer.compile(device, weighed, {
      output: 'score',
      inputs: [EDGE_FACTOR, 'x', 'pairs'],
    });
    return new FriendReasons(explainer, work, parameters);
  }

  private constructor(explainer: AttributionExplainer, work: FriendsAtWork, parameters: Float32Array) {
    this.#explainer = explainer;
    this.#work = work;
    this.#parameters = parameters;
    // Friends of friends of both: all whose features their embeddings depend on.
    this.#sampler = new NeighbourSampler(work.loaded.graph.adjacency, [
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  }

  async explain(user: number, candidate: number): Promise<Reasons> {
    const { graph, scaling, data } = this.#work.loaded;
    const width = graph.columns.length;
    const { blocks, nodes, seedRows } = this.#sampler.sample(Int32Array.of(user, candidate), ALL_ARE_TAKEN);
    const [{ senders, receivers }] = blocks;
    const x = new Float32Array(nodes.length * width);
    gatherRows(graph.x, width, nodes, x);
    const pairs = (await this.#work.ranker.features.rows(user, Int32Array.of(candidate))).slice(1);
    const factors = new Float32Array(senders.length).fill(1);
    const { byInput, value, baselineValue } = await this.#explainer.integratedGradients(
      {
        parameters: this.#parameters,
        senders,
        receivers,
        x,
        pairs,
        user: seedRows.slice(0, 1),
        candidate: seedRows.slice(1),
        [EDGE_FACTOR]: factors,
      },
      Float32Array.of(1),
      {
        steps: STEPS,
        baseline: {
          [EDGE_FACTOR]: new Float32Array(factors.length),
          x: new Float32Array(x.length),
          pairs: Float32Array.from(scaling.mean.slice(1)),
        },
      },
    );
    const friendsOf = (row: number) => {
      const shares = new Map<number, number>();
      byInput[EDGE_FACTOR].forEach((share, edge) => {
        if (receivers[edge] === row)
          shares.set(nodes[senders[edge]], (shares.get(nodes[senders[edge]]) ?? 0) + share);
      });
      return byRow(shares);
    };
    const { ids } = data.nodes(graph.users);
    const featuresOf = (of: 'user' | 'item', row: number) =>
      graph.columns.map((name, k) => ({ of, name, share: byInput.x[row * width + k] }));
    const told = {
      interactions: friendsOf(seedRows[0]).map(([row, share]) => ({ item: ids[row], share })),
      neighbours: friendsOf(seedRows[1]).map(([row, share]) => ({ user: ids[row], share })),
      features: largest(
        [
          ...featuresOf('user', seedRows[0]),
          ...featuresOf('item', seedRows[1]),
          ...scaling.names
            .slice(1)
            .map((name, k) => ({ of: 'pair' as const, name, share: byInput.pairs[k] })),
        ].filter(({ share }) => share !== 0),
      ),
    };
    const sum = Object.values(told)
      .flat()
      .reduce((total, { share }) => total + share, 0);
    return { score: value, alone: baselineValue, ...told, rest: value - baselineValue - sum };
  }
}
