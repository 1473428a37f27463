import type { EdgeTable } from '../edges.ts';

/** Which edges count: those in (`untilS` − `windowS` · `windows`, `untilS`] by window, and all up to `untilS`. */
export interface HistoryWindows {
  /** Seconds since 1970-01-01T00:00Z, inclusive. */
  readonly untilS: number;
  readonly windowS: number;
  readonly windows: number;
}

/** Numbers by row, with what each column is called. */
export interface NamedColumns {
  readonly names: readonly string[];
  /** [names][rows] */
  readonly columns: readonly Float32Array[];
}

/** Parts are drawn towards the usual share as if so many more had been seen with it. */
const PRIOR = 2;
const DAY_S = 86_400;

/**
 * What a table's edges up to a moment come to for each of `rows` rows (a pair, a user): the logarithm of 1 + the number of edges, in all and in each of the
 * latest windows, and of 1 + the sum of each numeric feature; of counts that are never above another one (viewed of posted) their share
 * of it, drawn towards the usual one; the logarithm of 1 + days since the last edge, of a year where there is none. An edge without a time, in a table with times, does not count; in one without, all are long past.
 * @param rowOf the row of an edge; −1 for an edge that is of no row.
 */
export function historyColumns(
  table: EdgeTable,
  rowOf: (edge: number) => number,
  rows: number,
  { untilS, windowS, windows }: HistoryWindows,
): NamedColumns {
  const amounts = amountsOf(table);
  const parts = partsOf(amounts);
  const total = amounts.map(() => new Float64Array(rows));
  const recent = Array.from({ length: table.timesS ? windows : 0 }, () => new Float64Array(rows));
  const lastS = new Float64Array(rows).fill(untilS - 365 * DAY_S);
  const all = new Float64Array(amounts.length);
  for (const edge of table.where((edge) => !table.timesS || table.timesS[edge] <= untilS)) {
    amounts.forEach(({ values }, a) => {
      all[a] += values(edge);
    });
    const row = rowOf(edge);
    if (row < 0) continue;
    amounts.forEach(({ values }, a) => {
      total[a][row] += values(edge);
    });
    const timeS = table.timesS?.[edge] ?? Number.NEGATIVE_INFINITY;
    const window = recent[Math.floor((untilS - timeS) / windowS)];
    if (window) window[row]++;
    lastS[row] = Math.max(lastS[row], timeS);
  }
  const logged = (sums: Float64Array) => Float32Array.from(sums, Math.log1p);
  const named: (readonly [string, Float32Array])[] = [
    ...amounts.map(({ name }, a) => [name, logged(total[a])] as const),
    ...recent.map((sums, w) => [`${table.name}, window ${w + 1}`, logged(sums)] as const),
    ...parts.map(([part, whole]) => {
      const usual = all[part] / Math.max(1, all[whole]);
      const shares = total[part].map((sum, row) => (sum + PRIOR * usual) / (total[whole][row] + PRIOR));
      return [`${amounts[part].name} of ${amounts[whole].name}`, Float32Array.from(shares)] as const;
    }),
    ...(table.timesS
      ? [[`${table.name}, since`, logged(lastS.map((last) => (untilS - last) / DAY_S))] as const]
      : []),
  ];
  return { names: named.map(([name]) => name), columns: named.map(([, column]) => column) };
}

interface Amount {
  readonly name: string;
  readonly values: (edge: number) => number;
  readonly isCount: boolean;
  readonly column: Float64Array | null;
}

/** 1 for each edge, then every numeric feature that is never below 0; missing values are 0. */
function amountsOf(table: EdgeTable): Amount[] {
  const numbers = Object.entries(table.features).flatMap(([name, column]): Amount[] => {
    if (column.kind !== 'numeric' || column.values.some((value) => value < 0)) return [];
    const { values } = column;
    return [
      {
        name: `${table.name} ${name}`,
        values: (edge) => values[edge] || 0,
        isCount: values.every((value) => Number.isNaN(value) || Number.isInteger(value)),
        column: values,
      },
    ];
  });
  return [{ name: table.name, values: () => 1, isCount: false, column: null }, ...numbers];
}

/** Pairs of counts of which the first is above 0 somewhere and never above the second. */
function partsOf(amounts: readonly Amount[]): [part: number, whole: number][] {
  const counts = amounts.flatMap(({ isCount, column }, a) => (isCount && column ? [{ a, column }] : []));
  return counts.flatMap(({ a, column }) =>
    counts
      .filter(
        (other) =>
          other.a !== a &&
          column.some((value) => value > 0) &&
          column.some((value, edge) => value < other.column[edge]) &&
          column.every((value, edge) => !(value > other.column[edge])),
      )
      .map((other): [number, number] => [a, other.a]),
  );
}
