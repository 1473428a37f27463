import type { Reasons } from '@etalon/core/app/model';
import type { Device, Feed } from '@etalon/core/device';
import { AttributionExplainer, weighMessages } from '@etalon/core/explain';
import { dot } from '@etalon/core/gnn';
import type { InteractionData } from '@etalon/core/interactions';
import { gather, type Program, Trace } from '@etalon/core/tensor';
import type { InputFeatures, Prepared, RecommenderNetwork } from './system.ts';

/** Points of the path at which gradients are taken: scores are about quadratic in the factors of edges. */
const STEPS = 8;
/** How many of each kind are told. */
const TOLD = 10;
const EDGE_FACTOR = 'edgeFactor';
const SCORE = 'score';

/**
 * Shares a score among messages and features by integrated gradients (Sundararajan et al. 2017) along the path from no message and no
 * feature to all of them: shares add up to the score less what it is without. An edge between the user and an item they took is an
 * interaction, one between the item and another user a neighbour, whichever way its message runs.
 */
export class ScoreExplainer {
  readonly #explainer: AttributionExplainer;
  readonly #prepared: Prepared;
  readonly #data: InteractionData;
  readonly #edges: string;

  static async compile(
    device: Device,
    { forward }: RecommenderNetwork,
    prepared: Prepared,
    data: InteractionData,
    edges: string,
  ): Promise<ScoreExplainer> {
    const inputs = [EDGE_FACTOR, ...featureInputs(prepared).map(([, { input }]) => input)];
    const explainer = await AttributionExplainer.compile(device, scoreProgram(forward), {
      output: SCORE,
      inputs,
    });
    return new ScoreExplainer(explainer, prepared, data, edges);
  }

  private constructor(
    explainer: AttributionExplainer,
    prepared: Prepared,
    data: InteractionData,
    edges: string,
  ) {
    this.#explainer = explainer;
    this.#prepared = prepared;
    this.#data = data;
    this.#edges = edges;
  }

  async explain(feed: Feed, user: number, item: number): Promise<Reasons> {
    const { from, to } = this.#data.edges(this.#edges);
    const asked = {
      ...feed,
      user: Int32Array.of(user),
      item: Int32Array.of(item),
      [EDGE_FACTOR]: new Float32Array(feed.receivers.length).fill(1),
    };
    const { byInput, value, baselineValue } = await this.#explainer.integratedGradients(
      asked,
      Float32Array.of(1),
      { baseline: 'zeros', steps: STEPS },
    );
    const [taken, others] = [new Map<number, number>(), new Map<number, number>()];
    byInput[EDGE_FACTOR].forEach((share, edge) => {
      const ends = this.#prepared.edgeEnds(edge);
      if (ends?.user === user) taken.set(ends.item, (taken.get(ends.item) ?? 0) + share);
      else if (ends?.item === item) others.set(ends.user, (others.get(ends.user) ?? 0) + share);
    });
    const features = featureInputs(this.#prepared).flatMap(([of, { input, columns }]) => {
      const row = of === 'user' ? user : item;
      return columns.map((name, i) => ({ of, name, share: byInput[input][row * columns.length + i] }));
    });
    const told = {
      interactions: byRow(taken).map(([row, share]) => ({ item: this.#data.nodes(to).ids[row], share })),
      neighbours: byRow(others).map(([row, share]) => ({ user: this.#data.nodes(from).ids[row], share })),
      features: largest(features.filter(({ share }) => share !== 0)),
    };
    const sum = Object.values(told)
      .flat()
      .reduce((total, { share }) => total + share, 0);
    return { score: value, alone: baselineValue, ...told, rest: value - baselineValue - sum };
  }
}

/** The score of one user and item, every message multiplied by a factor of its edge. */
function scoreProgram(forward: Program): Program {
  const weighed = weighMessages(forward, { indices: ['receivers'] }, (trace) =>
    trace.input(EDGE_FACTOR, ['edges', 1]),
  );
  const { trace, tensors } = Trace.from(weighed);
  const rows = (name: string) => tensors[weighed.outputs.find((output) => output.name === name)!.id];
  const [user, item] = ['user', 'item'].map((name) => trace.input(name, ['asked'], 'i32'));
  return trace.program({ [SCORE]: dot(gather(rows('users'), user), gather(rows('items'), item)) });
}

function featureInputs({ features }: Prepared): ['user' | 'item', InputFeatures][] {
  return (
    [
      ['user', features.users],
      ['item', features.items],
    ] as const
  ).flatMap(([of, input]) => (input ? [[of, input]] : []));
}

function byRow(shares: ReadonlyMap<number, number>): [number, number][] {
  return largest([...shares].map(([row, share]) => ({ row, share }))).map(({ row, share }) => [row, share]);
}

/** Those that are told: the largest, whichever way they go. */
export function largest<T extends { share: number }>(shares: readonly T[]): T[] {
  return shares.toSorted((a, b) => Math.abs(b.share) - Math.abs(a.share)).slice(0, TOLD);
}
