import type { ExportReport } from '@etalon/core/app/model';
import type { Command } from 'commander';
import { bytes, pairs } from '../format.ts';
import { carriedOut, type Parts } from '../invocation.ts';
import { chosenRun } from '../runs.ts';
import { addExportSpeeds } from './exportSpeeds.ts';

export function addExport(program: Command, parts: Parts): void {
  const exporting = program
    .command('export')
    .description('write a trained run as an ONNX file, and check the file against the engine')
    .argument('<project>', 'project file, with a trained run')
    .requiredOption('--out <file>', 'file to write, name.onnx')
    .option('--run <run>', 'run by name or number; the newest by default')
    .addHelpText('after', '\nExample:\n  etalon export porto.etalon --out eta.onnx')
    .action(
      carriedOut(
        parts,
        async (
          { app, out: output, follow },
          project: string,
          { out, run }: { out: string; run?: string },
        ) => {
          await app.open(project);
          const { id, name } = chosenRun(app, run);
          const report = await follow('export', app.exportOnnx(id, out));
          output.say(`Exported ${name}.\n${describeExport(report)}`);
          return { run: name, ...report };
        },
      ),
    );
  addExportSpeeds(exporting, parts);
}

export function describeExport(report: ExportReport): string {
  const shapes = (values: ExportReport['inputs']) =>
    values.map(({ name, shape }) => `${name} [${shape.join(' × ')}]`).join(', ');
  return pairs([
    ['File', `${report.path} (${bytes(report.bytes)})`],
    ['Inputs', shapes(report.inputs)],
    ['Outputs', shapes(report.outputs)],
    [
      'Check',
      `largest difference to the engine ${report.maxRelativeDifference.toExponential(1)} (relative), ${report.checked} batches`,
    ],
  ]);
}
