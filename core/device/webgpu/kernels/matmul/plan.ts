import { type Extent, evaluate, extentKey, isStatic, ONE, times } from '../../plan/extent.ts';
import { type Kernel, KernelBuilder, type Place } from '../kernel.ts';
import { reduceStrided, type Workspace } from '../sum/plan.ts';

export interface MatmulSpec {
  name: string;
  a: Place;
  b: Place;
  target: Place;
  transposeA: boolean;
  transposeB: boolean;
  /** [rows, inner] · [inner, columns] */
  rows: Extent;
  inner: Extent;
  columns: Extent;
}

/** Lanes along each side of a tile, and how much of the inner axis is staged at once. */
const SIDE = 16;
const DEPTH = 16;
/** A long inner axis is split, so that a small product of tall matrices (a weight's gradient) fills the GPU. */
const SPLIT_LENGTH = 256;
const MAX_SPLITS = 128;

/**
 * A tiled product. Where the inner axis is long or unknown and the result small, parts of the inner axis are multiplied
 * side by side and added in a second pass, always in the same order.
 */
export function matmulKernels(spec: MatmulSpec, workspace: Workspace): Kernel[] {
  const { name, rows, inner, columns, target } = spec;
  const longInner = !isStatic(inner) || inner.factor >= 8 * SPLIT_LENGTH;
  if (!longInner || !isStatic(rows) || !isStatic(columns)) return [tiledKernel(spec, ONE)];
  const splits = workspace.derive(`#splits(${extentKey(inner)})`, (sizes) =>
    Math.min(Math.max(Math.ceil(evaluate(inner, sizes) / SPLIT_LENGTH), 1), MAX_SPLITS),
  );
  const result = times(rows, columns);
  const partial = workspace.scratch(times(splits, result));
  return [
    tiledKernel({ ...spec, name: `${name} (parts)`, target: partial }, splits),
    reduceStrided(`${name} (total)`, partial, target, { outer: ONE, count: splits, inner: result }, ONE),
  ];
}

/**
 * Workgroups of 16 × 16 lanes stage a slab of both operands in workgroup memory; each lane keeps a block of up to
 * 4 × 4 results in registers. Narrow operands get narrow blocks. Sizes are parameters, not literals, so that a model's
 * products share a few pipelines: this is the kernel that takes compilers longest.
 */
function tiledKernel(spec: MatmulSpec, splits: Extent): Kernel {
  const { rows, inner, columns, transposeA, transposeB } = spec;
  const builder = new KernelBuilder(spec.name);
  const readA = builder.read(spec.a);
  const readB = builder.read(spec.b);
  const write = builder.write(spec.target);
  const [n, k, m, parts] = Object.entries({ rows, inner, columns, splits }).map(([key, extent]) =>
    builder.integer(key, (sizes) => evaluate(extent, sizes)),
  );
  const blockRows = isStatic(rows) && rows.factor <= SIDE ? 1 : 4;
  const blockColumns = isStatic(columns) && columns.factor <= SIDE ? 1 : 4;
  const tileRows = SIDE * blockRows;
  const tileColumns = SIDE * blockColumns;
  // One element of padding keeps lanes that write a column of the slab on different memory banks.
  const strideA = tileRows + 1;
  const strideB = tileColumns + 1;

  const body = `let tilesAcross = (${m} + ${tileColumns - 1}u) / ${tileColumns}u;
let tilesDown = (${n} + ${tileRows - 1}u) / ${tileRows}u;
if (group >= tilesAcross * tilesDown * ${parts}) { return; }
let column0 = (group % tilesAcross) * ${tileColumns}u;
let row0 = (group / tilesAcross % tilesDown) * ${tileRows}u;
let part = group / (tilesAcross * tilesDown);
let slabs = (${k} + ${DEPTH - 1}u) / ${DEPTH}u;
let slabsOfPart = (slabs + ${parts} - 1u) / ${parts};
let begin = part * slabsOfPart * ${DEPTH}u;
let end = min(${k}, begin + slabsOfPart * ${DEPTH}u);
let column = column0 + lane % ${SIDE}u;
let row = row0 + lane / ${SIDE}u;
${block(blockRows, blockColumns, (r, c) => `var t${r}${c} = 0f;`)}
for (var k0 = begin; k0 < end; k0 += ${DEPTH}u) {
  ${stage('slabA', tileRows, strideA, !transposeA, {
    inside: `row0 + line < ${n} && k0 + deep < end`,
    value: readA(transposeA ? `(k0 + deep) * ${n} + row0 + line` : `(row0 + line) * ${k} + k0 + deep`),
  })}
  ${stage('slabB', tileColumns, strideB, transposeB, {
    inside: `column0 + line < ${m} && k0 + deep < end`,
    value: readB(transposeB ? `(column0 + line) * ${k} + k0 + deep` : `(k0 + deep) * ${m} + column0 + line`),
  })}
  workgroupBarrier();
  for (var d = 0u; d < ${DEPTH}u; d++) {
    let atA = d * ${strideA}u + lane / ${SIDE}u;
    let atB = d * ${strideB}u + lane % ${SIDE}u;
    ${lines(blockRows, (r) => `let a${r} = slabA[atA + ${r * SIDE}u];`)}
    ${lines(blockColumns, (c) => `let b${c} = slabB[atB + ${c * SIDE}u];`)}
    ${block(blockRows, blockColumns, (r, c) => `t${r}${c} = fma(a${r}, b${c}, t${r}${c});`)}
  }
  workgroupBarrier();
}
let to0 = (part * ${n} + row) * ${m} + column;
${lines(
  blockRows,
  (r) => `if (row + ${r * SIDE}u < ${n}) {
  let to = to0 + ${r * SIDE}u * ${m};
  ${lines(blockColumns, (c) => `if (column + ${c * SIDE}u < ${m}) { ${write(`to + ${c * SIDE}u`)} = t${r}${c}; }`)}
}`,
)}`;

  return builder.build({
    lanes: SIDE * SIDE,
    declarations: `var<workgroup> slabA: array<f32, ${DEPTH * strideA}>;
var<workgroup> slabB: array<f32, ${DEPTH * strideB}>;`,
    body,
    workgroups: (sizes) =>
      Math.ceil(evaluate(rows, sizes) / tileRows) *
      Math.ceil(evaluate(columns, sizes) / tileColumns) *
      evaluate(splits, sizes),
  });
}

/**
 * Loads a slab [DEPTH, size]. Neighbouring lanes take neighbouring addresses: `deepFirst` tells that the inner axis is
 * the one that is contiguous in memory.
 */
function stage(
  slab: string,
  size: number,
  stride: number,
  deepFirst: boolean,
  { inside, value }: { inside: string; value: string },
): string {
  return `for (var slot = lane; slot < ${size * DEPTH}u; slot += ${SIDE * SIDE}u) {
    let line = ${deepFirst ? `slot / ${DEPTH}u` : `slot % ${size}u`};
    let deep = ${deepFirst ? `slot % ${DEPTH}u` : `slot / ${size}u`};
    var value = 0f;
    if (${inside}) { value = ${value}; }
    ${slab}[deep * ${stride}u + line] = value;
  }`;
}

function lines(count: number, code: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => code(i)).join('\n');
}

function block(rows: number, columns: number, code: (row: number, column: number) => string): string {
  return lines(rows, (r) => lines(columns, (c) => code(r, c)));
}
