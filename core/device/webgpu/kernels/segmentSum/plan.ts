import { type Extent, evaluate, type Sizes, times } from '../../plan/extent.ts';
import { type Kernel, KernelBuilder, type Place } from '../kernel.ts';
import { type Combination, combine, type Workspace } from '../sum/plan.ts';
import { CHUNK_ROWS, offsetsOf } from './segments.ts';

export interface SegmentSumSpec {
  name: string;
  combination: Combination;
  /** [rows, width] */
  source: Place;
  /** The index as a `SegmentLayout`. */
  layout: Place;
  /** [segments, width] */
  target: Place;
  rows: Extent;
  segments: Extent;
  width: Extent;
  /** How many chunks and hubs the layout at hand has. */
  chunks: Extent;
  hubs: Extent;
}

/**
 * Sums rows by segment, or finds the largest, without atomics. Segments of few rows: one lane for each (segment, column). Hubs: one lane for each
 * (chunk, column), then one for each (hub, column) that puts the chunks together. Every order of addition is fixed.
 */
export function segmentSumKernels(spec: SegmentSumSpec, workspace: Workspace): Kernel[] {
  const partial = workspace.scratch(times(spec.chunks, spec.width));
  return [smallSegments(spec), hubChunks(spec, partial), hubTotals(spec, partial)];
}

function smallSegments(spec: SegmentSumSpec): Kernel {
  const { builder, layout, offset, columns } = begin(spec, spec.name);
  const from = builder.read(spec.source);
  const to = builder.write(spec.target);
  return builder.buildForEach(
    times(spec.segments, spec.width),
    `let segment = i / ${columns};
let begin = ${layout('segment')};
let end = ${layout('segment + 1u')};
if (end - begin > ${CHUNK_ROWS}) { return; }
var total = 0f;
for (var k = begin; k < end; k++) {
  ${combine(spec.combination, from(`u32(${layout(`${offset('order')} + u32(k)`)}) * ${columns} + i % ${columns}`), 'k == begin')}
}
${to('i')} = total;`,
  );
}

function hubChunks(spec: SegmentSumSpec, partial: Place): Kernel {
  const { builder, layout, offset, columns } = begin(spec, `${spec.name} (chunks)`);
  const from = builder.read(spec.source);
  const to = builder.write(partial);
  return builder.buildForEach(
    times(spec.chunks, spec.width),
    `let chunk = i / ${columns};
let end = ${layout(`${offset('chunkEnd')} + chunk`)};
var total = 0f;
let begin = ${layout(`${offset('chunkBegin')} + chunk`)};
for (var k = begin; k < end; k++) {
  ${combine(spec.combination, from(`u32(${layout(`${offset('order')} + u32(k)`)}) * ${columns} + i % ${columns}`), 'k == begin')}
}
${to('i')} = total;`,
  );
}

function hubTotals(spec: SegmentSumSpec, partial: Place): Kernel {
  const { builder, layout, offset, columns } = begin(spec, `${spec.name} (hubs)`);
  const from = builder.read(partial);
  const to = builder.write(spec.target);
  return builder.buildForEach(
    times(spec.hubs, spec.width),
    `let hub = i / ${columns};
let column = i % ${columns};
let end = u32(${layout(`${offset('hubFirstChunk')} + hub + 1u`)});
var total = 0f;
let begin = u32(${layout(`${offset('hubFirstChunk')} + hub`)});
for (var chunk = begin; chunk < end; chunk++) {
  ${combine(spec.combination, from(`chunk * ${columns} + column`), 'chunk == begin')}
}
${to(`u32(${layout(`${offset('hubSegment')} + hub`)}) * ${columns} + column`)} = total;`,
  );
}

function begin(spec: SegmentSumSpec, name: string) {
  const builder = new KernelBuilder(name);
  const layout = builder.read(spec.layout, 'i32');
  const at = (sizes: Sizes) => {
    const [segments, rows, chunks, hubs] = [spec.segments, spec.rows, spec.chunks, spec.hubs].map((extent) =>
      evaluate(extent, sizes),
    );
    return offsetsOf(segments, rows, chunks, hubs);
  };
  const offset = (part: keyof ReturnType<typeof offsetsOf>) =>
    builder.integer(part, (sizes) => at(sizes)[part]);
  return { builder, layout, offset, columns: builder.extent(spec.width) };
}
