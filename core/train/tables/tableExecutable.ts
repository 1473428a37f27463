import { EtalonError } from '../../base/index.ts';
import type { Executable, Feed } from '../../device/types.ts';
import { type TableShape, tableRowsInput } from '../../gnn/table.ts';
import type { EmbeddingTable } from './embeddingTable.ts';

/** The inputs whose gradients a training program must give for its tables. */
export function tableInputs(tables: readonly { shape: TableShape }[]): string[] {
  return tables.map(({ shape }) => tableRowsInput(shape));
}

/**
 * A training program together with its tables, run like any other: its lookups are fed rows of the tables, and a run updates
 * the rows that were looked up as it updates the other weights. The program is `trainingProgram(…, tableInputs(tables))`.
 *
 * The rows are updated here rather than on the device: that moves one array of [touched, width] there and one back
 * instead of three and three, and each record is gone through once.
 */
export class TableExecutable implements Executable {
  readonly #inner: Executable;
  readonly #tables: readonly EmbeddingTable[];
  /** Ends with the last call. A batch reads what the one before wrote: runs cannot overlap, however they are called. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(inner: Executable, tables: readonly EmbeddingTable[]) {
    this.#inner = inner;
    this.#tables = tables;
  }

  get program() {
    return this.#inner.program;
  }

  /** A run that fails leaves the tables' values as they were. */
  run(feed: Feed): Promise<Record<string, Float32Array>> {
    return this.#inTurn(() => this.#step(feed));
  }

  async #step(feed: Feed): Promise<Record<string, Float32Array>> {
    const fed: Record<string, Float32Array | Int32Array> = { ...feed };
    for (const table of this.#tables) {
      const names = Object.keys(table.shape.lookups);
      const { rows, indices } = table.touch(names.map((name) => lookupOf(feed, name)));
      fed[tableRowsInput(table.shape)] = rows;
      names.forEach((name, i) => {
        fed[name] = indices[i];
      });
    }
    const outputs = await this.#inner.run(fed);
    const step = {
      // Where it is adapted online, the program says which it took.
      learningRate: scalarOf('learningRate', outputs, feed),
      averageKeep: scalarOf('averageKeep', feed),
    };
    for (const table of this.#tables) {
      const name = `${tableRowsInput(table.shape)}.gradient`;
      table.update(outputs[name], step);
      delete outputs[name];
    }
    return outputs;
  }

  setState(name: string, values: Float32Array): Promise<void> {
    return this.#inTurn(() => this.#inner.setState(name, values));
  }

  getState(name: string): Promise<Float32Array> {
    return this.#inTurn(() => this.#inner.getState(name));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    // Whoever called for it hears of a failure; those behind go on from what was left.
    this.#turn = result.catch(() => {});
    return result;
  }

  /** The tables stay. */
  dispose(): Promise<void> {
    return this.#inner.dispose();
  }
}

/**
 * The feed of a program that is run without training: lookups replaced by what the tables' rows, or their
 * averages, hold. Touches nothing.
 */
export function readTables(
  tables: readonly EmbeddingTable[],
  feed: Feed,
  which: 'weights' | 'average' = 'weights',
): Feed {
  const fed: Record<string, Float32Array | Int32Array> = { ...feed };
  for (const table of tables) {
    const all: number[] = [];
    for (const name of Object.keys(table.shape.lookups)) {
      const lookup = lookupOf(feed, name);
      const first = all.length;
      fed[name] = lookup.map((_, i) => first + i);
      for (const row of lookup) all.push(row);
    }
    fed[tableRowsInput(table.shape)] = table.read(Int32Array.from(all), which);
  }
  return fed;
}

function lookupOf(feed: Feed, name: string): Int32Array {
  const lookup = feed[name];
  if (lookup instanceof Int32Array) return lookup;
  throw new EtalonError('internal', `internal: lookup "${name}" must be fed as rows of its table (i32)`);
}

/** A scalar of the step from the first that has it. */
function scalarOf(name: string, ...sources: Feed[]): number {
  const found = sources.find((source) => source[name]?.length === 1);
  if (found) return found[name][0];
  throw new EtalonError('internal', `internal: training with tables needs the scalar "${name}"`);
}
