/**
 * Walks documents in ascending order. `matches` may say no to the document it stands on: then the walk alone was not enough to
 * know (a distance has to be computed), and is asked last.
 */
export interface Cursor {
  /** The document that it stands on; {@link END} after the last. */
  readonly doc: number;
  /** At most as many documents are walked. */
  readonly cost: number;
  /** Moves to the first document that is not before `target`, which is not before `doc`. */
  advance(target: number): void;
  /** Whether the document that it stands on is one of the query. */
  matches(): boolean;
}

export const END = 0x7fffffff;

/** Documents of a sorted list, or a part of one. */
export class ListCursor implements Cursor {
  doc: number;
  readonly cost: number;
  /** Where in the list it stands. */
  at: number;
  readonly #docs: Int32Array;
  readonly #end: number;

  constructor(docs: Int32Array, begin: number, end: number) {
    this.#docs = docs;
    this.#end = end;
    this.cost = end - begin;
    this.at = begin;
    this.doc = begin < end ? docs[begin] : END;
  }

  /** Gallops: steps of 1, 2, 4 … until past the target, then halves; a far target costs the logarithm of how far it is. */
  advance(target: number): void {
    if (this.doc >= target) return;
    const docs = this.#docs;
    let [low, step] = [this.at, 1];
    while (low + step < this.#end && docs[low + step] < target) {
      low += step;
      step *= 2;
    }
    // docs[low] is before the target, docs[high] is not, or lies past the end.
    let high = Math.min(low + step, this.#end);
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (docs[middle] < target) low = middle;
      else high = middle;
    }
    this.at = high;
    this.doc = high < this.#end ? docs[high] : END;
  }

  matches(): boolean {
    return this.doc !== END;
  }
}

/** Every document from 0 to `count` − 1. */
export class AllCursor implements Cursor {
  doc: number;
  readonly cost: number;

  constructor(count: number) {
    this.cost = count;
    this.doc = count > 0 ? 0 : END;
  }

  advance(target: number): void {
    if (this.doc < target) this.doc = target < this.cost ? target : END;
  }

  matches(): boolean {
    return this.doc !== END;
  }
}

/** Documents of all the children: the rarest leads, the others leap after it. */
export class AndCursor implements Cursor {
  readonly #children: Cursor[];

  constructor(children: readonly Cursor[]) {
    this.#children = children.toSorted((a, b) => a.cost - b.cost);
    this.#meet();
  }

  get doc(): number {
    return this.#children[0].doc;
  }

  get cost(): number {
    return this.#children[0].cost;
  }

  advance(target: number): void {
    this.#children[0].advance(target);
    this.#meet();
  }

  matches(): boolean {
    return this.#children.every((child) => child.matches());
  }

  /** Leaps until all children stand on the same document. */
  #meet(): void {
    const [lead, ...others] = this.#children;
    for (let met = false; !met && lead.doc !== END; ) {
      met = true;
      for (const other of others) {
        other.advance(lead.doc);
        if (other.doc === lead.doc) continue;
        lead.advance(other.doc);
        met = false;
        break;
      }
    }
  }
}

/** Documents of any of the children. */
export class OrCursor implements Cursor {
  doc: number;
  readonly cost: number;
  readonly #children: readonly Cursor[];

  constructor(children: readonly Cursor[]) {
    this.#children = children;
    this.cost = children.reduce((sum, { cost }) => sum + cost, 0);
    this.doc = this.#first();
  }

  advance(target: number): void {
    if (this.doc >= target) return;
    for (const child of this.#children) if (child.doc < target) child.advance(target);
    this.doc = this.#first();
  }

  matches(): boolean {
    return this.#children.some((child) => child.doc === this.doc && child.matches());
  }

  #first(): number {
    let first = END;
    for (const { doc } of this.#children) if (doc < first) first = doc;
    return first;
  }
}

/** Documents that are not the child's. */
export class NotCursor implements Cursor {
  readonly #all: AllCursor;
  readonly #child: Cursor;

  constructor(child: Cursor, count: number) {
    this.#all = new AllCursor(count);
    this.#child = child;
  }

  get doc(): number {
    return this.#all.doc;
  }

  get cost(): number {
    return this.#all.cost;
  }

  advance(target: number): void {
    this.#all.advance(target);
  }

  matches(): boolean {
    const { doc } = this.#all;
    if (doc === END) return false;
    if (this.#child.doc < doc) this.#child.advance(doc);
    return this.#child.doc !== doc || !this.#child.matches();
  }
}
