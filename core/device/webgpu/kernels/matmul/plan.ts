import { type Extent, evaluate, extentKey, isStatic, ONE, type Sizes, times } from '../../plan/extent.ts';
import { type Finish, finisher } from '../endings.ts';
import {
  type Body,
  type Kernel,
  KernelBuilder,
  type MatrixOperand,
  type RowAccess,
  type Store,
} from '../kernel.ts';
import { reduceStrided, type Workspace } from '../sum/plan.ts';
import { MATRIX_TILE_COLUMNS, MATRIX_TILE_ROWS, type MatrixUnits, matrixBody } from './matrixUnits.ts';
import {
  NARROW_TILES,
  PLAIN_TILE,
  SHORT_TILES,
  SMALL_TILES,
  type Tile,
  tileColumns,
  tileRows,
  WIDE_TILES,
} from './tiles.ts';

export interface MatmulSpec {
  name: string;
  a: MatrixOperand;
  b: MatrixOperand;
  finish: Finish;
  transposeA: boolean;
  transposeB: boolean;
  /** [rows, inner] · [inner, columns] */
  rows: Extent;
  inner: Extent;
  columns: Extent;
}

/** At most this many rows or columns make a tile narrow. */
const NARROW = 16;
/** A long inner axis is split, so that a small product of tall matrices (a weight's gradient) fills the GPU. */
const SPLIT_LENGTH = 256;
const MAX_SPLITS = 128;
/** Parts begin at multiples of this, which every tile's depth divides: where they begin must not depend on the tile. */
const PART_UNIT = 16;
/** Workgroups that keep a large GPU busy: the largest tile that gives as many is taken where none was measured. */
const ENOUGH_WORKGROUPS = 256;

/** Which ways to compute products are offered. */
export interface Ways {
  /** One tile only, where compiling several costs more than the best saves. */
  oneTile: boolean;
  matrixUnits: MatrixUnits | undefined;
}

/** Whether a product's inner axis is split, so that its results come from a second pass. */
export function isSplit({ rows, inner, columns }: Pick<MatmulSpec, 'rows' | 'inner' | 'columns'>): boolean {
  const longInner = !isStatic(inner) || inner.factor >= 8 * SPLIT_LENGTH;
  return longInner && isStatic(rows) && isStatic(columns);
}

/**
 * A tiled product. Where the inner axis is long or unknown and the result small, parts of the inner axis are multiplied
 * side by side and added in a second pass, always in the same order.
 */
export function matmulKernels(spec: MatmulSpec, workspace: Workspace, ways: Ways): Kernel[] {
  const { name, rows, inner, columns, finish } = spec;
  if (!isSplit(spec)) return [tiledKernel(spec, ONE, ways)];
  const splits = workspace.derive(`#splits(${extentKey(inner)})`, (sizes) =>
    Math.min(Math.max(Math.ceil(evaluate(inner, sizes) / SPLIT_LENGTH), 1), MAX_SPLITS),
  );
  const result = times(rows, columns);
  const deferred = finish.place && workspace.partials(splits, result, finish.place);
  const partial = deferred ?? workspace.scratch(times(splits, result));
  const parts = tiledKernel({ ...spec, name: `${name} (parts)`, finish: { place: partial } }, splits, ways);
  if (deferred) return [parts];
  const total = reduceStrided(
    {
      name: `${name} (total)`,
      combination: 'sum',
      source: { place: partial, extent: times(splits, result) },
      finish,
      layout: { outer: ONE, count: splits, inner: result },
    },
    ONE,
  );
  return [parts, total];
}

function tiledKernel(spec: MatmulSpec, splits: Extent, ways: Ways): Kernel {
  const { rows, inner, columns, transposeA, transposeB } = spec;
  const builder = new KernelBuilder(spec.name);
  // Sizes are parameters, not literals, so that a model's products share pipelines: this is the kernel that takes compilers longest.
  const [n, k, m, parts] = Object.entries({ rows, inner, columns, splits }).map(([key, extent]) =>
    builder.integer(key, (sizes) => evaluate(extent, sizes)),
  );
  const code: Code = {
    sizes: { n, k, m, parts },
    readA: builder.readRows(spec.a, transposeA ? n : k),
    readB: builder.readRows(spec.b, transposeB ? k : m),
    store: finisher(builder, spec.finish, times(splits, times(rows, columns))),
  };
  builder.flops((sizes) => 2 * evaluate(times(times(rows, columns), inner), sizes));
  const tiles = candidates(spec, ways);
  const tilesOf = (down: number, across: number, sizes: Sizes) =>
    Math.ceil(evaluate(rows, sizes) / down) *
    Math.ceil(evaluate(columns, sizes) / across) *
    evaluate(splits, sizes);
  const groups = (tile: Tile, sizes: Sizes) => tilesOf(tileRows(tile), tileColumns(tile), sizes);
  const bodies: Body[] = tiles.map((tile) => ({
    ...tileBody(spec, tile, code),
    workgroups: (sizes: Sizes) => groups(tile, sizes),
  }));
  const units = isShort(rows) || isShort(columns) ? undefined : ways.matrixUnits;
  if (units)
    bodies.push({
      ...matrixBody({ transposeA, transposeB, range: partRange(code.sizes), ...code }, units),
      workgroups: (sizes) => tilesOf(MATRIX_TILE_ROWS, MATRIX_TILE_COLUMNS, sizes),
    });
  return builder.buildVariants(bodies, {
    choose: (sizes) => {
      if (units?.always) return bodies.length - 1;
      const large = tiles.findIndex((tile) => groups(tile, sizes) >= ENOUGH_WORKGROUPS);
      return large < 0 ? tiles.length - 1 : large;
    },
    shapeClass: (sizes) =>
      [rows, inner, columns].map((extent) => sizeClass(evaluate(extent, sizes))).join('×'),
  });
}

function isShort(side: Extent): boolean {
  return isStatic(side) && side.factor <= NARROW;
}

function candidates({ rows, columns }: MatmulSpec, { oneTile }: Ways): readonly Tile[] {
  const [short, narrow] = [isShort(rows), isShort(columns)];
  const tiles = short ? (narrow ? SMALL_TILES : SHORT_TILES) : narrow ? NARROW_TILES : WIDE_TILES;
  if (!oneTile) return tiles;
  return tiles === WIDE_TILES ? [PLAIN_TILE] : tiles.slice(0, 1);
}

/** Sizes to the nearest half power of two: what is best for one is best for all of them. */
function sizeClass(size: number): string {
  return (2 ** (Math.round(2 * Math.log2(Math.max(size, 1))) / 2)).toFixed(0);
}

interface Code {
  sizes: Record<'n' | 'k' | 'm' | 'parts', string>;
  readA: RowAccess;
  readB: RowAccess;
  store: Store;
}

/**
 * A workgroup stages slabs of both operands in workgroup memory; each lane keeps its rows × columns of results in registers.
 * Lanes that have four or more of either take them four at a time, as vectors. Every result is one chain of fused
 * multiply-adds along the inner axis, so that all tiles give the same bits.
 */
function tileBody(
  { transposeA, transposeB }: MatmulSpec,
  tile: Tile,
  { sizes: { n, k, m, parts }, readA, readB, store }: Code,
): Omit<Body, 'workgroups'> {
  const range = partRange({ n, k, m, parts });
  const { rowLanes, columnLanes, rows, columns, depth, label } = tile;
  const lanes = rowLanes * columnLanes;
  const sideA: Side = { slab: 'slabA', vector: rows >= 4 ? 4 : 1, size: tileRows(tile), depth, lanes };
  const sideB: Side = { slab: 'slabB', vector: columns >= 4 ? 4 : 1, size: tileColumns(tile), depth, lanes };
  const quadsA = rows / sideA.vector;
  const quadsB = columns / sideB.vector;
  const typeB = typeOf(sideB);
  const rowOf = (r: number) => {
    const [quad, part] = [Math.floor(r / sideA.vector), r % sideA.vector];
    return `row + ${quad * rowLanes * sideA.vector + part}u`;
  };
  const columnOf = (c: number) => {
    const [quad, part] = [Math.floor(c / sideB.vector), c % sideB.vector];
    return `column + ${quad * columnLanes * sideB.vector + part}u`;
  };
  const valueA = (r: number) => (sideA.vector === 1 ? `a${r}` : `a${Math.floor(r / 4)}.${'xyzw'[r % 4]}`);
  const result = (r: number, c: number) =>
    sideB.vector === 1 ? `t${r}_${c}` : `t${r}_${Math.floor(c / 4)}.${'xyzw'[c % 4]}`;

  const body = `let tilesAcross = (${m} + ${tileColumns(tile) - 1}u) / ${tileColumns(tile)}u;
let tilesDown = (${n} + ${tileRows(tile) - 1}u) / ${tileRows(tile)}u;
if (group >= tilesAcross * tilesDown * ${parts}) { return; }
let column0 = (group % tilesAcross) * ${tileColumns(tile)}u;
let row0 = (group / tilesAcross % tilesDown) * ${tileRows(tile)}u;
${range}
let laneA = lane / ${columnLanes}u;
let laneB = lane % ${columnLanes}u;
${block(rows, quadsB, (r, c) => `var t${r}_${c} = ${typeB}(0f);`)}
for (var k0 = begin; k0 < end; k0 += ${depth}u) {
  ${stage(sideA, !transposeA, {
    inside: (line) => `row0 + ${line} < ${n} && k0 + deep < end`,
    value: (line) =>
      transposeA ? readA('k0 + deep', `row0 + ${line}`) : readA(`row0 + ${line}`, 'k0 + deep'),
  })}
  ${stage(sideB, transposeB, {
    inside: (line) => `column0 + ${line} < ${m} && k0 + deep < end`,
    value: (line) =>
      transposeB ? readB(`column0 + ${line}`, 'k0 + deep') : readB('k0 + deep', `column0 + ${line}`),
  })}
  workgroupBarrier();
  for (var d = 0u; d < ${depth}u; d++) {
    let atA = d * ${strideOf(sideA)}u + laneA;
    let atB = d * ${strideOf(sideB)}u + laneB;
    ${lines(quadsA, (q) => `let a${q} = slabA[atA + ${q * rowLanes}u];`)}
    ${lines(quadsB, (q) => `let b${q} = slabB[atB + ${q * columnLanes}u];`)}
    ${block(rows, quadsB, (r, c) => `t${r}_${c} = fma(${typeB}(${valueA(r)}), b${c}, t${r}_${c});`)}
  }
  workgroupBarrier();
}
let row = row0 + laneA * ${sideA.vector}u;
let column = column0 + laneB * ${sideB.vector}u;
${lines(
  rows,
  (r) => `if (${rowOf(r)} < ${n}) {
  let to = (part * ${n} + ${rowOf(r)}) * ${m};
  ${lines(columns, (c) => `if (${columnOf(c)} < ${m}) { ${store(`to + ${columnOf(c)}`, result(r, c))} }`)}
}`,
)}`;

  return { label, lanes, declarations: `${declare(sideA)}\n${declare(sideB)}`, body };
}

/** A workgroup's part of the inner axis: sets `part`, `begin` and `end`. */
function partRange({ k, parts }: Code['sizes']): string {
  return `let part = group / (tilesAcross * tilesDown);
let units = (${k} + ${PART_UNIT - 1}u) / ${PART_UNIT}u;
let partLength = (units + ${parts} - 1u) / ${parts} * ${PART_UNIT}u;
let begin = part * partLength;
let end = min(${k}, begin + partLength);`;
}

/** One operand's slab [depth, size], in vectors along `size`. */
interface Side {
  slab: string;
  vector: 1 | 4;
  size: number;
  depth: number;
  lanes: number;
}

function typeOf({ vector }: Side): string {
  return vector === 1 ? 'f32' : 'vec4f';
}

/** One element of padding keeps lanes that write down the slab on different memory banks. */
function strideOf({ size, vector }: Side): number {
  return size / vector + 1;
}

function declare(side: Side): string {
  return `var<workgroup> ${side.slab}: array<${typeOf(side)}, ${side.depth * strideOf(side)}>;`;
}

/**
 * Loads a slab. Neighbouring lanes take neighbouring addresses: `deepFirst` tells that the inner axis is the one that is
 * contiguous in memory.
 */
function stage(
  side: Side,
  deepFirst: boolean,
  { inside, value }: { inside: (line: string) => string; value: (line: string) => string },
): string {
  const { slab, vector, size, depth, lanes } = side;
  const units = size / vector;
  const parts = Array.from({ length: vector }, (_, i) => (vector === 1 ? 'line' : `(line + ${i}u)`));
  return `for (var slot = lane; slot < ${units * depth}u; slot += ${lanes}u) {
    let unit = ${deepFirst ? `slot / ${depth}u` : `slot % ${units}u`};
    let deep = ${deepFirst ? `slot % ${depth}u` : `slot / ${units}u`};
    let line = unit * ${vector}u;
    var value = ${typeOf(side)}(0f);
    ${parts
      .map(
        (line, i) => `if (${inside(line)}) { value${vector === 1 ? '' : `.${'xyzw'[i]}`} = ${value(line)}; }`,
      )
      .join('\n    ')}
    ${slab}[deep * ${strideOf(side)}u + unit] = value;
  }`;
}

function lines(count: number, code: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => code(i)).join('\n');
}

function block(rows: number, columns: number, code: (row: number, column: number) => string): string {
  return lines(rows, (r) => lines(columns, (c) => code(r, c)));
}
