import { describe, expect, it } from 'vitest';
import { listDevices, openDevice } from '../../core/device/index.ts';
import { Trace } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';

describe('devices', () => {
  it('are listed with their names, and one of them is what auto takes', async () => {
    const devices = await listDevices();
    expect(devices.map(({ id }) => id)).toEqual(['cpu', 'webgpu']);
    expect(devices.filter(({ preferred }) => preferred)).toHaveLength(1);
    const [cpu, webgpu] = devices;
    expect(cpu).toMatchObject({ available: true, note: null });
    expect(cpu.name).toMatch(/CPU thread/);
    if (!webgpu.available) expect(webgpu.note).toBeTruthy();

    const auto = await openDevice('auto');
    expect(auto.kind).toBe(devices.find(({ preferred }) => preferred)!.id);
    await auto.dispose();
  });

  it.each(['cpu', 'auto'] as const)('%s opens and runs', async (choice) => {
    const device = await openDevice(choice);
    const trace = new Trace();
    const executable = await device.compile(trace.program({ y: o.square(trace.input('x', ['n'])) }));
    expect([...(await executable.run({ x: Float32Array.of(1, 2, 3) })).y]).toEqual([1, 4, 9]);
    await device.dispose();
  });

  it('a GPU asked for by name is there or is refused with a remedy', async () => {
    const [, webgpu] = await listDevices();
    const isGpu = webgpu.preferred;
    const opened = openDevice('webgpu');
    if (isGpu) {
      const device = await opened;
      expect(device.kind).toBe('webgpu');
      await device.dispose();
    } else await expect(opened).rejects.toMatchObject({ code: 'device', remedy: expect.any(String) });
  });
});
