import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names one process of one machine, also after its number was given to another. */
export interface ProcessStamp {
  host: string;
  pid: number;
  /** When the process began, in the system's own words; null where the system does not say. */
  began: string | null;
}

export function thisProcess(): ProcessStamp {
  return { host: hostname(), pid: process.pid, began: beginning(process.pid) };
}

/**
 * Whether the process still runs. One of another machine counts as gone: a project file that was copied there while
 * a run was going on must not stay locked by it.
 */
export function isAlive(stamp: ProcessStamp): boolean {
  if (stamp.host !== hostname()) return false;
  if (stamp.pid === process.pid) return stamp.began === beginning(process.pid);
  try {
    process.kill(stamp.pid, 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return stamp.began === beginning(stamp.pid);
}

function beginning(pid: number): string | null {
  try {
    if (process.platform === 'linux') return linuxBeginning(pid);
    if (process.platform === 'win32') return null;
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/** Boot and ticks since then. A process that has ended but was not waited for has no beginning any more. */
function linuxBeginning(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in brackets, which may hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  if (state === 'Z' || state === 'X') return null;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot} ${fields[19]}`;
}
