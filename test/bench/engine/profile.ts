import { parseArgs } from 'node:util';
import { type BenchOptions, benchEngine } from '../../../cli/bench/engine.ts';
import { describeBench } from '../../../cli/bench/report.ts';
import { formatError, toEtalonError } from '../../../core/base/index.ts';

/** `etalon bench engine --profile` without the rest of the application, for machines that have the bench bundle alone. */
const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'auto' },
    graphs: { type: 'string', default: '64' },
    nodes: { type: 'string', default: '50' },
    edges: { type: 'string', default: '125' },
    hidden: { type: 'string', default: '64' },
    blocks: { type: 'string', default: '2' },
    steps: { type: 'string', default: '30' },
    'warm-up': { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    f16: { type: 'boolean', default: false },
    'matrix-units': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const options: BenchOptions = {
  device: values.device as BenchOptions['device'],
  graphs: Number(values.graphs),
  nodes: Number(values.nodes),
  edges: Number(values.edges),
  hidden: Number(values.hidden),
  blocks: Number(values.blocks),
  steps: Number(values.steps),
  warmUp: Number(values['warm-up']),
  seed: Number(values.seed),
  f16: values.f16,
  matrixUnits: values['matrix-units'],
  profile: true,
};

try {
  const figures = await benchEngine(options);
  console.log(values.json ? JSON.stringify({ options, ...figures }) : describeBench(figures, options));
} catch (thrown) {
  console.error(formatError(toEtalonError(thrown).toJSON()));
  process.exitCode = 1;
}
