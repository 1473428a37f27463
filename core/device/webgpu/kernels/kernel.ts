import { EtalonError } from '../../../base/index.ts';
import { type Extent, evaluate, extentKey, isStatic, type Sizes } from '../plan/extent.ts';

/** How half-precision values lie in their buffer: as f16, or as f32 rounded to what f16 can hold, which needs no feature. */
export type Half = 'f16' | 'rounded';

/** Where a value lies: `offset` elements into the buffer of a root. */
export interface Place {
  readonly root: number;
  readonly offset: number;
  /** Elements further on that are only known at run time; `key` tells equal ones. */
  readonly shift?: { readonly key: string; readonly value: (sizes: Sizes) => number };
  /** f32 where it is absent. */
  readonly half?: Half;
}

/** A value as a kernel reads it: a buffer, or a part of it that is never laid out by itself. */
export interface Operand {
  readonly place: Place;
  /** Elements of the buffer that are read, each once. */
  readonly extent: Extent;
  /** An index: row i of the value is row index[i] of the buffer. */
  readonly rows?: { readonly place: Place; readonly extent: Extent };
  /** A window of columns: those from `start` on of rows that lie `stride` elements apart. */
  readonly window?: { readonly start: number; readonly stride: Extent };
}

/** A matrix as a product reads it; `pieces` stand beside each other without being laid so. */
export type MatrixOperand =
  | Operand
  | { readonly pieces: readonly { readonly operand: Operand; readonly width: number }[] };

/** A field of the uniform block, in the order of the WGSL struct; each takes four bytes. */
export interface Parameter {
  readonly type: 'u32' | 'f32';
  readonly value: (sizes: Sizes) => number;
}

/** What a kernel has to do at least. */
export interface Cost {
  bytes: number;
  flops: number;
}

/** One way to compute a kernel. All ways of it give the same bits. */
export interface Variant {
  readonly label: string;
  readonly source: string;
  readonly workgroups: (sizes: Sizes) => number;
}

/**
 * One dispatch of a plan. Bindings: 0 is the uniform block, then `reads` as read-only storage, then `writes`.
 * Workgroups are counted along one line, which the device folds into two dimensions.
 */
export interface Kernel {
  /** For error messages: the family and the nodes of the program it computes. */
  readonly name: string;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly parameters: readonly Parameter[];
  readonly cost: (sizes: Sizes) => Cost;
  readonly variants: readonly Variant[];
  /** The variant to take where none was measured. */
  readonly choose: (sizes: Sizes) => number;
  /** Sizes within which one variant stays the best: what is measured once. */
  readonly shapeClass: (sizes: Sizes) => string;
}

/** The WGSL of an element of a bound value at an index, both as expressions. */
export type Access = (index: string) => string;
/** The WGSL of an element at a row and a column. */
export type RowAccess = (row: string, column: string) => string;
/** The WGSL statement that stores a value at an index. */
export type Store = (index: string, value: string) => string;

export interface Body {
  /** Statements that see `group` (the workgroup's number), `lane` (number in the workgroup) and what the builder handed out. */
  body: string;
  /** Module-scope declarations of this body alone. */
  declarations?: string;
  lanes: number;
  workgroups: (sizes: Sizes) => number;
  label?: string;
  enable?: readonly string[];
  /** Parameters of the entry point beyond `group` and `lane`. */
  builtins?: readonly string[];
}

interface Choice {
  choose: (sizes: Sizes) => number;
  shapeClass: (sizes: Sizes) => string;
}

/** Lanes of a workgroup in kernels that give each lane one element. */
export const LANES = 256;

const LARGEST_F16 = '65504f';

/**
 * Collects what a kernel binds. Names go by order of first use, so that kernels of the same form have the same
 * source and share a pipeline.
 */
export class KernelBuilder {
  readonly #name: string;
  readonly #reads: { root: number; type: string }[] = [];
  readonly #writes: { root: number; type: string }[] = [];
  readonly #parameters: (Parameter & { key: string })[] = [];
  /** By binding and what part of it, the elements that must be moved. */
  readonly #traffic = new Map<string, { extent: Extent; bytes: number }>();
  /** Functions and workgroup variables, each once. */
  readonly #declarations = new Set<string>();
  #joined = 0;
  #flops: (sizes: Sizes) => number = () => 0;

  constructor(name: string) {
    this.#name = name;
  }

  read(place: Place, extent: Extent, type: 'f32' | 'i32' = 'f32'): Access {
    const stored = type === 'f32' ? storedType(place) : type;
    let at = this.#reads.findIndex(({ root }) => root === place.root);
    if (at < 0) at = this.#reads.push({ root: place.root, type: stored }) - 1;
    this.#count(`r${at} ${place.offset} ${place.shift?.key}`, extent, stored);
    const element = this.#element(`r${at}`, place);
    return stored === 'f16' ? (index) => `f32(${element(index)})` : element;
  }

  /** Rows of `width` elements, however they come by. */
  readRows(matrix: MatrixOperand, width: string): RowAccess {
    if ('pieces' in matrix) return this.#readJoined(matrix.pieces);
    const { place, extent, rows, window } = matrix;
    const element = this.read(place, extent);
    const index = rows && this.read(rows.place, rows.extent, 'i32');
    const stride = window ? this.extent(window.stride) : width;
    const start = window ? ` + ${window.start}u` : '';
    return (row, column) =>
      element(`${index ? `u32(${index(row)})` : `(${row})`} * ${stride}${start} + ${column}`);
  }

  #readJoined(pieces: readonly { operand: Operand; width: number }[]): RowAccess {
    const name = `joined${this.#joined++}`;
    let end = 0;
    const lines = pieces.map(({ operand, width }, i) => {
      const begin = end;
      end += width;
      const value = this.readRows(operand, `${width}u`)('row', `(column - ${begin}u)`);
      return i === pieces.length - 1 ? `return ${value};` : `if (column < ${end}u) { return ${value}; }`;
    });
    this.declare(`fn ${name}(row: u32, column: u32) -> f32 {\n${lines.join('\n')}\n}`);
    return (row, column) => `${name}(${row}, ${column})`;
  }

  write(place: Place, extent: Extent): Store {
    const stored = storedType(place);
    let at = this.#writes.findIndex(({ root }) => root === place.root);
    if (at < 0) at = this.#writes.push({ root: place.root, type: stored }) - 1;
    this.#count(`w${at} ${place.offset} ${place.shift?.key}`, extent, stored);
    const element = this.#element(`w${at}`, place);
    if (stored === 'f16')
      return (index, value) => `${element(index)} = f16(clamp(${value}, -${LARGEST_F16}, ${LARGEST_F16}));`;
    if (place.half === 'rounded')
      return (index, value) =>
        `${element(index)} = quantizeToF16(clamp(${value}, -${LARGEST_F16}, ${LARGEST_F16}));`;
    return (index, value) => `${element(index)} = ${value};`;
  }

  /** An extent as a u32: a literal where it is static, else a parameter. */
  extent(extent: Extent): string {
    if (isStatic(extent)) return `${extent.factor}u`;
    return this.#parameter(`extent ${extentKey(extent)}`, 'u32', (sizes) => evaluate(extent, sizes));
  }

  /** A u32 that is known at run time; `key` tells equal ones. */
  integer(key: string, value: (sizes: Sizes) => number): string {
    return this.#parameter(key, 'u32', value);
  }

  /** Where a value begins in its buffer. A parameter, not a literal: weights of one flat tensor share a pipeline. */
  start({ root, offset, shift }: Place): string {
    const key = `offset ${root} ${offset} ${shift?.key ?? ''}`;
    return this.#parameter(key, 'u32', (sizes) => offset + (shift?.value(sizes) ?? 0));
  }

  float(key: string, value: (sizes: Sizes) => number): string {
    return this.#parameter(key, 'f32', value);
  }

  /** A module-scope function or variable of all variants; equal ones are declared once. */
  declare(code: string): void {
    this.#declarations.add(code);
  }

  /** Adds to the operations that the kernel has to do. */
  flops(more: (sizes: Sizes) => number): void {
    const before = this.#flops;
    this.#flops = (sizes) => before(sizes) + more(sizes);
  }

  build(body: Body): Kernel {
    return this.buildVariants([body], { choose: () => 0, shapeClass: () => '' });
  }

  buildVariants(bodies: readonly Body[], choice: Choice): Kernel {
    const clash = this.#writes.find(({ root }) => this.#reads.some((read) => read.root === root));
    if (clash)
      throw new EtalonError('internal', `internal: kernel ${this.#name} reads the buffer that it writes`);
    // A uniform block must not be empty.
    if (this.#parameters.length === 0) this.integer('unused', () => 0);
    const traffic = [...this.#traffic.values()];
    const flops = this.#flops;
    return {
      name: this.#name,
      reads: this.#reads.map(({ root }) => root),
      writes: this.#writes.map(({ root }) => root),
      parameters: this.#parameters,
      cost: (sizes) => ({
        bytes: traffic.reduce((total, { extent, bytes }) => total + bytes * evaluate(extent, sizes), 0),
        flops: flops(sizes),
      }),
      variants: bodies.map((body) => ({
        label: body.label ?? '',
        source: this.#source(body),
        workgroups: body.workgroups,
      })),
      ...choice,
    };
  }

  /** A kernel of one lane for each of `count` elements; the body sees the element's number as `i`. */
  buildForEach(count: Extent, body: string): Kernel {
    const limit = this.extent(count);
    return this.build({
      lanes: LANES,
      body: `let i = group * ${LANES}u + lane;\nif (i >= ${limit}) { return; }\n${body}`,
      workgroups: (sizes) => Math.ceil(evaluate(count, sizes) / LANES),
    });
  }

  #source({ body, declarations = '', lanes, enable = [], builtins = [] }: Body): string {
    const fields = this.#parameters.map(({ type }, i) => `p${i}: ${type},`).join(' ');
    const bindings = [
      ...this.#reads.map(({ type }, i) => `var<storage, read> r${i}: array<${type}>;`),
      ...this.#writes.map(({ type }, i) => `var<storage, read_write> w${i}: array<${type}>;`),
    ].map((line, i) => `@group(0) @binding(${i + 1}) ${line}`);
    const half = [...this.#reads, ...this.#writes].some(({ type }) => type === 'f16');
    return [
      ...[...new Set([...(half ? ['f16'] : []), ...enable])].map((extension) => `enable ${extension};`),
      `struct Parameters { ${fields} }`,
      '@group(0) @binding(0) var<uniform> p: Parameters;',
      ...bindings,
      ...this.#declarations,
      declarations,
      `@compute @workgroup_size(${lanes}) fn main(`,
      '  @builtin(workgroup_id) workgroup: vec3u,',
      '  @builtin(num_workgroups) workgroups: vec3u,',
      '  @builtin(local_invocation_index) lane: u32,',
      ...builtins.map((builtin) => `  ${builtin},`),
      ') {',
      'let group = workgroup.y * workgroups.x + workgroup.x;',
      body,
      '}',
    ].join('\n');
  }

  #element(buffer: string, place: Place): Access {
    const start = this.start(place);
    return (index) => `${buffer}[${start} + ${index}]`;
  }

  #count(key: string, extent: Extent, type: string): void {
    this.#traffic.set(key, { extent, bytes: type === 'f16' ? 2 : 4 });
  }

  #parameter(key: string, type: 'u32' | 'f32', value: (sizes: Sizes) => number): string {
    let at = this.#parameters.findIndex((parameter) => parameter.key === key);
    if (at < 0) at = this.#parameters.push({ key, type, value }) - 1;
    return `p.p${at}`;
  }
}

function storedType({ half }: Place): string {
  return half === 'f16' ? 'f16' : 'f32';
}
