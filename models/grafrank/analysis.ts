import type { ReportTable } from '@etalon/core/api/contract';
import { Random, type TaskContext } from '@etalon/core/base';
import { ExactIndex, kMeans, vectorsOf } from '@etalon/core/retrieval';
import { adjustedRandIndex, edgeHomophily, normalisedMutualInformation } from '@etalon/core/train';
import type { SocialHistory } from './history.ts';

/** Clusters of users in each modality; the paper does not say how many. */
const CLUSTERS = 16;
const ITERATIONS = 25;

/**
 * The paper's look at its data (Sankar et al. 2021, § 3): users are clustered in each modality; how often friends share a cluster is the homophily of the
 * modality, and how much the clusters of two modalities tell of each other their correlation.
 */
export async function modalityReports(
  history: SocialHistory,
  seed: number,
  context: TaskContext,
): Promise<ReportTable[]> {
  const { modalities, users, edges } = history;
  const { features } = history.now().feed;
  const all = modalities.reduce((sum, { columns }) => sum + columns.length, 0);
  const labels: Int32Array[] = [];
  let at = 0;
  for (const { name, columns } of modalities) {
    const values = new Float32Array(users * columns.length);
    for (let user = 0; user < users; user++)
      values.set(features.subarray(user * all + at, user * all + at + columns.length), user * columns.length);
    at += columns.length;
    labels.push(await clustersOf(values, columns.length, name, seed, context));
  }
  const names = modalities.map(({ name }) => name);
  return [
    {
      title: 'Homophily of modalities',
      note: `Users in ${CLUSTERS} clusters of each modality by k-means: the share of friends in one cluster, beside what chance would give.`,
      columns: ['modality', 'friends in one cluster', 'by chance', 'ratio'],
      rows: labels.map((own, k) => {
        const { share, byChance } = edgeHomophily(own, edges.fromRows, edges.toRows);
        return [names[k], share, byChance, share / byChance];
      }),
    },
    correlation(
      'NMI',
      'Normalised mutual information of the same clusters: 1 where each tells the other, 0 where neither does.',
      normalisedMutualInformation,
    ),
    correlation(
      'ARI',
      'Adjusted Rand index of the same clusters: 1 for the same, 0 for what chance gives.',
      adjustedRandIndex,
    ),
  ];

  function correlation(
    title: string,
    note: string,
    figure: (a: Int32Array, b: Int32Array) => number,
  ): ReportTable {
    return {
      title: `Correlation of modalities, ${title}`,
      note,
      columns: ['', ...names],
      rows: labels.map((a, k) => [names[k], ...labels.map((b) => figure(a, b))]),
    };
  }
}

async function clustersOf(
  values: Float32Array,
  width: number,
  name: string,
  seed: number,
  context: TaskContext,
): Promise<Int32Array> {
  const rows = values.length / width;
  const clusters = Math.min(CLUSTERS, rows);
  const options = { clusters, iterations: ITERATIONS, stage: `Clustering ${name}` };
  const { centroids } = await kMeans(values, width, options, new Random(seed), context);
  const index = new ExactIndex(vectorsOf(centroids, width, 'l2'));
  return Int32Array.from(
    { length: rows },
    (_, row) => index.nearest(values.subarray(row * width, (row + 1) * width), 1).ids[0],
  );
}
