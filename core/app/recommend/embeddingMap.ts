import type { EmbeddingMap } from '../../api/recommenders.ts';
import { breathe, Random, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { NodeTable } from '../../interactions/index.ts';
import { ExactIndex, vectorsOf } from '../../retrieval/index.ts';
import type { Embeddings, OpenRecommender } from './definition.ts';
import { titleOf } from './recommend.ts';

/** More take minutes, and the eye does not tell them apart. */
const MOST_NODES = 3000;
/** As published (McInnes et al. 2018): what is nearest of so many is kept near. */
const NEIGHBOURS = 15;
const SEED = 1;
/** Of a feature with more values none is a colour. */
const MOST_VALUES = 40;
/** Epochs between two words of how far it is. */
const EPOCHS_AT_ONCE = 5;

/**
 * The states of users and items in the plane, by UMAP (McInnes, Healy & Melville 2018) of their cosines: what is near in the
 * plane is alike to the model; distances between far groups say nothing. Of more than {@link MOST_NODES} a seeded sample of every
 * type in proportion. The same run gives the same map.
 */
export async function embeddingMap(
  { data, embeddings }: Pick<OpenRecommender, 'data' | 'embeddings'>,
  context: TaskContext,
): Promise<EmbeddingMap> {
  const random = new Random(SEED);
  const of = embeddings.reduce((sum, { ids }) => sum + ids.length, 0);
  const chosen = embeddings.map((table) => ({
    ...table,
    rows: sample(table.ids.length, Math.round(table.ids.length * Math.min(1, MOST_NODES / of)), random),
  }));
  const plane = await inPlane(
    chosen.flatMap(({ rows, values, width }) =>
      rows.map((row) => values.subarray(row * width, (row + 1) * width)),
    ),
    random,
    context,
  );
  let at = 0;
  const types = chosen.map(({ nodes, ids, rows }) => {
    const xy = plane.slice(at, at + rows.length);
    at += rows.length;
    const shown = rows.map((row) => ids[row]);
    return {
      type: nodes,
      ids: shown,
      x: xy.map(([x]) => x),
      y: xy.map(([, y]) => y),
      ...described(data.nodes(nodes), shown),
    };
  });
  return { of, types };
}

/** So many whole numbers below n, in order. */
function sample(n: number, count: number, random: Random): number[] {
  return random
    .shuffle([...Array(n).keys()])
    .slice(0, count)
    .sort((a, b) => a - b);
}

async function inPlane(
  rows: readonly Embeddings['values'][],
  random: Random,
  context: TaskContext,
): Promise<number[][]> {
  const stage = 'Laying the map out';
  context.report({ stage, done: 0 });
  // Fewer have no neighbourhoods to keep.
  if (rows.length < 4) return rows.map((_, i) => [i, 0]);
  const width = rows[0].length;
  const all = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    all.set(row, i * width);
  });
  const neighbours = Math.min(NEIGHBOURS, rows.length - 1);
  const index = new ExactIndex(vectorsOf(all, width, 'cosine'));
  const hits = await index.nearestOfMany(all, neighbours, context);
  // Loaded when wanted: no other question needs it.
  const { UMAP } = await import('umap-js');
  const umap = new UMAP({ nNeighbors: neighbours, random: () => random.uniform() });
  umap.setPrecomputedKNN(
    hits.map(({ ids }) => [...ids]),
    hits.map(({ distances }) => Array.from(distances, (distance) => Math.max(0, distance))),
  );
  await breathe();
  const epochs = umap.initializeFit(rows.map((row) => [...row]));
  for (let epoch = 0; epoch < epochs; epoch++) {
    if (epoch % EPOCHS_AT_ONCE === 0) {
      context.report({ stage, done: epoch, total: epochs, unit: 'epochs' });
      throwIfCancelled(context.signal);
      await breathe();
    }
    umap.step();
  }
  return umap.getEmbedding();
}

/** Names, and the features that can colour the map. */
function described(
  nodes: NodeTable,
  ids: readonly string[],
): Pick<EmbeddingMap['types'][number], 'titles' | 'features'> {
  const rows = ids.map((id) => nodes.row(id));
  const features: Record<string, (string | null)[]> = {};
  for (const [name, column] of Object.entries(nodes.features))
    if (column.kind === 'categorical' && column.categories.length <= MOST_VALUES)
      features[name] = rows.map((row) => column.categories[column.codes[row]] ?? null);
  return { titles: rows.map((row) => titleOf(nodes, row)), features };
}
