import { type FeatureMatrix, type InteractionData, lastActiveS } from '@etalon/core/interactions';

const DAY_S = 86_400;

/**
 * What users did up to the moment that the data end at, in columns: of each type of edges between users how many lead from and to a
 * user, and the sums of their numeric features, as log(1 + n); days since the last edge, as log(1 + days). Every column is in
 * deviations from its mean at that moment, because counts grow with time. A type of `mutual` edges has one column.
 * @param kept the columns that there should be, in their order: one that is not there any more is 0; left out: all that vary.
 */
export function activityMatrix(
  data: InteractionData,
  users: string,
  mutual: string,
  kept?: readonly string[],
): FeatureMatrix {
  const varying = [...countColumns(data, users, mutual), ...silence(data, users)].flatMap(
    ({ name, values }) => {
      const scaled = standardised(values);
      return scaled ? [{ name, values: scaled }] : [];
    },
  );
  const nothing = new Float64Array(data.nodes(users).count);
  const columns =
    kept?.map((name) => varying.find((column) => column.name === name) ?? { name, values: nothing }) ??
    varying;
  const rows = data.nodes(users).count;
  const values = new Float32Array(rows * columns.length);
  columns.forEach((column, k) => {
    for (let row = 0; row < rows; row++) values[row * columns.length + k] = column.values[row];
  });
  return { names: columns.map(({ name }) => name), values };
}

interface Column {
  name: string;
  values: Float64Array;
}

function countColumns(data: InteractionData, users: string, mutual: string): Column[] {
  const rows = data.nodes(users).count;
  return data.edgeTypes.flatMap((type) => {
    const table = data.edges(type);
    if (table.from !== users || table.to !== users) return [];
    const ends = [
      ['from', table.fromRows],
      ['to', table.toRows],
    ] as const;
    const numeric = Object.entries(table.features).flatMap(([name, column]) =>
      column.kind === 'numeric' ? [{ name, of: (edge: number) => column.values[edge] || 0 }] : [],
    );
    const counted = [{ name: 'number', of: (_edge: number) => 1 }, ...numeric];
    return ends.slice(0, type === mutual ? 1 : 2).flatMap(([end, ofEdge]) =>
      counted.map(({ name, of }) => {
        const sums = new Float64Array(rows);
        ofEdge.forEach((row, edge) => {
          sums[row] += of(edge);
        });
        return { name: `${type} ${end}, ${name}`, values: sums.map((sum) => Math.log1p(Math.max(0, sum))) };
      }),
    );
  });
}

/** Nobody's last edge is known where edges have no times. */
function silence(data: InteractionData, users: string): Column[] {
  const last = lastActiveS(data, users);
  const end = last.reduce((latest, timeS) => (timeS > latest ? timeS : latest), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(end)) return [];
  return [
    {
      name: 'days since the last edge',
      values: last.map((timeS) => Math.log1p((end - timeS) / DAY_S)),
    },
  ];
}

/** What is not known is 0, the mean. Null for a column that never varies. */
function standardised(values: Float64Array): Float64Array | null {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
  if (!(deviation > 1e-9)) return null;
  return values.map((value) => (Number.isNaN(value) ? 0 : (value - mean) / deviation));
}
