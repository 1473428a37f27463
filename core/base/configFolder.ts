import { homedir } from 'node:os';
import { join } from 'node:path';

/** The user's folder for Etalon's own settings; `ETALON_CONFIG_DIR` overrides it. */
export function configFolder(): string {
  const { ETALON_CONFIG_DIR, APPDATA, XDG_CONFIG_HOME } = process.env;
  if (ETALON_CONFIG_DIR) return ETALON_CONFIG_DIR;
  if (process.platform === 'win32') return join(APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Etalon');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Etalon');
  return join(XDG_CONFIG_HOME || join(homedir(), '.config'), 'etalon');
}
