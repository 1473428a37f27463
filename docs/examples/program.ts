import type { Device, Feed } from '@etalon/core/device';
import { gather, interpret, type Program, segmentSum, Trace } from '@etalon/core/tensor';

/** What reaches each node: the sum of the states of the nodes with an edge to it. */
export function incomingSums(): Program {
  const trace = new Trace();
  const x = trace.input('x', ['nodes', 3]);
  const senders = trace.input('senders', ['edges'], 'i32');
  const receivers = trace.input('receivers', ['edges'], 'i32');
  const y = segmentSum(gather(x, senders), receivers, 'nodes');
  return trace.program({ y });
}

/** The same program on a device and by the reference. */
export async function run(device: Device, feed: Feed) {
  const program = incomingSums();
  const executable = await device.compile(program);
  const { y } = await executable.run(feed);
  await executable.dispose();
  return { y, exact: interpret(program, feed).outputs.y };
}
