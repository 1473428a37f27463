import { div, isKind, type Program, stopGradient, Trace } from '../tensor/index.ts';

/**
 * The program with its divisors held as they are: gradients see no norm, degree or softmax sum. A cosine of two sums is then the sum of its
 * terms, Σᵢ Σⱼ qᵢ·dⱼ / (‖q‖ ‖d‖), and gradient × input gives each term its share, where gradients of the cosine itself see nothing in
 * vectors that grow. Values are what they were.
 */
export function holdNorms(program: Program): Program {
  const { trace, tensors } = Trace.from(program, (node, inputs) => {
    if (!isKind(node, 'binary') || node.op.fn !== 'div') return undefined;
    return div(inputs[0], stopGradient(inputs[1]));
  });
  return trace.program(Object.fromEntries(program.outputs.map(({ name, id }) => [name, tensors[id]])));
}
