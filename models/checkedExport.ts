import { rmSync, writeFileSync } from 'node:fs';
import type { ExportReport } from '@etalon/core/app/model';
import { EtalonError, type TaskContext } from '@etalon/core/base';
import { type Feed, OnnxFile, openDevice } from '@etalon/core/device';
import { exportModel, readOnnxMetadata } from '@etalon/core/onnx';
import { bindSizes, concreteShape, type Program, programInputs } from '@etalon/core/tensor';

export const FORMAT_VERSION = '1';

export interface ExportedModel {
  forward: Program;
  parameters: Float32Array;
  /** What each input and output is, by name. */
  docs: Record<string, string>;
  doc: string;
  metadata: Record<string, string>;
  /** Real batches, on which the file is held to the engine. */
  feeds: () => Promise<readonly Feed[]>;
}

/**
 * Writes a network as an ONNX file with its weights, then runs the file with plain ONNX Runtime beside the engine on
 * real data. Throws `internal` when they differ by more than 1e-4, `cancelled`: the file is then not left behind as if it
 * were right.
 */
export async function exportChecked(
  path: string,
  model: ExportedModel,
  context: TaskContext,
): Promise<ExportReport> {
  context.report({ stage: 'Writing the file', done: 0, total: 2, unit: 'steps' });
  const { forward, parameters, docs, doc, metadata } = model;
  const bytes = exportModel(forward, {
    parameters: { parameters },
    docs,
    doc,
    producer: { name: 'etalon', version: FORMAT_VERSION },
    metadata: { 'etalon.format': FORMAT_VERSION, ...metadata },
  });
  try {
    writeFileSync(path, bytes);
  } catch (cause) {
    throw new EtalonError('input', `The file cannot be written: ${(cause as Error).message}`, {
      where: { file: path },
      remedy: 'Choose a folder that exists and that you may write to.',
      cause,
    });
  }
  context.report({ stage: 'Checking the file with ONNX Runtime', done: 1, total: 2, unit: 'steps' });
  const check = await compareWithEngine(path, model).catch((error) => {
    rmSync(path, { force: true });
    throw error;
  });
  const { inputs, outputs } = readOnnxMetadata(bytes);
  return {
    path,
    bytes: bytes.length,
    inputs: inputs.map(nameAndShape),
    outputs: outputs.map(nameAndShape),
    ...check,
  };
}

function nameAndShape({ name, shape }: { name: string; shape: readonly (number | string)[] }) {
  return { name, shape: [...shape] };
}

async function compareWithEngine(
  path: string,
  { forward, parameters, feeds }: ExportedModel,
): Promise<{ maxRelativeDifference: number; checked: number }> {
  const checks = await feeds();
  const device = await openDevice('cpu');
  const file = await OnnxFile.open(path);
  try {
    const engine = await device.compile(forward);
    let worst = 0;
    for (const feed of checks) {
      const ours = await engine.run({ ...feed, parameters });
      const theirs = await file.run(feed, feedShapes(forward, feed, parameters));
      for (const name of Object.keys(ours))
        worst = Math.max(worst, relativeDifference(ours[name], theirs[name]));
    }
    if (!(worst <= 1e-4))
      throw new EtalonError(
        'internal',
        `The exported file differs from the engine by ${worst.toExponential(1)}.`,
        {
          where: { file: path },
          remedy: 'Do not use this file; please report it with the project.',
        },
      );
    return { maxRelativeDifference: worst, checked: checks.length };
  } finally {
    await file.close();
    await device.dispose();
  }
}

function feedShapes(program: Program, feed: Feed, parameters: Float32Array): Record<string, number[]> {
  const sizes = bindSizes(program, { ...feed, parameters });
  return Object.fromEntries(
    [...programInputs(program)].map(([name, node]) => [name, concreteShape(node.shape, sizes)]),
  );
}

/** Largest difference of two arrays as a share of the larger of the two values, or of 1 where both are smaller. */
function relativeDifference(a: Float32Array, b: Float32Array): number {
  let worst = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++)
    worst = Math.max(worst, Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(a[i]), Math.abs(b[i])));
  return worst;
}
