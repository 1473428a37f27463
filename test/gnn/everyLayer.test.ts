import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCpuDevice } from '../../core/device/cpu/index.ts';
import type { Device, Feed } from '../../core/device/types.ts';
import { createWebGpuDevice } from '../../core/device/webgpu/index.ts';
import { decodeModel, exportModel } from '../../core/onnx/index.ts';
import { interpret } from '../../core/tensor/index.ts';
import { onnxFaults } from '../support/checkOnnx.ts';
import { centralDifferences } from '../support/differences.ts';
import { denseInputs, type LayerCase } from '../support/layerCase.ts';
import { LAYER_CASES, LAYER_FILES } from '../support/layerCases.ts';
import {
  type LayerValues,
  layerProgram,
  layerValues,
  valuesFor,
  WORLDS,
  type WorldName,
} from '../support/layerWorld.ts';
import { weightsByName } from '../support/plainGnn.ts';
import { relativeError } from '../support/relativeError.ts';
import { type OnnxJob, runOnnxElsewhere } from '../support/runOnnxElsewhere.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

/** Files of `core/gnn` that hold no layers of graphs; losses and similarities have a table of their own, LSTM a test. */
const OTHER_FILES = ['table', 'index', 'losses', 'lstm', 'parameters', 'similarity'];
const SMALL_WORLDS = ['ragged', 'no node at all', 'isolated', 'loops alone'] as const;
const CASES = Object.entries(LAYER_CASES).flatMap(([layer, cases]) =>
  cases.map((layerCase): LayerCase & { layer: string } => ({ layer, ...layerCase })),
);

it('every file of layers is in the table', () => {
  const files = readdirSync('core/gnn').map((file) => file.replace(/\.ts$/, ''));
  expect(files.filter((file) => !OTHER_FILES.includes(file)).sort()).toEqual([...LAYER_FILES].sort());
});

/** A case over a world: its programs and what they are fed. */
function prepared({ declare, training = false }: LayerCase, worldName: WorldName) {
  const graph = WORLDS[worldName]();
  const programs = layerProgram(declare, training);
  const values = layerValues(graph, programs.layout, 31);
  return { ...programs, graph, values, inputs: valuesFor(programs.withGradients, values, graph) };
}

function feedOf(inputs: LayerValues): Feed {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, array]) => [
      name,
      array instanceof Int32Array ? array : Float32Array.from(array),
    ]),
  );
}

describe.each(CASES.filter(({ formula, training }) => formula && !training))(
  'the formula of $layer: $name',
  (layerCase) => {
    it.each(SMALL_WORLDS)('%s', (world) => {
      const { forward, layout, graph, values, inputs } = prepared(layerCase, world);
      const plain = weightsByName(layout, values.parameters);
      const expected = layerCase.formula!(denseInputs(graph, values, plain));
      const { outputs } = interpret(forward, inputs);
      expect(Object.keys(outputs).sort()).toEqual(Object.keys(expected).sort());
      for (const [name, rows] of Object.entries(expected))
        expect(relativeError(outputs[name], rows.flat()), name).toBeLessThan(1e-9);
    });
  },
);

describe('the gradient, by finite differences, of', () => {
  it.each(CASES)('$layer: $name', (layerCase) => {
    const { withGradients, inputs, differentiable } = prepared(layerCase, 'ragged');
    const { outputs } = interpret(withGradients, inputs);
    for (const name of differentiable) {
      const expected = centralDifferences(withGradients, inputs, name, { step: 1e-6 });
      expect(relativeError(outputs[`d ${name}`], expected), name).toBeLessThanOrEqual(1e-6);
    }
  });
});

describe('every layer and its gradient on devices', () => {
  const devices = new Map<string, Device>();
  beforeAll(async () => {
    devices.set('CPU', await createCpuDevice({ threads: 2 }));
    if (!noSwiftShader) devices.set('WebGPU', await createWebGpuDevice({ software: true }));
  });
  afterAll(async () => {
    for (const device of devices.values()) await device.dispose();
  });

  it.each(CASES)(`$layer: $name${skipNote}`, async (layerCase) => {
    const worlds = Object.keys(WORLDS) as WorldName[];
    const all = worlds.map((world) => prepared(layerCase, world));
    const expected = all.map(({ withGradients, inputs }) => {
      // The loss is only there to be differentiated: its large terms cancel, and float32 has not the digits.
      const { loss: _loss, ...outputs } = interpret(withGradients, inputs).outputs;
      return outputs;
    });
    for (const [kind, device] of devices) {
      const executable = await device.compile(all[0].withGradients);
      for (const [i, { inputs }] of all.entries()) {
        const outputs = await executable.run(feedOf(inputs));
        for (const [name, values] of Object.entries(expected[i]))
          expect(relativeError(outputs[name], values), `${kind}, ${worlds[i]}: ${name}`).toBeLessThanOrEqual(
            1e-4,
          );
      }
      await executable.dispose();
    }
  });
});

describe('ONNX files of every layer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-layers-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are well-formed, and plain onnxruntime-node computes from them what the reference does', () => {
    const jobs: OnnxJob[] = [];
    const expected: { what: string; outputs: Record<string, Float64Array> }[] = [];
    for (const [at, layerCase] of CASES.entries()) {
      if (layerCase.training) continue;
      const { forward, graph, values } = prepared(layerCase, 'ragged');
      const inputs = valuesFor(forward, values, graph);
      const { parameters, ...feed } = feedOf(inputs);
      const bytes = exportModel(forward, {
        doc: `${layerCase.layer}: ${layerCase.name}`,
        metadata: {},
        producer: { name: 'etalon', version: '1' },
        docs: {},
        parameters: parameters ? { parameters: parameters as Float32Array } : {},
      });
      expect(onnxFaults(decodeModel(bytes)), layerCase.layer).toEqual([]);
      const file = join(folder, `${at}.onnx`);
      writeFileSync(file, bytes);
      jobs.push({ file, feed });
      expected.push({
        what: `${layerCase.layer}: ${layerCase.name}`,
        outputs: interpret(forward, inputs).outputs,
      });
    }
    const answers = runOnnxElsewhere(jobs);
    expected.forEach(({ what, outputs }, i) => {
      for (const [name, values] of Object.entries(outputs))
        expect(relativeError(answers[i][name], values), `${what}: ${name}`).toBeLessThanOrEqual(1e-4);
    });
  });
});
