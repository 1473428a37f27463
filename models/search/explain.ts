import type { Reasons } from '@etalon/core/app/model';
import type { Device, Feed } from '@etalon/core/device';
import { AttributionExplainer, holdNorms, weighMessages } from '@etalon/core/explain';
import { dot } from '@etalon/core/gnn';
import { type InteractionData, ngramsOf, tokenBags } from '@etalon/core/interactions';
import { gather, type Program, Trace } from '@etalon/core/tensor';
import type { LoadedRun } from '../recommend/open.ts';
import type { Asked } from './evidence.ts';
import { askedFeed, documentFeed, ngramOptions, placesOf, tieRelations } from './inputs.ts';
import type { SearchSettings } from './settings.ts';
import type { PreparedSearch } from './system.ts';

const SCORE = 'score';
/** How many of each kind are told. */
const TOLD = 10;

/** Questions as the query tower takes them: the same program embeds queries that no data set has. */
export function questionFeed({ prepared: { inputs }, settings }: Loaded, questions: readonly Asked[]): Feed {
  const degrees = (axis: 0 | 1) => Float64Array.from(questions, ({ place }) => place?.[axis] ?? Number.NaN);
  return askedFeed(inputs, {
    bags: tokenBags(
      questions.map(({ text }) => text),
      ngramOptions(settings),
    ),
    searchers: Int32Array.from(questions, ({ searcher }) => searcher),
    places: placesOf({ longitude: degrees(0), latitude: degrees(1) }).values,
  });
}

type Loaded = LoadedRun<PreparedSearch, SearchSettings>;

/**
 * Shares a cosine among what both towers were given. With norms held, the cosine is bilinear: Σᵢ Σⱼ qᵢ·dⱼ over the parts of query and document;
 * each pair's product is shared half and half between the two, which is each part's Shapley value. Gradient × input gives the sums of both sides.
 */
export class SearchExplainer {
  readonly #explainer: AttributionExplainer;
  readonly #inputs: readonly string[];
  readonly #loaded: Loaded;

  static async compile(device: Device, loaded: Loaded): Promise<SearchExplainer> {
    const { inputs } = loaded.prepared;
    const relations = loaded.settings.social === 'yes' ? tieRelations(inputs.corpus.ties) : [];
    const program = scoreProgram(loaded.network.forward, relations);
    const explained = [
      'query.weights',
      ...inputs.documentBags.map((_, i) => `text${i}.weights`),
      ...(inputs.placeWidth > 0 ? ['queryPlaces', 'places'] : []),
      'features',
      ...relations.map(factorOf),
    ];
    const explainer = await AttributionExplainer.compile(device, program, {
      output: SCORE,
      inputs: explained,
    });
    return new SearchExplainer(explainer, explained, loaded);
  }

  private constructor(explainer: AttributionExplainer, inputs: readonly string[], loaded: Loaded) {
    this.#explainer = explainer;
    this.#inputs = inputs;
    this.#loaded = loaded;
  }

  async explain(asked: Asked, document: number): Promise<Reasons> {
    const { prepared, data, parameters } = this.#loaded;
    const { inputs } = prepared;
    const feed: Record<string, Feed[string]> = {
      ...prepared.feed,
      parameters,
      ...questionFeed(this.#loaded, [asked]),
      ...documentFeed(inputs, Int32Array.of(document)),
      query: Int32Array.of(0),
      document: Int32Array.of(0),
    };
    for (const name of this.#inputs.filter((input) => input.startsWith(FACTOR)))
      feed[name] = new Float32Array(feed[`senders/${name.slice(FACTOR.length)}`].length).fill(1);
    const { byInput, value } = await this.#explainer.gradientTimesInput(feed, Float32Array.of(1));
    const halved = Object.fromEntries(
      Object.entries(byInput).map(([name, shares]) => [name, shares.map((share) => share / 2)]),
    );
    const told = this.#told(halved, asked, document, data);
    const sum = Object.values(told)
      .flat()
      .reduce((total, { share }) => total + share, 0);
    return { score: value, alone: 0, ...told, rest: value - sum };
  }

  #told(
    byInput: Readonly<Record<string, Float32Array>>,
    asked: Asked,
    document: number,
    data: InteractionData,
  ): Pick<Reasons, 'interactions' | 'neighbours' | 'features'> {
    const { inputs } = this.#loaded.prepared;
    const { corpus, columns } = inputs;
    const { ids } = data.nodes(corpus.documentType);
    const grams = (of: 'user' | 'item', name: string, text: string | null, shares: Float32Array) =>
      bySum(
        ngramsOf(text ?? '', ngramOptions(this.#loaded.settings)).map(
          (gram, i) => [gram, shares[i]] as const,
        ),
      ).map(({ key, share }) => ({ of, name: `${name}: ${key}`, share }));
    const columnShares = (of: 'user' | 'item', row: number) =>
      row < 0
        ? []
        : columns.map((name, k) => ({ of, name, share: byInput.features[row * columns.length + k] }));
    const total = (shares: Float32Array | undefined) => shares?.reduce((a, b) => a + b, 0) ?? 0;
    const features = [
      ...grams('user', 'query', asked.text, byInput['query.weights']),
      ...corpus.texts.flatMap(({ name, values }, i) =>
        grams('item', name, values[document], byInput[`text${i}.weights`]),
      ),
      ...columnShares('user', asked.searcher),
      ...(document === asked.searcher ? [] : columnShares('item', document)),
      { of: 'context' as const, name: 'place that is asked from', share: total(byInput.queryPlaces) },
      { of: 'item' as const, name: 'place', share: total(byInput.places) },
    ].filter(({ share }) => share !== 0);
    const ties = this.#ties(byInput);
    return {
      interactions: ties.of(asked.searcher).map(({ key, share }) => ({ item: ids[key], share })),
      neighbours: (document === asked.searcher ? [] : ties.of(document)).map(({ key, share }) => ({
        user: ids[key],
        share,
      })),
      features: largest(features),
    };
  }

  /** What reached a node along its ties, by who or what sent it. */
  #ties(byInput: Readonly<Record<string, Float32Array>>) {
    const { corpus, feed } = this.#loaded.prepared.inputs;
    return {
      of: (node: number) => {
        const shares: [number, number][] = [];
        for (const relation of node >= 0 ? tieRelations(corpus.ties) : []) {
          const factors = byInput[factorOf(relation)];
          if (!factors) continue;
          const [senders, receivers] = [feed[`senders/${relation}`], feed[`receivers/${relation}`]];
          factors.forEach((share, edge) => {
            if (receivers[edge] === node && share !== 0) shares.push([senders[edge], share]);
          });
        }
        return largest(bySum(shares));
      },
    };
  }
}

const FACTOR = 'factor/';
const factorOf = (relation: string) => `${FACTOR}${relation}`;

/** The cosine of one query and one document, every message multiplied by a factor of its tie, norms held. */
function scoreProgram(forward: Program, relations: readonly string[]): Program {
  const weighed = relations.reduce(
    (program, relation) =>
      weighMessages(program, { indices: [`receivers/${relation}`] }, (trace) =>
        trace.input(factorOf(relation), [`edges/${relation}`, 1]),
      ),
    forward,
  );
  const held = holdNorms(weighed);
  const { trace, tensors } = Trace.from(held);
  const rows = (name: string) => tensors[held.outputs.find((output) => output.name === name)!.id];
  const [query, document] = ['query', 'document'].map((name) => trace.input(name, ['asked'], 'i32'));
  return trace.program({ [SCORE]: dot(gather(rows('users'), query), gather(rows('items'), document)) });
}

function bySum<K>(shares: readonly (readonly [K, number])[]): { key: K; share: number }[] {
  const sums = new Map<K, number>();
  for (const [key, share] of shares) sums.set(key, (sums.get(key) ?? 0) + share);
  return [...sums].map(([key, share]) => ({ key, share }));
}

function largest<T extends { share: number }>(shares: readonly T[]): T[] {
  return shares.toSorted((a, b) => Math.abs(b.share) - Math.abs(a.share)).slice(0, TOLD);
}
