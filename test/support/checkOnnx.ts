import type { OnnxModel } from '../../core/onnx/index.ts';

/** Everything wrong with the structure of a model; empty where nothing is. */
export function onnxFaults({ opsets, graph, irVersion }: OnnxModel): string[] {
  const faults: string[] = [];
  const standard = opsets.filter(({ domain }) => domain === '' || domain === 'ai.onnx');
  if (standard.length !== 1 || opsets.length !== 1) faults.push('not exactly the standard operator set');
  if (standard[0]?.version < 18) faults.push('ScatterElements adds, and Split by count, from opset 18 on');
  if (irVersion < 8) faults.push(`IR version ${irVersion} is older than the operator set`);

  const defined = new Set<string>();
  const define = (name: string, what: string) => {
    if (name === '') faults.push(`${what} has no name`);
    if (defined.has(name)) faults.push(`${what} "${name}" is defined twice`);
    defined.add(name);
  };
  for (const { name } of graph.inputs) define(name, 'input');
  for (const { name, dims, data } of graph.initializers) {
    define(name, 'initializer');
    if (dims.reduce((a, b) => a * b, 1) !== data.length)
      faults.push(`initializer "${name}" does not fill its shape`);
  }
  const used = new Set(graph.outputs.map(({ name }) => name));
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      used.add(input);
      if (input !== '' && !defined.has(input))
        faults.push(`${node.op} reads "${input}", which is not defined before it`);
    }
    for (const output of node.outputs) define(output, `result of ${node.op}`);
  }
  for (const { name } of graph.outputs)
    if (!defined.has(name)) faults.push(`output "${name}" is not defined`);
  for (const { name } of graph.initializers)
    if (!used.has(name)) faults.push(`initializer "${name}" is not read`);
  return faults;
}
