import { openDawn } from '../../core/device/webgpu/dawn.ts';

/** A GPU object that gives the software adapter and counts the buffers of the devices it hands out. */
export async function countingGpu() {
  const opened = (await openDawn(true))!;
  const { adapter } = opened;
  const live = new Set<string>();
  const made: string[] = [];
  let raw: GPUDevice | undefined;
  const requestDevice = adapter.requestDevice.bind(adapter);
  adapter.requestDevice = async (descriptor) => {
    const device = await requestDevice(descriptor);
    const createBuffer = device.createBuffer.bind(device);
    device.createBuffer = (buffer) => {
      const result = createBuffer(buffer);
      const id = `${buffer.label} #${made.length}`;
      made.push(id);
      live.add(id);
      const destroy = result.destroy.bind(result);
      result.destroy = () => {
        live.delete(id);
        return destroy();
      };
      return result;
    };
    raw = device;
    return device;
  };
  const gpu = { requestAdapter: async () => adapter, keep: opened.gpu } as unknown as GPU;
  return { gpu, live, made, raw: () => raw! };
}
