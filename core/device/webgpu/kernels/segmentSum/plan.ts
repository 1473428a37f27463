import { type Extent, evaluate, type Sizes, times } from '../../plan/extent.ts';
import { type Finish, finisher, reader, type Source } from '../endings.ts';
import { type Kernel, KernelBuilder, type Place } from '../kernel.ts';
import { accumulate, type Combination, settled, type Workspace } from '../sum/plan.ts';
import { CHUNK_ROWS, offsetsOf } from './segments.ts';

export interface SegmentSumSpec {
  name: string;
  combination: Combination;
  /** [rows, width] */
  source: Source;
  /** The index as a `SegmentLayout`. */
  layout: Place;
  /** [segments, width] */
  finish: Finish;
  rows: Extent;
  segments: Extent;
  width: Extent;
  /** How many chunks and hubs the layout at hand has. */
  chunks: Extent;
  hubs: Extent;
}

/**
 * Sums rows by segment, or finds the largest, without atomics. Segments of few rows: one lane for each (segment, column).
 * Hubs: one lane for each (chunk, column), then one for each (hub, column) that puts the chunks together. Every order of
 * addition is fixed.
 */
export function segmentSumKernels(spec: SegmentSumSpec, workspace: Workspace): Kernel[] {
  const partial = workspace.scratch(times(spec.chunks, spec.width));
  return [smallSegments(spec), hubChunks(spec, partial), hubTotals(spec, partial)];
}

function smallSegments(spec: SegmentSumSpec): Kernel {
  const { combination, rows, segments, width } = spec;
  const { builder, layout, offset, columns } = begin(spec, spec.name, rows);
  const value = gatheredRow(builder, spec, layout, offset, columns);
  const store = finisher(builder, spec.finish, times(segments, width));
  builder.flops((sizes) => evaluate(times(rows, width), sizes));
  return builder.buildForEach(
    times(segments, width),
    `let segment = i / ${columns};
let begin = ${layout('segment')};
let end = ${layout('segment + 1u')};
if (end - begin > ${CHUNK_ROWS}) { return; }
var k = begin;
${accumulate(combination, 'k', 'end', '1', value)}
${store('i', settled(combination, 'begin == end'))}`,
  );
}

function hubChunks(spec: SegmentSumSpec, partial: Place): Kernel {
  const { combination, chunks, width } = spec;
  const { builder, layout, offset, columns } = begin(spec, `${spec.name} (chunks)`, chunks);
  const value = gatheredRow(builder, spec, layout, offset, columns);
  const store = builder.write(partial, times(chunks, width));
  return builder.buildForEach(
    times(chunks, width),
    `let chunk = i / ${columns};
let end = ${layout(`${offset('chunkEnd')} + chunk`)};
var k = ${layout(`${offset('chunkBegin')} + chunk`)};
${accumulate(combination, 'k', 'end', '1', value)}
${store('i', 'total')}`,
  );
}

function hubTotals(spec: SegmentSumSpec, partial: Place): Kernel {
  const { combination, chunks, hubs, width } = spec;
  const { builder, layout, offset, columns } = begin(spec, `${spec.name} (hubs)`, hubs);
  const from = builder.read(partial, times(chunks, width));
  const store = finisher(builder, spec.finish, times(hubs, width));
  return builder.buildForEach(
    times(hubs, width),
    `let hub = i / ${columns};
let column = i % ${columns};
let end = u32(${layout(`${offset('hubFirstChunk')} + hub + 1u`)});
var k = u32(${layout(`${offset('hubFirstChunk')} + hub`)});
${accumulate(combination, 'k', 'end', '1u', (k) => from(`${k} * ${columns} + column`))}
${store(`u32(${layout(`${offset('hubSegment')} + hub`)}) * ${columns} + column`, 'total')}`,
  );
}

type Begun = ReturnType<typeof begin>;

/** The value of the row that stands at place `k` of the order by segments. */
function gatheredRow(
  builder: KernelBuilder,
  spec: SegmentSumSpec,
  layout: Begun['layout'],
  offset: Begun['offset'],
  columns: string,
): (k: string) => string {
  const read = reader(builder, spec.source, columns);
  return (k) => read(`u32(${layout(`${offset('order')} + u32(${k})`)})`, `i % ${columns}`);
}

function begin(spec: SegmentSumSpec, name: string, entries: Extent) {
  const builder = new KernelBuilder(name);
  const layout = builder.read(spec.layout, entries, 'i32');
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
