import type { EdgeTable } from './edges.ts';

/** Edges of fromS ≤ time < untilS; an edge without a time only where both are infinite. */
export interface TimeWindow {
  readonly fromS: number;
  readonly untilS: number;
}

/**
 * What edges of a type come to, summed over those of a node or of a pair within a window of time: their number, each numeric feature
 * (missing: 0), and how many there are of each category. So an activity becomes a feature of any past moment.
 */
export class EdgeSums {
  /** Of the columns: "contact", "contact texts", "request channel search". */
  readonly names: readonly string[];
  readonly #table: EdgeTable;
  /** [edges · names] */
  readonly #values: Float32Array;

  constructor(table: EdgeTable) {
    const columns = columnsOf(table);
    this.#table = table;
    this.names = columns.map(({ name }) => name);
    this.#values = new Float32Array(table.count * columns.length);
    columns.forEach(({ of }, column) => {
      for (let edge = 0; edge < table.count; edge++) this.#values[edge * columns.length + column] = of(edge);
    });
  }

  /** @param rowOf [edges] the row that each edge is summed into, −1 for none. Result [rows · names]. */
  sums(rowOf: Int32Array, rows: number, { fromS, untilS }: TimeWindow): Float32Array<ArrayBuffer> {
    const width = this.names.length;
    const result = new Float32Array(rows * width);
    const { timesS } = this.#table;
    for (let edge = 0; edge < rowOf.length; edge++) {
      const row = rowOf[edge];
      if (row < 0 || !isWithin(timesS?.[edge] ?? Number.NaN, fromS, untilS)) continue;
      for (let k = 0; k < width; k++) result[row * width + k] += this.#values[edge * width + k];
    }
    return result;
  }
}

function isWithin(timeS: number, fromS: number, untilS: number): boolean {
  if (Number.isNaN(timeS)) return fromS === Number.NEGATIVE_INFINITY && untilS === Number.POSITIVE_INFINITY;
  return timeS >= fromS && timeS < untilS;
}

interface SummedColumn {
  name: string;
  of(edge: number): number;
}

function columnsOf({ name, features }: EdgeTable): SummedColumn[] {
  const ofFeatures = Object.entries(features).flatMap(([feature, column]): SummedColumn[] => {
    if (column.kind === 'numeric')
      return [{ name: `${name} ${feature}`, of: (edge) => column.values[edge] || 0 }];
    if (column.kind !== 'categorical') return [];
    return column.categories.map((category, code) => ({
      name: `${name} ${feature} ${category}`,
      of: (edge) => Number(column.codes[edge] === code),
    }));
  });
  return [{ name, of: () => 1 }, ...ofFeatures];
}
