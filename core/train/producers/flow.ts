import type { Block, EdgeTensors, Weights } from '../../gnn/index.ts';
import type { FlowBlock, MessageFlow } from '../../graph/index.ts';
import { gather, type Tensor, type Trace } from '../../tensor/index.ts';
import type { BatchField, BatchSlot } from './ring.ts';

/** One layer's graph as inputs of a program: from rows of `sources` to rows of `targets`, the symbols of the two axes. */
export interface FlowTensors extends EdgeTensors {
  sources: string;
  targets: string;
  /** [targets] each target's own row among the sources. */
  self: Tensor;
}

/**
 * Declares the index inputs of a message flow: for layer l of a batch `senders<l>`, `receivers<l>` and `self<l>`, with the sizes
 * `edges<l>`, and `nodes<l>` of what enters the layer.
 */
export function flowInputs(trace: Trace, layers: number): FlowTensors[] {
  return Array.from({ length: layers }, (_, layer) => ({
    sources: `nodes${layer}`,
    targets: `nodes${layer + 1}`,
    senders: trace.input(`senders${layer}`, [`edges${layer}`], 'i32'),
    receivers: trace.input(`receivers${layer}`, [`edges${layer}`], 'i32'),
    self: trace.input(`self${layer}`, [`nodes${layer + 1}`], 'i32'),
  }));
}

/**
 * A layer on a block: states of the sources [sources, inputs] → states of the targets [targets, outputs]. The layer must be one
 * that takes targets of their own, as GraphSAGE and GAT do.
 */
export function onBlock(layer: Block, weights: Weights, block: FlowTensors, x: Tensor): Tensor {
  return layer(weights, block, { nodes: x, targets: gather(x, block.self) }).nodes;
}

/** What to feed for the inputs of a flow. */
export function flowFeed(blocks: readonly FlowBlock[]): Record<string, Int32Array> {
  return Object.fromEntries(
    blocks.flatMap(({ senders, receivers, self }, layer) => [
      [`senders${layer}`, senders],
      [`receivers${layer}`, receivers],
      [`self${layer}`, self],
    ]),
  );
}

/** The same as arrays of a producers' ring, for flows of at most these sizes (see `largestFlow`). */
export function flowFields({
  nodes,
  edges,
}: {
  nodes: readonly number[];
  edges: readonly number[];
}): BatchField[] {
  return edges.flatMap((capacity, layer) => [
    { name: `senders${layer}`, type: 'i32' as const, capacity },
    { name: `receivers${layer}`, type: 'i32' as const, capacity },
    { name: `self${layer}`, type: 'i32' as const, capacity: nodes[layer + 1] },
  ]);
}

export function writeFlow({ blocks }: MessageFlow, slot: BatchSlot): void {
  for (const [name, values] of Object.entries(flowFeed(blocks))) slot.int32(name, values.length).set(values);
}
