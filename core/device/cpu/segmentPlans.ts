import * as ort from 'onnxruntime-node';
import { planSegments, planValues, type SegmentPlan, type SegmentPlanInputs } from '../../onnx/index.ts';

/** Plans of segment sums, made once for each index array: a batch that comes again costs nothing. */
export class SegmentPlans {
  readonly #plans = new WeakMap<Int32Array, Map<number, SegmentPlan>>();

  /** What to feed for the sum over an index into `segments` rows, by input name. */
  tensors(index: Int32Array, segments: number, names: SegmentPlanInputs): Record<string, ort.Tensor> {
    return Object.fromEntries(
      planValues(this.#plan(index, segments), names).map(({ name, data, dims }) => [
        name,
        data instanceof Int32Array
          ? new ort.Tensor('int32', data, dims)
          : new ort.Tensor('int64', data, dims),
      ]),
    );
  }

  #plan(index: Int32Array, segments: number): SegmentPlan {
    let bySize = this.#plans.get(index);
    if (!bySize) {
      bySize = new Map();
      this.#plans.set(index, bySize);
    }
    let plan = bySize.get(segments);
    if (!plan) {
      plan = planSegments(index, segments);
      bySize.set(segments, plan);
    }
    return plan;
  }
}
