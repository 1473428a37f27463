import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of a Chromium for browser tests, or null. `CHROMIUM_PATH` overrides the usual places. */
export function findChromium(): string | null {
  const given = process.env.CHROMIUM_PATH;
  if (given) return given;
  return CANDIDATES.find((path) => existsSync(path)) ?? null;
}

/** The same, after installing Debian's package where there is none and this process may. */
export function ensureChromium(): string | null {
  const found = findChromium();
  if (found || process.platform !== 'linux' || process.getuid?.() !== 0) return found;
  console.log('Chromium is not installed; installing the Debian package for the browser tests.');
  try {
    const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
    execFileSync('apt-get', ['update', '-qq'], options);
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
  } catch {
    console.log('Installing Chromium failed; browser and SwiftShader tests will be skipped and say so.');
  }
  return findChromium();
}
