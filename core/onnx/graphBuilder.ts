import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './model.ts';

/** Attributes as they are written down: whole numbers are ints, `{ float }` says otherwise. */
export type Attributes = Readonly<Record<string, number | string | readonly number[] | { float: number }>>;

/** Collects the nodes and initializers of a graph, names them, and writes equal initializers once. */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxTensor[] = [];
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  readonly #taken = new Set<string>();
  readonly #small = new Map<string, string>();

  input(value: OnnxValue): void {
    this.#taken.add(value.name);
    this.#inputs.push(value);
  }

  /** Declares an output; its name must have been reserved. */
  output(value: OnnxValue): void {
    this.#outputs.push(value);
  }

  /** Keeps a name from being given to anything else. */
  reserve(name: string): void {
    this.#taken.add(name);
  }

  /** Adds a node with one result and returns the result's name. */
  node(op: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    const name = output ?? this.unique(op);
    this.#nodes.push({ op, inputs: [...inputs], outputs: [name], attributes: typed(attributes) });
    return name;
  }

  /** Adds a node with several results and returns their names. */
  nodeWithOutputs(
    op: string,
    inputs: readonly string[],
    count: number,
    attributes: Attributes = {},
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.unique(op));
    this.#nodes.push({ op, inputs: [...inputs], outputs: [...outputs], attributes: typed(attributes) });
    return outputs;
  }

  /** Shapes, axes, sizes: an int64 list, or a scalar. */
  int64(values: number | readonly number[]): string {
    const list = typeof values === 'number' ? [values] : values;
    return this.#once(`i64 ${JSON.stringify(values)}`, {
      dims: typeof values === 'number' ? [] : [list.length],
      data: BigInt64Array.from(list, BigInt),
    });
  }

  /** A small constant; equal ones share an initializer. */
  float32(values: readonly number[], dims: readonly number[]): string {
    return this.#once(`f32 ${JSON.stringify([values, dims])}`, {
      dims: [...dims],
      data: Float32Array.from(values),
    });
  }

  initializer(name: string, data: OnnxTensor['data'], dims: readonly number[]): string {
    const free = this.unique(name);
    this.#initializers.push({ name: free, dims: [...dims], data });
    return free;
  }

  #once(key: string, tensor: Omit<OnnxTensor, 'name'>): string {
    const known = this.#small.get(key);
    if (known) return known;
    const name = this.initializer('constant', tensor.data, tensor.dims);
    this.#small.set(key, name);
    return name;
  }

  /** The stem itself if it is free, else with a number. */
  unique(stem: string): string {
    let name = stem;
    for (let i = this.#taken.size; this.#taken.has(name); i++) name = `${stem}_${i}`;
    this.#taken.add(name);
    return name;
  }

  graph(name: string): OnnxGraph {
    return {
      name,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
    };
  }
}

function typed(attributes: Attributes): Record<string, OnnxAttribute> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, typedAttribute(value)]));
}

function typedAttribute(value: Attributes[string]): OnnxAttribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if ('float' in value) return { kind: 'float', value: value.float };
  return { kind: 'ints', value: [...value] };
}
