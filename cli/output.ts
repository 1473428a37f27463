import type { ApiJobState } from '@etalon/core/api/contract';
import { type EtalonError, formatError } from '@etalon/core/base';
import cliProgress from 'cli-progress';
import { clock, count } from './format.ts';

/** A sparse line at least this often, where there is no terminal to draw a bar on. */
const SPARSE_LINE_S = 15;

/** Where a command's words and figures go. */
export interface Output {
  readonly json: boolean;
  /** For a person; nothing with `--json`. */
  say(text: string): void;
  progress(job: ApiJobState): void;
  /** After the last progress of a job. */
  progressEnded(): void;
  /** One more line of the protocol, besides progress, result and error. */
  event(type: string, fields: object): void;
  result(command: string, figures: object): void;
  error(error: EtalonError): void;
}

export function createOutput(json: boolean): Output {
  if (json) return new JsonOutput();
  return process.stderr.isTTY ? new TerminalOutput() : new PlainOutput();
}

/** One JSON object a line on the standard output. */
class JsonOutput implements Output {
  readonly json = true;
  say(): void {}
  progress({ title, progress, elapsedS, secondsLeft }: ApiJobState): void {
    if (progress) this.event('progress', { job: title, ...progress, elapsedS, secondsLeft });
  }
  progressEnded(): void {}
  event(type: string, fields: object): void {
    console.log(JSON.stringify({ type, ...fields }));
  }
  result(command: string, figures: object): void {
    this.event('result', { command, ...figures });
  }
  error(error: EtalonError): void {
    this.event('error', error.toJSON());
  }
}

/** Text without a progress bar: results on the standard output, the rest on the standard error. */
class PlainOutput implements Output {
  readonly json = false;
  #stage: string | undefined;
  #lastS = 0;

  say(text: string): void {
    console.log(text);
  }
  progress(job: ApiJobState): void {
    const { progress } = job;
    if (!progress) return;
    if (progress.stage === this.#stage && job.elapsedS - this.#lastS < SPARSE_LINE_S) return;
    this.#stage = progress.stage;
    this.#lastS = job.elapsedS;
    console.error(progressLine(job));
  }
  progressEnded(): void {
    this.#stage = undefined;
    this.#lastS = 0;
  }
  event(): void {}
  result(): void {}
  error(error: EtalonError): void {
    console.error(`etalon: ${formatError(error.toJSON())}${malformedHint(error)}`);
  }
}

/** The rows that cannot be read, where there is more than the one that the error names, and the choice about them. */
function malformedHint({ malformed }: EtalonError): string {
  if (!malformed) return '';
  const { count: rows, atLeast, examples } = malformed;
  const list = examples.length > 1 ? `\n${examples.map((example) => `  ${example}`).join('\n')}` : '';
  const more = rows > examples.length && examples.length > 1 ? '\n  …' : '';
  const them = rows === 1 ? 'it' : atLeast ? 'all of them' : `all ${count(rows)}`;
  return `${list}${more}\nOr add --skip-malformed to leave ${them} out.`;
}

/** Text with a progress bar. */
class TerminalOutput extends PlainOutput {
  #bar: cliProgress.SingleBar | undefined;

  override progress(job: ApiJobState): void {
    if (!job.progress) return;
    const { done, total = 0 } = job.progress;
    if (!this.#bar) {
      this.#bar = new cliProgress.SingleBar({
        format: (_options, _params, { job }: { job: ApiJobState }) => barLine(job),
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false,
      });
      this.#bar.start(total, done, { job });
      return;
    }
    this.#bar.setTotal(total);
    this.#bar.update(done, { job });
  }
  override progressEnded(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
  override say(text: string): void {
    this.progressEnded();
    super.say(text);
  }
  override error(error: EtalonError): void {
    this.progressEnded();
    super.error(error);
  }
}

const BAR_WIDTH = 28;

function barLine(job: ApiJobState): string {
  const { done = 0, total } = job.progress ?? {};
  const share = total ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * BAR_WIDTH);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${progressLine(job)}`;
}

/** "Reading ways (2 of 4): 40 % · 12,000 ways · 0:12 left". */
function progressLine({ progress, secondsLeft, elapsedS }: ApiJobState): string {
  if (!progress) return '';
  const { stage, done, total, unit, step, steps } = progress;
  const parts = [
    total ? `${Math.floor((100 * done) / total)} %` : undefined,
    done > 0 ? `${count(done)}${total ? ` of ${count(total)}` : ''}${unit ? ` ${unit}` : ''}` : undefined,
    secondsLeft === null ? `${clock(elapsedS)} so far` : `${clock(secondsLeft)} left`,
  ];
  const place = step && steps ? ` (${step} of ${steps})` : '';
  return `${stage}${place}: ${parts.filter(Boolean).join(' · ')}`;
}
