import type { TaskContext } from '@etalon/core/base';
import type { Device } from '@etalon/core/device';
import type { Adjacency } from '@etalon/core/graph';
import { inferByMapJoin, partitionsWithin, rowsOf } from '@etalon/core/train';
import type { Outputs } from '../recommend/system.ts';
import { pinNetwork } from './network.ts';
import type { PreparedPins } from './prepare.ts';
import type { PinsSettings } from './settings.ts';

/** Memory for the messages of one partition. */
const PARTITION_BYTES = 256 * 2 ** 20;

/**
 * The states of all pins, each computed once a layer (§ 3.4). Users are the pins themselves, or boards, whose state is the mean of those
 * of their pins: its inner product with a pin's is the mean score of the board's pins with it.
 */
export async function pinStates(
  { graph, matrix, neighbours }: PreparedPins,
  settings: PinsSettings,
  parameters: Float32Array,
  device: Device,
  context: TaskContext,
): Promise<Outputs> {
  const { layers } = pinNetwork(matrix.names.length, settings);
  const { neighbours: top, messageWidth, width } = settings;
  const items = await inferByMapJoin(
    device,
    {
      adjacency: neighbours!,
      x: rowsOf(matrix.values, matrix.names.length),
      layers: layers.map((layer) => ({ ...layer, feed: { parameters } })),
      partitions: partitionsWithin(PARTITION_BYTES, { nodes: graph.pins, neighbours: top, messageWidth }),
    },
    context,
  );
  return { items, users: graph.askedBoards ? meansOf(graph.askedBoards, items, width) : items };
}

/** [boards · width] mean of the rows of each board's pins; 0 for an empty one. */
export function meansOf({ rows, offsets, neighbours }: Adjacency, states: Float32Array, width: number) {
  const means = new Float32Array(rows * width);
  for (let board = 0; board < rows; board++) {
    const [begin, end] = [offsets[board], offsets[board + 1]];
    const mean = means.subarray(board * width, (board + 1) * width);
    for (let i = begin; i < end; i++)
      for (let k = 0; k < width; k++) mean[k] += states[neighbours[i] * width + k] / (end - begin);
  }
  return means;
}
