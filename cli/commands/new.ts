import type { Command } from 'commander';
import { carriedOut, type Parts } from '../invocation.ts';

export function addNew(program: Command, parts: Parts): void {
  program
    .command('new')
    .description('make an empty project file')
    .argument('<project>', 'path of the new file, name.etalon')
    .addHelpText('after', '\nExample:\n  etalon new porto.etalon')
    .action(
      carriedOut(parts, async ({ app, out }, project: string) => {
        const { path } = await app.create(project);
        out.say(`Made ${path}. Next: etalon import roads ${project} <file>`);
        return { path };
      }),
    );
}
