import { Command } from 'commander';
import { addAblate } from './commands/ablate.ts';
import { addBench } from './commands/bench.ts';
import { addCompare } from './commands/compare.ts';
import { addDemo } from './commands/demo.ts';
import { addEvaluate } from './commands/evaluate.ts';
import { addExport } from './commands/export.ts';
import { addForecast } from './commands/forecast.ts';
import { addImport } from './commands/import.ts';
import { addInfo } from './commands/info.ts';
import { addIsochrone } from './commands/isochrone.ts';
import { addMatrix } from './commands/matrix.ts';
import { addNew } from './commands/new.ts';
import { addPredict } from './commands/predict.ts';
import { addPredictBatch } from './commands/predictBatch.ts';
import { addRecommend } from './commands/recommend.ts';
import { addServe } from './commands/serve.ts';
import { addSimulate } from './commands/simulate.ts';
import { addSupersegments } from './commands/supersegments.ts';
import { addTrain } from './commands/train.ts';
import { addWhatIf } from './commands/whatif.ts';
import { type Parts, version } from './invocation.ts';

/** All commands. Complaints about wrong usage go to `complain`; nothing here ends the process. */
export function buildProgram(parts: Parts, complain: (text: string) => void): Command {
  const program = new Command('etalon')
    .description('Traffic ETA models: import roads and trips, train, evaluate, predict, export.')
    .version(version)
    .option('--json', 'print one JSON object a line: progress, then the result')
    .exitOverride()
    .configureOutput({ writeOut: (text) => console.log(text.trimEnd()), writeErr: complain })
    .showSuggestionAfterError();
  for (const add of [
    addNew,
    addImport,
    addInfo,
    addTrain,
    addEvaluate,
    addCompare,
    addPredict,
    addExport,
    addRecommend,
    addServe,
    addDemo,
    addAblate,
    addBench,
    addIsochrone,
    addMatrix,
    addPredictBatch,
    addForecast,
    addSimulate,
    addWhatIf,
    addSupersegments,
  ])
    add(program, parts);
  return program;
}
