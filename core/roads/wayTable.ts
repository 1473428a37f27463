import { Growable } from '../base/growable.ts';
import type { RoadAttributes } from './attributes.ts';

/** Ways that cars may drive, before they are split: ids, attributes and node ids. */
export class WayTable {
  readonly ids = new Growable(Float64Array);
  readonly attributes: RoadAttributes[] = [];
  /** [ways + 1] first node of each way in `refs`. */
  readonly offsets = new Growable(Uint32Array);
  readonly refs = new Growable(Float64Array);

  constructor() {
    this.offsets.push(0);
  }

  get count(): number {
    return this.attributes.length;
  }

  add(id: number, attributes: RoadAttributes, refs: ArrayLike<number>): void {
    this.ids.push(id);
    this.attributes.push(attributes);
    this.refs.pushAll(refs);
    this.offsets.push(this.refs.length);
  }
}
