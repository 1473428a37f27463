import { spawnSync } from 'node:child_process';

export interface OnnxJob {
  file: string;
  feed: Record<string, ArrayLike<number>>;
}

const SCRIPT = `
  const ort = require('onnxruntime-node');
  const jobs = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
  (async () => {
    const answers = [];
    for (const { file, feed } of jobs) {
      const session = await ort.InferenceSession.create(file, {
        extra: { session: { strict_shape_type_inference: '1' } },
      });
      const feeds = {};
      for (const { name, type, shape } of session.inputMetadata) {
        const rest = shape.slice(1).reduce((a, b) => a * b, 1);
        const dims = typeof shape[0] === 'string' ? [feed[name].length / rest, ...shape.slice(1)] : shape;
        feeds[name] = new ort.Tensor(type, feed[name], dims);
      }
      const results = await session.run(feeds);
      answers.push(Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, [...data]])));
    }
    process.stdout.write(JSON.stringify(answers));
  })();`;

/**
 * Runs each file by plain onnxruntime-node in a process with nothing of ours loaded; the shapes are those that the file
 * declares. A shape or a type that does not follow is an error, not a warning. Throws what that process complains of.
 */
export function runOnnxElsewhere(jobs: readonly OnnxJob[]): Record<string, number[]>[] {
  const plain = jobs.map(({ file, feed }) => ({
    file,
    feed: Object.fromEntries(Object.entries(feed).map(([name, values]) => [name, Array.from(values)])),
  }));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', SCRIPT], {
    input: JSON.stringify(plain),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0 || stderr !== '') throw new Error(`onnxruntime-node ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}
