import { EtalonError } from '../../base/index.ts';
import type { TableShape } from '../../gnn/table.ts';
import type { AdamOptimiser } from '../optimisers.ts';
import { type RowStep, updateRow, updateRowWise } from './lazyAdam.ts';
import {
  blockOf,
  copyFloats,
  FETCHED_ROWS,
  RowStore,
  type RowStoreMemory,
  readWeights,
  recordAt,
} from './rowStore.ts';
import type { RowStart } from './startRow.ts';

export interface TableOptions {
  /** Rows, touched or not. */
  rows: number;
  start: RowStart;
  /**
   * `value`: Adam as it stands. `row`: one second moment for a row, which takes a third off the memory.
   * Default `value`.
   */
  secondMoment?: 'value' | 'row';
  /** Keeps a moving average of each row too, as training keeps one of the other weights. Default false. */
  average?: boolean;
  /** Weight decay is multiplied by this. Default 1. */
  decay?: number;
}

/** Below what a float32 can show of an old average; a logarithm of 0 would leave nothing to compare with. */
const LEAST_KEEP = 1e-30;

/** The optimiser of tables: AdamW's settings. */
export type TableAdam = Pick<AdamOptimiser, 'beta1' | 'beta2' | 'epsilon' | 'weightDecay'>;

/** What a step of training says to tables: its learning rate, and what averages keep of their old value. */
export interface TableStep {
  learningRate: number;
  averageKeep: number;
}

/** Everything that makes a table go on to the same bits: the rows touched, in the order of their first touch. */
export interface TableSnapshot {
  step: number;
  logKeep: number;
  /** [touched] row, step of its last update, and the sum of log averageKeep up to then. */
  rows: Int32Array;
  lastStep: Int32Array;
  logKeepAt: Float64Array;
  /** [touched, stride] in pieces of whole records. */
  records: Float32Array[];
}

/** The rows that a batch touches, each once, and where its lookups find theirs. */
export interface TouchedRows {
  /** [touched, width]; good until the next call. */
  rows: Float32Array;
  /** One for each list of rows given. */
  indices: Int32Array[];
}

/**
 * An embedding table on the host, trained by a lazy AdamW: work and memory follow the rows touched, not the table.
 *
 * Against dense AdamW, of which every step would go through the whole table:
 * - moments are the same: those of an untouched row decay, which is made up for when it is touched again;
 * - an untouched row stays where it is. Dense Adam would move it on by what is left of its first moment, and decay it;
 * - so a row that is touched at every step has the values of dense AdamW.
 * The average of a row is exactly that which a step-by-step average of the rows would hold.
 */
export class EmbeddingTable {
  readonly shape: TableShape;
  readonly #store: RowStore;
  readonly #adam: TableAdam;
  readonly #rowWise: boolean;
  readonly #decay: number;
  /** Where the average stands in a record; −1 without one. */
  readonly #averageAt: number;
  /** [rows] by slot: the sum of log averageKeep up to the row's last update. */
  readonly #logKeepAt: Float64Array;
  #logKeep = 0;
  #step = 0;
  #touchedSlots = new Int32Array(0);
  #touched = 0;
  #buffer = new Float32Array(0);

  constructor(shape: TableShape, options: TableOptions, adam: TableAdam) {
    const { rows, start, secondMoment = 'value', average = false, decay = 1 } = options;
    if (!Number.isInteger(rows) || rows < 1 || rows >= 2 ** 31 - 1)
      throw new EtalonError('internal', `internal: table "${shape.name}" cannot have ${rows} rows`);
    const { width } = shape;
    const trained = secondMoment === 'row' ? 2 * width + 1 : 3 * width;
    this.shape = shape;
    this.#store = new RowStore({ rows, width, stride: trained + (average ? width : 0), start });
    this.#adam = adam;
    this.#rowWise = secondMoment === 'row';
    this.#decay = decay;
    this.#averageAt = average ? trained : -1;
    this.#logKeepAt = new Float64Array(average ? rows : 0);
  }

  get rows(): number {
    return this.#store.rows;
  }

  /** Rows touched since the start, which is what memory is held for. */
  get touchedRows(): number {
    return this.#store.count;
  }

  /** Steps taken. */
  get step(): number {
    return this.#step;
  }

  /** The table's memory, for threads that read rows with `readWeights`; rows touched later read as they started. */
  memory(): RowStoreMemory {
    const { rows, width, stride, start, blockBits, directory, blocks } = this.#store;
    return { rows, width, stride, start, blockBits, directory, blocks: [...blocks] };
  }

  /** Weights of the given rows, or their moving averages: [n, width]. */
  read(rows: Int32Array, which: 'weights' | 'average' = 'weights'): Float32Array {
    const { width } = this.shape;
    const values = new Float32Array(rows.length * width);
    if (which === 'average' && this.#averageAt < 0)
      throw new EtalonError('internal', `internal: table "${this.shape.name}" keeps no average`);
    rows.forEach((row, i) => {
      this.#check(row);
      if (which === 'weights') readWeights(this.#store, row, values, i * width);
      else this.#readAverage(row, values, i * width);
    });
    return values;
  }

  /** Lists the rows that a batch looks up, each once and in the order of their first place, with their weights. */
  touch(lookups: readonly Int32Array[]): TouchedRows {
    const most = lookups.reduce((total, { length }) => total + length, 0);
    this.#makeRoom(most);
    this.#touched = 0;
    const indices = lookups.map((lookup) => {
      this.#store.fetchEntries(lookup);
      return lookup.map((row) => this.#placeOf(row));
    });
    const { width } = this.shape;
    this.#forEachTouched(width, (block, at, i) => copyFloats(block, at, this.#buffer, i * width, width));
    return { rows: this.#buffer.subarray(0, this.#touched * width), indices };
  }

  /** Updates the rows touched last with their gradients [touched, width]. */
  update(gradient: Float32Array, { learningRate, averageKeep }: TableStep): void {
    const { width } = this.shape;
    if (gradient.length !== this.#touched * width)
      throw new EtalonError(
        'internal',
        `internal: table "${this.shape.name}" has ${this.#touched} rows touched, not ${gradient.length / width}`,
      );
    this.#step++;
    const before = this.#logKeep;
    this.#logKeep += Math.log(Math.max(averageKeep, LEAST_KEEP));
    const { beta1, beta2, epsilon, weightDecay } = this.#adam;
    const step: RowStep = {
      gap: 0,
      beta1,
      beta2,
      epsilon,
      moment1Correction: 1 / (1 - beta1 ** this.#step),
      moment2Correction: 1 / (1 - beta2 ** this.#step),
      learningRate,
      weightDecay: weightDecay * this.#decay,
    };
    const updateOne = this.#rowWise ? updateRowWise : updateRow;
    this.#forEachTouched(this.#store.stride, (block, at, i) => {
      const slot = this.#touchedSlots[i];
      const last = this.#store.lastStep[slot];
      step.gap = this.#step - last;
      if (this.#averageAt >= 0)
        this.#averageIn(block, at, last === 0 ? 0 : Math.exp(before - this.#logKeepAt[slot]));
      updateOne(block, at, width, gradient, i * width, step);
      this.#store.lastStep[slot] = this.#step;
      if (this.#averageAt < 0) return;
      this.#averageIn(block, at, averageKeep);
      this.#logKeepAt[slot] = this.#logKeep;
    });
    this.#touched = 0;
  }

  snapshot(): TableSnapshot {
    const { blocks, count, stride, rowOf, lastStep } = this.#store;
    const held = (block: number) =>
      Math.min(blocks[block].length, (count - (block << this.#store.blockBits)) * stride);
    return {
      step: this.#step,
      logKeep: this.#logKeep,
      rows: rowOf.slice(0, count),
      lastStep: lastStep.slice(0, count),
      logKeepAt: this.#logKeepAt.slice(0, count),
      records: blocks.map((block, i) => new Float32Array(block.subarray(0, held(i)))),
    };
  }

  /** Puts a table that was not touched yet where another of the same options stood. */
  restore({ step, logKeep, rows, lastStep, logKeepAt, records }: TableSnapshot): void {
    if (this.#store.count > 0)
      throw new EtalonError(
        'internal',
        `internal: table "${this.shape.name}" was touched before its restore`,
      );
    const floats = records.reduce((total, { length }) => total + length, 0);
    const { stride } = this.#store;
    if (floats !== rows.length * stride)
      throw new EtalonError(
        'internal',
        `internal: a snapshot of another kind of table than "${this.shape.name}"`,
      );
    this.#step = step;
    this.#logKeep = logKeep;
    this.#store.lastStep.set(lastStep);
    this.#logKeepAt.set(logKeepAt);
    let slot = 0;
    for (const piece of records)
      for (let from = 0; from < piece.length; from += stride, slot++) {
        this.#check(rows[slot]);
        this.#store.slot(rows[slot]);
        copyFloats(piece, from, blockOf(this.#store, slot), recordAt(this.#store, slot), stride);
      }
  }

  /** The row's place in the batch's list, onto which it comes when it is not on it yet. */
  #placeOf(row: number): number {
    this.#check(row);
    const { directory } = this.#store;
    const slot = this.#store.slot(row);
    const known = directory[2 * row + 1];
    if (known < this.#touched && this.#touchedSlots[known] === slot) return known;
    const place = this.#touched++;
    directory[2 * row + 1] = place;
    this.#touchedSlots[place] = slot;
    return place;
  }

  /** Visits the records touched, of which the first `floats` are needed. */
  #forEachTouched(floats: number, visit: (block: Float32Array, at: number, i: number) => void): void {
    for (let from = 0; from < this.#touched; from += FETCHED_ROWS) {
      const to = Math.min(this.#touched, from + FETCHED_ROWS);
      this.#store.fetchRecords(this.#touchedSlots, from, to, floats);
      for (let i = from; i < to; i++) {
        const slot = this.#touchedSlots[i];
        visit(blockOf(this.#store, slot), recordAt(this.#store, slot), i);
      }
    }
  }

  #makeRoom(most: number): void {
    if (this.#touchedSlots.length >= most) return;
    this.#touchedSlots = new Int32Array(most);
    this.#buffer = new Float32Array(most * this.shape.width);
  }

  /** average ← keep · average + (1 − keep) · weights */
  #averageIn(records: Float32Array, at: number, keep: number): void {
    const average = at + this.#averageAt;
    for (let i = 0; i < this.shape.width; i++)
      records[average + i] = keep * records[average + i] + (1 - keep) * records[at + i];
  }

  #readAverage(row: number, target: Float32Array, at: number): void {
    const slot = this.#store.directory[2 * row] - 1;
    readWeights(this.#store, row, target, at);
    if (slot < 0 || this.#store.lastStep[slot] === 0) return;
    const records = blockOf(this.#store, slot);
    const keep = Math.exp(this.#logKeep - this.#logKeepAt[slot]);
    const average = recordAt(this.#store, slot) + this.#averageAt;
    for (let i = 0; i < this.shape.width; i++)
      target[at + i] = keep * records[average + i] + (1 - keep) * target[at + i];
  }

  #check(row: number): void {
    if (row < 0 || row >= this.rows)
      throw new EtalonError(
        'internal',
        `internal: table "${this.shape.name}" has ${this.rows} rows, a lookup asks for row ${row}`,
      );
  }
}
