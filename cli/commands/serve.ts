import type { Command } from 'commander';
import { carriedOut, type Parts } from '../invocation.ts';
import { builtRenderer } from '../serve/rendererBuild.ts';
import { startServer } from '../serve/server.ts';
import { port } from '../values.ts';

const DEFAULT_PORT = 7340;

export function addServe(program: Command, parts: Parts): void {
  program
    .command('serve')
    .description('show the window in a browser on this machine')
    .argument('[project]', 'project file to open')
    .option('--port <port>', 'port on 127.0.0.1; 0 takes any free one', port, DEFAULT_PORT)
    .addHelpText('after', '\nExample:\n  etalon serve porto.etalon --port 0')
    .action(
      carriedOut(
        parts,
        async ({ app, out, untilInterrupted }, project: string | undefined, { port }: { port: number }) => {
          if (project) await app.open(project);
          const folder = await builtRenderer((text) => out.say(text));
          const server = await startServer(app, folder, port);
          out.event('listening', { url: server.url, port: server.port });
          out.say(`Etalon is at ${server.url}\nOnly this machine can reach it. Stop with Ctrl-C.`);
          await untilInterrupted();
          await server.close();
          return { url: server.url };
        },
      ),
    );
}
