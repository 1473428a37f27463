import * as ort from 'onnxruntime-node';
import { planSegments, planValues, type SegmentPlan, type SegmentPlanInputs } from '../../onnx/index.ts';

/** Stands for the array that leads on where there is none. */
const NO_TABLE = new Int32Array(0);

/** Plans of segment sums, made once for each index array: a batch that comes again costs nothing. */
export class SegmentPlans {
  /** By index, then by the array that it leads through, then by the number of segments. */
  readonly #plans = new WeakMap<Int32Array, WeakMap<Int32Array, Map<number, SegmentPlan>>>();

  /** What to feed for the sum over an index into `segments` rows, by input name; see {@link planSegments}. */
  tensors(
    index: Int32Array,
    segments: number,
    through: Int32Array | undefined,
    names: SegmentPlanInputs,
  ): Record<string, ort.Tensor> {
    return Object.fromEntries(
      planValues(this.#plan(index, segments, through), names).map(({ name, data, dims }) => [
        name,
        data instanceof Int32Array
          ? new ort.Tensor('int32', data, dims)
          : new ort.Tensor('int64', data, dims),
      ]),
    );
  }

  #plan(index: Int32Array, segments: number, through: Int32Array | undefined): SegmentPlan {
    const byTable = this.#plans.get(index) ?? new WeakMap<Int32Array, Map<number, SegmentPlan>>();
    this.#plans.set(index, byTable);
    const bySize = byTable.get(through ?? NO_TABLE) ?? new Map<number, SegmentPlan>();
    byTable.set(through ?? NO_TABLE, bySize);
    const plan = bySize.get(segments) ?? planSegments(index, segments, through);
    bySize.set(segments, plan);
    return plan;
  }
}
