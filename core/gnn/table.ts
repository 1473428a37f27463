import { type Dim, gather, type Tensor, type Trace } from '../tensor/index.ts';

/**
 * An embedding table too large to be a parameter, as a program sees it: the rows that a batch touches, and
 * where each lookup finds its row among them.
 */
export interface TableShape {
  readonly name: string;
  /** Values of a row. */
  readonly width: number;
  /** Index inputs that read the table, and the axis of each: `{ user: 'pairs', friend: 'pairs' }`. */
  readonly lookups: Readonly<Record<string, Dim>>;
}

/** The input that holds the touched rows: [`<name>.touched`, width]. */
export function tableRowsInput({ name }: TableShape): string {
  return `${name}.rows`;
}

/** Declares the table's inputs and returns what each lookup reads: [its axis, width]. */
export function bindTable(trace: Trace, table: TableShape): Record<string, Tensor> {
  const rows = trace.input(tableRowsInput(table), [`${table.name}.touched`, table.width]);
  return Object.fromEntries(
    Object.entries(table.lookups).map(([lookup, axis]) => [
      lookup,
      gather(rows, trace.input(lookup, [axis], 'i32')),
    ]),
  );
}
