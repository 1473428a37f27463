import type { Reasons } from '@etalon/core/app/model';
import { EtalonError, type TaskContext } from '@etalon/core/base';
import type { Device, Feed } from '@etalon/core/device';
import { AttributionExplainer, weighMessages } from '@etalon/core/explain';
import { type Program, programInputs } from '@etalon/core/tensor';
import { type PairNetwork, RELATIONS, type Relation, type Scales } from './network.ts';
import { feedOf, type Kept, type Snapshot } from './snapshots.ts';

/** Points of the path at which gradients are taken. */
const STEPS = 8;
const factorOf = (relation: Relation) => `factor/${relation}`;

export interface Question {
  readonly viewer: number;
  readonly author: number;
  /** Identifiers of the users. */
  readonly ids: readonly string[];
  readonly parameters: Float32Array;
}

/**
 * Shares an affinity among links around the pair and features by integrated gradients (Sundararajan et al. 2017) on the path from usual
 * features without any link to those that are: a link's share is what its relation and its own features add. Links of the
 * viewer are interactions, links to the author neighbours, all links between the two egos one feature of the context.
 */
export class AffinityExplainer {
  readonly #explainer: AttributionExplainer;
  readonly #relations: readonly Relation[];
  readonly #scales: Scales;

  static async compile(
    device: Device,
    { forward }: PairNetwork,
    { scales }: Kept,
  ): Promise<AffinityExplainer> {
    const relations = RELATIONS.filter((relation) => programInputs(forward).has(`pair/${relation}`));
    const program = relations.reduce(withFactor, forward);
    const inputs = ['nodeFeatures', 'edgeFeatures', ...relations.map(factorOf)];
    const explainer = await AttributionExplainer.compile(device, program, { output: 'affinity', inputs });
    return new AffinityExplainer(explainer, relations, scales);
  }

  private constructor(explainer: AttributionExplainer, relations: readonly Relation[], scales: Scales) {
    this.#explainer = explainer;
    this.#relations = relations;
    this.#scales = scales;
  }

  /** Throws `not-found` for two that are no friends. */
  async explain(
    snapshot: Snapshot,
    { viewer, author, ids, parameters }: Question,
    context: TaskContext,
  ): Promise<Reasons> {
    const { senders, receivers, edgeOf } = snapshot.pairs;
    const pair = edgeOf(viewer, author);
    const place = pair === undefined ? -1 : snapshot.asked.indexOf(pair);
    if (pair === undefined || place < 0)
      throw new EtalonError('not-found', `${ids[author]} is no friend of ${ids[viewer]} who has stories.`, {
        remedy: 'Ask about one of those that are recommended.',
      });
    const { target: _, ...feed } = feedOf({ snapshot, places: Int32Array.of(place) });
    const { byInput, value, baselineValue } = await this.#explainer.integratedGradients(
      { ...feed, parameters, ...this.#factors(feed, 1) },
      Float32Array.of(1),
      { baseline: { ...this.#usual(feed), ...this.#factors(feed, 0) }, steps: STEPS },
      context,
    );
    const { nodes, edges } = this.#scales;
    const row = (input: string, columns: readonly string[], at: number) =>
      columns.map((name, c) => ({ name, share: byInput[input][at * columns.length + c] }));
    const links = this.#relations.map((relation) => ({
      relation,
      rows: Array.from(feed[`edge/${relation}`], (edge, i) => ({
        edge,
        share: byInput[factorOf(relation)][i] + total(row('edgeFeatures', edges.names, edge)),
      })),
    }));
    const linksOf = (wanted: Relation) =>
      links.flatMap(({ relation, rows }) => (relation === wanted ? rows : []));
    const between = linksOf('between');
    const told = {
      interactions: linksOf('fromFirst')
        .map(({ edge, share }) => ({ item: ids[receivers[edge]], share }))
        .sort(byShare),
      neighbours: linksOf('toSecond')
        .map(({ edge, share }) => ({ user: ids[senders[edge]], share }))
        .sort(byShare),
      features: [
        ...row('edgeFeatures', edges.names, pair).map((each) => ({ of: 'pair' as const, ...each })),
        ...row('nodeFeatures', nodes.names, viewer).map((each) => ({ of: 'user' as const, ...each })),
        ...row('nodeFeatures', nodes.names, author).map((each) => ({ of: 'item' as const, ...each })),
        ...(between.length > 0
          ? [{ of: 'context' as const, name: 'friends → friends', share: total(between) }]
          : []),
      ]
        .filter(({ share }) => share !== 0)
        .sort(byShare),
    };
    const sum = total(told.interactions) + total(told.neighbours) + total(told.features);
    return { score: value, alone: baselineValue, ...told, rest: value - baselineValue - sum };
  }

  #factors(feed: Feed, value: number): Record<string, Float32Array> {
    return Object.fromEntries(
      this.#relations.map((relation) => [
        factorOf(relation),
        new Float32Array(feed[`pair/${relation}`].length).fill(value),
      ]),
    );
  }

  /** Features as training had them on average. */
  #usual({ nodeFeatures, edgeFeatures }: Feed): Record<string, Float32Array> {
    const { nodes, edges } = this.#scales;
    return {
      nodeFeatures: nodeFeatures.map((_, i) => nodes.mean[i % nodes.mean.length]) as Float32Array,
      edgeFeatures: edgeFeatures.map((_, i) => edges.mean[i % edges.mean.length]) as Float32Array,
    };
  }
}

/** Every link of a relation multiplied by a factor of its own. */
function withFactor(program: Program, relation: Relation): Program {
  return weighMessages(program, { indices: [`pair/${relation}`] }, (trace) =>
    trace.input(factorOf(relation), [`rows/${relation}`, 1]),
  );
}

function total(shares: readonly { share: number }[]): number {
  return shares.reduce((sum, { share }) => sum + share, 0);
}

function byShare(a: { share: number }, b: { share: number }): number {
  return Math.abs(b.share) - Math.abs(a.share);
}
