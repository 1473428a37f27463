import { EtalonError } from '../../../base/index.ts';
import { type Extent, evaluate, extentKey, isStatic, type Sizes } from '../plan/extent.ts';

/** Where a value lies: `offset` elements into the buffer of a root. */
export interface Place {
  readonly root: number;
  readonly offset: number;
}

/** A field of the uniform block, in the order of the WGSL struct; each takes four bytes. */
export interface Parameter {
  readonly type: 'u32' | 'f32';
  readonly value: (sizes: Sizes) => number;
}

/**
 * One dispatch of a plan. Bindings: 0 is the uniform block, then `reads` as read-only storage, then `writes`.
 * Workgroups are counted along one line, which the device folds into two dimensions.
 */
export interface Kernel {
  /** For error messages: the family and the nodes of the program it computes. */
  readonly name: string;
  readonly source: string;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly parameters: readonly Parameter[];
  readonly workgroups: (sizes: Sizes) => number;
}

/** The WGSL of an element of a bound value at an index, both as expressions. */
export type Access = (index: string) => string;

interface Body {
  /** Statements that see `group` (the workgroup's number), `lane` (number in the workgroup) and what the builder handed out. */
  body: string;
  /** Module-scope functions and workgroup variables. */
  declarations?: string;
  lanes: number;
  workgroups: (sizes: Sizes) => number;
}

/** Lanes of a workgroup in kernels that give each lane one element. */
export const LANES = 256;

/**
 * Collects what a kernel binds. Names go by order of first use, so that kernels of the same form have the same
 * source and share a pipeline.
 */
export class KernelBuilder {
  readonly #name: string;
  readonly #reads: { root: number; type: 'f32' | 'i32' }[] = [];
  readonly #writes: number[] = [];
  readonly #parameters: (Parameter & { key: string })[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  read(place: Place, type: 'f32' | 'i32' = 'f32'): Access {
    let at = this.#reads.findIndex(({ root }) => root === place.root);
    if (at < 0) at = this.#reads.push({ root: place.root, type }) - 1;
    return this.#access(`r${at}`, place);
  }

  write(place: Place): Access {
    let at = this.#writes.indexOf(place.root);
    if (at < 0) at = this.#writes.push(place.root) - 1;
    return this.#access(`w${at}`, place);
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

  float(key: string, value: (sizes: Sizes) => number): string {
    return this.#parameter(key, 'f32', value);
  }

  build({ body, declarations = '', lanes, workgroups }: Body): Kernel {
    const clash = this.#writes.find((root) => this.#reads.some((read) => read.root === root));
    if (clash !== undefined)
      throw new EtalonError('internal', `internal: kernel ${this.#name} reads the buffer that it writes`);
    // A uniform block must not be empty.
    if (this.#parameters.length === 0) this.integer('unused', () => 0);
    const fields = this.#parameters.map(({ type }, i) => `p${i}: ${type},`).join(' ');
    const bindings = [
      ...this.#reads.map(({ type }, i) => `var<storage, read> r${i}: array<${type}>;`),
      ...this.#writes.map((_, i) => `var<storage, read_write> w${i}: array<f32>;`),
    ].map((line, i) => `@group(0) @binding(${i + 1}) ${line}`);
    const source = [
      `struct Parameters { ${fields} }`,
      '@group(0) @binding(0) var<uniform> p: Parameters;',
      ...bindings,
      declarations,
      `@compute @workgroup_size(${lanes}) fn main(`,
      '  @builtin(workgroup_id) workgroup: vec3u,',
      '  @builtin(num_workgroups) workgroups: vec3u,',
      '  @builtin(local_invocation_index) lane: u32,',
      ') {',
      'let group = workgroup.y * workgroups.x + workgroup.x;',
      body,
      '}',
    ].join('\n');
    return {
      name: this.#name,
      source,
      reads: this.#reads.map(({ root }) => root),
      writes: this.#writes,
      parameters: this.#parameters,
      workgroups,
    };
  }

  /** A kernel of one lane for each of `count` elements; the body sees the element's number as `i`. */
  buildForEach(count: Extent, body: string, declarations = ''): Kernel {
    const limit = this.extent(count);
    return this.build({
      lanes: LANES,
      declarations,
      body: `let i = group * ${LANES}u + lane;\nif (i >= ${limit}) { return; }\n${body}`,
      workgroups: (sizes) => Math.ceil(evaluate(count, sizes) / LANES),
    });
  }

  #access(buffer: string, { root, offset }: Place): Access {
    // Offsets are parameters, not literals: weights at different places of one flat tensor share a pipeline.
    const start = this.#parameter(`offset ${root} ${offset}`, 'u32', () => offset);
    return (index) => `${buffer}[${start} + ${index}]`;
  }

  #parameter(key: string, type: 'u32' | 'f32', value: (sizes: Sizes) => number): string {
    let at = this.#parameters.findIndex((parameter) => parameter.key === key);
    if (at < 0) at = this.#parameters.push({ key, type, value }) - 1;
    return `p.p${at}`;
  }
}
