import type { GpuContext } from './context.ts';
import { USAGE } from './flags.ts';

/** A shape of product that an adapter's matrix units take: [m, k] · [k, n], f16 with f32 sums. */
export interface MatrixShape {
  m: number;
  n: number;
  k: number;
}

/** What an adapter has beyond WebGPU's core, as far as kernels make use of it. */
export interface Features {
  readonly timestamps: boolean;
  readonly f16: boolean;
  /** Lanes of a subgroup at least, 0 where subgroups cannot be used. */
  readonly subgroupLanes: number;
  /** Chromium's experimental matrix units; null where there are none that take f16. */
  readonly matrixShape: MatrixShape | null;
}

export const NO_FEATURES: Features = { timestamps: false, f16: false, subgroupLanes: 0, matrixShape: null };

/** The experimental feature that `@webgpu/types` does not name. */
const SUBGROUP_MATRIX = 'chromium-experimental-subgroup-matrix' as GPUFeatureName;

interface MatrixInfo {
  subgroupMatrixConfigs?: readonly {
    componentType: string;
    resultComponentType: string;
    M: number;
    N: number;
    K: number;
  }[];
}

/** The features to ask a device for, of those that its adapter has. */
export function wantedFeatures(adapter: GPUAdapter): GPUFeatureName[] {
  const wanted: GPUFeatureName[] = ['timestamp-query', 'shader-f16', 'subgroups', SUBGROUP_MATRIX];
  return wanted.filter((feature) => adapter.features.has(feature));
}

export function readFeatures(adapter: GPUAdapter): Features {
  const has = (feature: GPUFeatureName) => adapter.features.has(feature);
  const {
    subgroupMatrixConfigs = [],
    subgroupMinSize,
    subgroupMaxSize,
  } = adapter.info as GPUAdapterInfo & MatrixInfo;
  // Kernels count on every subgroup's being as large.
  const sameSize = subgroupMinSize !== undefined && subgroupMinSize === subgroupMaxSize;
  const shape = subgroupMatrixConfigs.find(
    ({ componentType, resultComponentType, M, N, K }) =>
      componentType === 'f16' && resultComponentType === 'f32' && M <= 16 && N <= 16 && K <= 16,
  );
  return {
    timestamps: has('timestamp-query'),
    f16: has('shader-f16'),
    subgroupLanes: has('subgroups') ? (adapter.info.subgroupMinSize ?? 0) : 0,
    matrixShape:
      has(SUBGROUP_MATRIX) && has('shader-f16') && has('subgroups') && sameSize && shape
        ? { m: shape.M, n: shape.N, k: shape.K }
        : null,
  };
}

const PROBE_LANES = 64;
const PROBE = `enable subgroups;
@group(0) @binding(1) var<storage, read_write> w0: array<u32>;
@compute @workgroup_size(${PROBE_LANES}) fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) id: u32,
  @builtin(subgroup_size) size: u32,
) {
  let neighbour = subgroupShuffleXor(lane, 1u);
  w0[lane] = select(0u, 1u, id == lane % size && neighbour == (lane ^ 1u));
}`;

/**
 * Whether the lanes of a workgroup fill its subgroups in their order, which WGSL leaves open and the row sums rely on.
 * An adapter that does otherwise gets the kernels without subgroups.
 */
export async function subgroupsInOrder(context: GpuContext): Promise<boolean> {
  const { handle } = context;
  const kernel = { name: 'subgroup probe', source: PROBE, reads: [], writes: [0] };
  const { pipeline, layout } = await context.pipeline(kernel);
  const bytes = PROBE_LANES * 4;
  const result = context.createBuffer('subgroup probe', bytes, USAGE.STORAGE | USAGE.COPY_SRC);
  const uniforms = context.createBuffer('subgroup probe', 16, USAGE.UNIFORM);
  const entries = [uniforms, result].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const encoder = handle.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, handle.createBindGroup({ layout, entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  try {
    const answer = await context.readBack(bytes, encoder, (staging) =>
      encoder.copyBufferToBuffer(result, 0, staging, 0, bytes),
    );
    return new Uint32Array(answer).every((right) => right === 1);
  } finally {
    result.destroy();
    uniforms.destroy();
  }
}
