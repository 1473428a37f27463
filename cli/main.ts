import { EtalonError, toEtalonError } from '@etalon/core/base';
import { CommanderError } from 'commander';
import type { Parts } from './invocation.ts';
import { createOutput } from './output.ts';
import { buildProgram } from './program.ts';

/** Carries out a command line. Returns the exit code: 0, 1 (failed) or 2 (wrong usage). */
export async function main(argv: readonly string[], parts: Parts): Promise<0 | 1 | 2> {
  const json = argv.includes('--json');
  const complaints: string[] = [];
  try {
    await buildProgram(parts, (text) => complaints.push(text)).parseAsync(argv, { from: 'user' });
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const error = thrown instanceof CommanderError ? usageError(thrown, complaints) : toEtalonError(thrown);
    createOutput(json).error(error);
    if (error.code === 'internal' && process.env.ETALON_DEBUG) console.error(thrown);
    return error.code === 'usage' ? 2 : 1;
  }
}

function usageError({ code, message }: CommanderError, complaints: string[]): EtalonError {
  if (code === 'commander.help')
    return new EtalonError('usage', 'No command was given.', { remedy: 'See etalon --help.' });
  const [first, ...hints] = (complaints.join('') || message).trim().split('\n');
  const text = first.replace(/^error: /, '');
  return new EtalonError('usage', sentence(text), {
    remedy: [...hints.map((hint) => hint.replace(/^\((.*)\)$/, '$1')), 'See --help.'].join(' '),
  });
}

function sentence(text: string): string {
  const begun = text[0].toUpperCase() + text.slice(1);
  return /[.?!]$/.test(begun) ? begun : `${begun}.`;
}
