import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  decodeModel,
  encodeGraph,
  encodeModel,
  exportModel,
  lowerProgram,
  type OnnxModel,
  readOnnxMetadata,
} from '../../core/onnx/index.ts';
import { interpret, type Program, Trace } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { onnxFaults } from '../support/checkOnnx.ts';
import { OP_CASES, traceCase } from '../support/opCases.ts';
import { GRAPH_KINDS, randomInputs, randomProgram } from '../support/randomProgram.ts';
import { relativeError } from '../support/relativeError.ts';
import { type OnnxJob, runOnnxElsewhere } from '../support/runOnnxElsewhere.ts';

const PRODUCER = { name: 'etalon', version: '1.2.3' };
const INFO = { doc: 'A test.', metadata: {}, producer: PRODUCER };

/** Node, edge and graph states around one message; the parameters are baked in when it is exported. */
function smallModel(): { program: Program; parameters: Float32Array } {
  const trace = new Trace();
  const flat = trace.input('parameters', [40]);
  const x = trace.input('x', ['nodes', 3]);
  const senders = trace.input('senders', ['edges'], 'i32');
  const receivers = trace.input('receivers', ['edges'], 'i32');
  const hidden = o.relu(o.add(o.matmul(x, o.view(flat, 0, [3, 4])), o.view(flat, 12, [4])));
  const messages = o.segmentSum(o.gather(hidden, senders), receivers, 'nodes');
  const y = o.matmul(o.concat([hidden, messages]), o.view(flat, 20, [8, 2]));
  const random = new Random(4);
  return {
    program: trace.program({ y, mean: o.mean(y, [0]) }),
    parameters: Float32Array.from({ length: 40 }, () => random.normal()),
  };
}

describe('an exported file', () => {
  const { program, parameters } = smallModel();
  const bytes = exportModel(program, {
    ...INFO,
    parameters: { parameters },
    metadata: { features: '["length","speed","lanes"]', unit: 'Sekunden · ⏱' },
    docs: { x: 'Node features, normalised.', y: 'Mean and log deviation.' },
  });

  it('tells what it is, what it takes and what it gives', () => {
    expect(readOnnxMetadata(bytes)).toEqual({
      doc: 'A test.',
      metadata: { features: '["length","speed","lanes"]', unit: 'Sekunden · ⏱' },
      producer: PRODUCER,
      inputs: [
        { name: 'x', type: 'f32', shape: ['nodes', 3], doc: 'Node features, normalised.' },
        { name: 'senders', type: 'i32', shape: ['edges'], doc: '' },
        { name: 'receivers', type: 'i32', shape: ['edges'], doc: '' },
      ],
      outputs: [
        { name: 'y', type: 'f32', shape: ['nodes', 2], doc: 'Mean and log deviation.' },
        { name: 'mean', type: 'f32', shape: [2], doc: '' },
      ],
    });
  });

  it('is well-formed, uses standard operators alone, and no ScatterND', () => {
    const model = decodeModel(bytes);
    expect(onnxFaults(model)).toEqual([]);
    const operators = model.graph.nodes.map(({ op }) => op);
    expect(operators).toContain('ScatterElements');
    expect(operators).not.toContain('ScatterND');
  });

  it('holds each parameter once, by its own shape', () => {
    const { initializers } = decodeModel(bytes).graph;
    const weights = initializers.filter(({ name }) => name.startsWith('parameters/'));
    expect(weights.map(({ dims }) => dims)).toEqual([[3, 4], [4], [8, 2]]);
    expect([...weights[2].data]).toEqual([...parameters.subarray(20, 36)]);
  });

  it('is not written of a program that draws random numbers', () => {
    const trace = new Trace();
    const program = trace.program({ y: o.random(trace.input('seed', [], 'i32'), 0, [3]) });
    expect(() => exportModel(program, { ...INFO, docs: {}, parameters: {} })).toThrow('random numbers');
  });

  it('is not written with parameters that do not fit', () => {
    const options = { ...INFO, docs: {}, parameters: { parameters: new Float32Array(39) } };
    expect(() => exportModel(program, options)).toThrow('"parameters" [40]');
  });
});

describe('the structure of every lowering', () => {
  const lowerings = ['buckets', 'serial', 'scatter'] as const;
  const faultsOf = (program: Program, segmentSums: (typeof lowerings)[number]) =>
    onnxFaults(decodeModel(encodeGraph(lowerProgram(program, { segmentSums }).graph, INFO)));

  it.each(lowerings)('is right for each operation (%s)', (segmentSums) => {
    for (const opCase of OP_CASES) {
      if (segmentSums === 'scatter' && opCase.kind === 'random') continue;
      const { trace, result } = traceCase(opCase);
      expect(faultsOf(trace.program({ result }), segmentSums), opCase.name).toEqual([]);
    }
  });

  it.each(lowerings)('is right for random programs (%s)', (segmentSums) => {
    for (let seed = 1; seed <= 20; seed++)
      expect(
        faultsOf(randomProgram(new Random(seed), { operations: 30, draws: false }), segmentSums),
        `seed ${seed}`,
      ).toEqual([]);
  });

  it('is checked by a checker that finds faults', () => {
    const broken = (change: (model: OnnxModel) => void) => {
      const model = decodeModel(exportModel(smallModel().program, { ...INFO, docs: {}, parameters: {} }));
      change(model);
      return onnxFaults(decodeModel(encodeModel(model)));
    };
    expect(broken(() => {})).toEqual([]);
    expect(broken(({ graph }) => void graph.nodes.reverse())).not.toEqual([]);
    expect(broken(({ graph }) => void graph.nodes.push(graph.nodes[0]))).not.toEqual([]);
    expect(broken(({ graph }) => void graph.nodes.pop())).not.toEqual([]);
    expect(broken(({ opsets }) => void opsets.push({ domain: 'com.microsoft', version: 1 }))).not.toEqual([]);
    expect(broken(({ graph }) => void graph.initializers[0].dims.push(3))).not.toEqual([]);
  });
});

describe('reading', () => {
  it.each([
    ['no bytes', new Uint8Array(0)],
    ['text', new TextEncoder().encode('This is not a model at all.')],
    ['a cut file', exportModel(smallModel().program, { ...INFO, docs: {}, parameters: {} }).subarray(0, 300)],
  ])('refuses %s', (_what, bytes) => {
    expect(() => readOnnxMetadata(bytes)).toThrow('Not a readable ONNX file');
  });
});

describe('plain onnxruntime-node in another process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-onnx-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('computes what the reference computes from exported files', () => {
    const jobs: OnnxJob[] = [];
    const expected: Record<string, Float64Array>[] = [];
    for (const [i, kind] of GRAPH_KINDS.entries()) {
      const random = new Random(30 + i);
      const whole = randomProgram(random, { draws: false });
      const program = { ...whole, state: [] };
      const { feed, parameters } = randomInputs(random, kind);
      const file = join(folder, `${kind}.onnx`);
      writeFileSync(file, exportModel(program, { ...INFO, docs: {}, parameters: { parameters } }));
      jobs.push({ file, feed });
      expected.push(interpret(program, { ...feed, parameters }).outputs);
    }
    const answers = runOnnxElsewhere(jobs);
    expected.forEach((outputs, i) => {
      for (const [name, values] of Object.entries(outputs))
        expect(relativeError(answers[i][name], values), `${GRAPH_KINDS[i]} ${name}`).toBeLessThanOrEqual(
          1e-4,
        );
    });
  });
});
