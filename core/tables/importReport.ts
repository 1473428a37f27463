/** One reason for which something of a source was left out, with a few examples a user can look up. */
export interface DropReason {
  /** Stable key: `no-access`, `unknown-node`, … */
  reason: string;
  /** The same for a person. */
  description: string;
  count: number;
  /** Up to five: "way 123 (line 88)". */
  examples: string[];
}

/** What an import read, kept and dropped. `read` and `kept` count by kind: {"nodes": 221009, "ways": …}. */
export interface ImportReport {
  source: string;
  format: string;
  read: Record<string, number>;
  kept: Record<string, number>;
  dropped: DropReason[];
  /** Things a user should know although nothing was dropped: conditional restrictions, guessed values. */
  notes: string[];
  seconds: number;
}

const EXAMPLES = 5;

/** Collects what an import leaves out and what a user should know about it. */
export class ReportBuilder {
  readonly read: Record<string, number> = {};
  readonly kept: Record<string, number> = {};
  readonly #dropped = new Map<string, DropReason>();
  readonly #notes = new Map<string, DropReason>();
  readonly #started = performance.now();

  /** Counts one thing that was left out. */
  drop(reason: string, description: string, example: string): void {
    count(this.#dropped, reason, description, 1, example);
  }

  /** Counts things that were left out without a word on each of them. */
  dropMany(reason: string, description: string, number: number): void {
    if (number > 0) count(this.#dropped, reason, description, number);
  }

  /** Counts one thing that was kept although a user should know about it. */
  note(description: string, example?: string): void {
    count(this.#notes, description, description, 1, example);
  }

  finish(source: string, format: string): ImportReport {
    return {
      source,
      format,
      read: this.read,
      kept: this.kept,
      dropped: [...this.#dropped.values()].sort((a, b) => b.count - a.count),
      notes: [...this.#notes.values()].map(noteText),
      seconds: (performance.now() - this.#started) / 1000,
    };
  }
}

function count(
  into: Map<string, DropReason>,
  reason: string,
  description: string,
  number: number,
  example?: string,
): void {
  let entry = into.get(reason);
  if (!entry) {
    entry = { reason, description, count: 0, examples: [] };
    into.set(reason, entry);
  }
  entry.count += number;
  if (example !== undefined && entry.examples.length < EXAMPLES) entry.examples.push(example);
}

function noteText({ description, count: number, examples }: DropReason): string {
  if (examples.length === 0) return description;
  return `${description}: ${number} (${examples.join(', ')}${number > examples.length ? ', …' : ''})`;
}
