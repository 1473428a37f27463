import type { MatrixShape } from '../../features.ts';
import type { Body, RowAccess, Store } from '../kernel.ts';

/** Matrix units as kernels use them. */
export interface MatrixUnits {
  readonly shape: MatrixShape;
  /** Lanes of every subgroup. */
  readonly subgroupLanes: number;
  /** Take them wherever they can be taken, to prove them right; else only where they were measured to be faster. */
  readonly always?: true;
}

/** Subgroups of a workgroup, one below the other, and rows of each. */
const SUBGROUPS = 4;
const ROWS = 16;
export const MATRIX_TILE_ROWS = SUBGROUPS * ROWS;
export const MATRIX_TILE_COLUMNS = 32;
const DEPTH = 32;

/** What the body needs of the product; sizes as WGSL expressions. */
export interface MatrixSpec {
  transposeA: boolean;
  transposeB: boolean;
  sizes: Record<'n' | 'm' | 'parts', string>;
  /** Where a workgroup's part of the inner axis begins and ends: sets `part`, `begin`, `end`. */
  range: string;
  readA: RowAccess;
  readB: RowAccess;
  store: Store;
}

/** Whether the units' shape divides the tile. */
export function fitsTile({ m, n, k }: MatrixShape): boolean {
  return ROWS % m === 0 && MATRIX_TILE_COLUMNS % n === 0 && DEPTH % k === 0;
}

/**
 * A product by matrix units (Chromium's experimental subgroup matrices): operands are rounded to f16 as they are staged, sums are
 * f32. The order of additions within a unit is the hardware's, so that results differ from the other tiles' in the
 * last bits of f16.
 */
export function matrixBody(
  spec: MatrixSpec,
  { shape, subgroupLanes }: MatrixUnits,
): Omit<Body, 'workgroups'> {
  const { transposeA, transposeB, sizes, range, readA, readB, store } = spec;
  const { n, m } = sizes;
  const lanes = SUBGROUPS * subgroupLanes;
  const [down, across] = [ROWS / shape.m, MATRIX_TILE_COLUMNS / shape.n];
  const blocks = (code: (i: number, j: number) => string) =>
    times(down, (i) => times(across, (j) => code(i, j)));
  const corner = (i: number, j: number) =>
    `(subgroup * ${ROWS}u + ${i * shape.m}u) * ${MATRIX_TILE_COLUMNS}u + ${j * shape.n}u`;

  const body = `let tilesAcross = (${m} + ${MATRIX_TILE_COLUMNS - 1}u) / ${MATRIX_TILE_COLUMNS}u;
let tilesDown = (${n} + ${MATRIX_TILE_ROWS - 1}u) / ${MATRIX_TILE_ROWS}u;
if (group >= tilesAcross * tilesDown * ${sizes.parts}) { return; }
let column0 = (group % tilesAcross) * ${MATRIX_TILE_COLUMNS}u;
let row0 = (group / tilesAcross % tilesDown) * ${MATRIX_TILE_ROWS}u;
${range}
${blocks((i, j) => `var sum${i}_${j}: subgroup_matrix_result<f32, ${shape.n}, ${shape.m}>;`)}
for (var k0 = begin; k0 < end; k0 += ${DEPTH}u) {
  for (var slot = lane; slot < ${MATRIX_TILE_ROWS * DEPTH}u; slot += ${lanes}u) {
    let line = ${transposeA ? `slot % ${MATRIX_TILE_ROWS}u` : `slot / ${DEPTH}u`};
    let deep = ${transposeA ? `slot / ${MATRIX_TILE_ROWS}u` : `slot % ${DEPTH}u`};
    var value = 0f;
    if (row0 + line < ${n} && k0 + deep < end) { value = ${transposeA ? readA('k0 + deep', 'row0 + line') : readA('row0 + line', 'k0 + deep')}; }
    halfA[line * ${DEPTH}u + deep] = f16(clamp(value, -65504f, 65504f));
  }
  for (var slot = lane; slot < ${MATRIX_TILE_COLUMNS * DEPTH}u; slot += ${lanes}u) {
    let line = ${transposeB ? `slot / ${DEPTH}u` : `slot % ${MATRIX_TILE_COLUMNS}u`};
    let deep = ${transposeB ? `slot % ${DEPTH}u` : `slot / ${MATRIX_TILE_COLUMNS}u`};
    var value = 0f;
    if (column0 + line < ${m} && k0 + deep < end) { value = ${transposeB ? readB('column0 + line', 'k0 + deep') : readB('k0 + deep', 'column0 + line')}; }
    halfB[deep * ${MATRIX_TILE_COLUMNS}u + line] = f16(clamp(value, -65504f, 65504f));
  }
  workgroupBarrier();
  for (var d = 0u; d < ${DEPTH}u; d += ${shape.k}u) {
    ${times(down, (i) => load(`left${i}`, `left<f16, ${shape.k}, ${shape.m}>`, 'halfA', `(subgroup * ${ROWS}u + ${i * shape.m}u) * ${DEPTH}u + d`, DEPTH))}
    ${times(across, (j) => load(`right${j}`, `right<f16, ${shape.n}, ${shape.k}>`, 'halfB', `d * ${MATRIX_TILE_COLUMNS}u + ${j * shape.n}u`, MATRIX_TILE_COLUMNS))}
    ${blocks((i, j) => `sum${i}_${j} = subgroupMatrixMultiplyAccumulate(left${i}, right${j}, sum${i}_${j});`)}
  }
  workgroupBarrier();
}
${blocks((i, j) => `subgroupMatrixStore<row_major>(&results, ${corner(i, j)}, sum${i}_${j}, ${MATRIX_TILE_COLUMNS}u);`)}
workgroupBarrier();
for (var slot = lane; slot < ${MATRIX_TILE_ROWS * MATRIX_TILE_COLUMNS}u; slot += ${lanes}u) {
  let row = row0 + slot / ${MATRIX_TILE_COLUMNS}u;
  let column = column0 + slot % ${MATRIX_TILE_COLUMNS}u;
  if (row < ${n} && column < ${m}) { ${store(`(part * ${n} + row) * ${m} + column`, 'results[slot]')} }
}`;

  return {
    label: 'matrix units',
    lanes,
    builtins: ['@builtin(subgroup_id) subgroup: u32'],
    enable: ['f16', 'subgroups', 'chromium_experimental_subgroup_matrix'],
    declarations: `var<workgroup> halfA: array<f16, ${MATRIX_TILE_ROWS * DEPTH}>;
var<workgroup> halfB: array<f16, ${MATRIX_TILE_COLUMNS * DEPTH}>;
var<workgroup> results: array<f32, ${MATRIX_TILE_ROWS * MATRIX_TILE_COLUMNS}>;`,
    body,
  };
}

function load(name: string, type: string, from: string, offset: string, stride: number): string {
  return `let ${name} = subgroupMatrixLoad<subgroup_matrix_${type}, row_major>(&${from}, ${offset}, ${stride}u);`;
}

function times(count: number, code: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => code(i)).join('\n');
}
