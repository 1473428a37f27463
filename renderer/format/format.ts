/** Numbers, times and sizes as the window writes them. All clocks are the project's wall clock, never the machine's. */

const NARROW_SPACE = '\u2009';
export const NBSP = '\u00a0';

const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

export const count = (value: number): string => grouped.format(value);

/** "1 segment", "2 segments". */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

export function fixed(value: number, digits = 1): string {
  return minus(value.toFixed(digits));
}

export function signed(value: number, digits = 1): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return value < 0 ? `−${text}` : `+${text}`;
}

const minus = (text: string): string => (/^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replace('-', '−'));

export const percent = (fraction: number, digits = 0): string => `${fixed(fraction * 100, digits)}${NBSP}%`;

export function bytes(value: number): string {
  if (value < 1e3) return `${value} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let scaled = value / 1e3;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1e3;
    unit++;
  }
  return `${scaled < 10 ? scaled.toFixed(1) : scaled.toFixed(0)}${NBSP}${units[unit]}`;
}

/** A wait: "43 s", "18 min", "1 h 05 min". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))}${NBSP}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}${NBSP}min`;
  return `${Math.floor(minutes / 60)}${NBSP}h${NBSP}${String(minutes % 60).padStart(2, '0')}${NBSP}min`;
}

/** Minutes of a travel time: one decimal under ten minutes. */
export function minutes(seconds: number): string {
  const value = seconds / 60;
  return value < 9.95 ? value.toFixed(1) : value.toFixed(0);
}

/** Two ends with as many decimals as the larger needs: "6.9–8.4", "7–11". */
export function minuteRange(lowS: number, highS: number): string {
  const digits = minutes(highS).includes('.') ? 1 : 0;
  return `${(lowS / 60).toFixed(digits)}–${(highS / 60).toFixed(digits)}`;
}

export const kilometres = (metres: number): string =>
  metres < 9_950 ? (metres / 1000).toFixed(1) : (metres / 1000).toFixed(metres < 99_950 ? 1 : 0);

/** Minute of the day as "08:10"; past midnight it starts again. */
export function clock(minuteOfDay: number): string {
  const whole = ((Math.round(minuteOfDay) % 1440) + 1440) % 1440;
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

/** "08:10" as minute of the day, null when it is none. */
export function parseClock(text: string): number | null {
  const match = /^(\d{1,2}):?(\d{2})$/.exec(text.trim());
  if (!match) return null;
  const [hour, minute] = [Number(match[1]), Number(match[2])];
  return hour < 24 && minute < 60 ? hour * 60 + minute : null;
}

/** Minute of the day of a local date-time. */
export function minuteOf(localDateTime: string): number {
  return Number(localDateTime.slice(11, 13)) * 60 + Number(localDateTime.slice(14, 16));
}

export const localDateTime = (day: string, minuteOfDay: number): string => `${day}T${clock(minuteOfDay)}`;

const utc = (day: string) => new Date(`${day}T00:00:00Z`);
const dayFormat = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
const shortDay = dayFormat({ weekday: 'short', day: 'numeric', month: 'short' });
const longDay = dayFormat({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const monthDay = dayFormat({ day: 'numeric', month: 'short' });
const monthName = dayFormat({ month: 'long', year: 'numeric' });

/** "Tue 20 May". */
export const day = (date: string): string => shortDay.format(utc(date)).replace(',', '');
export const fullDay = (date: string): string => longDay.format(utc(date));
/** "20 May". */
export const dayOfMonth = (date: string): string => monthDay.format(utc(date));
export const month = (date: string): string => monthName.format(utc(date));

export function addDays(date: string, days: number): string {
  const moved = utc(date);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

/** 0 = Monday … 6 = Sunday. */
export const weekday = (date: string): number => (utc(date).getUTCDay() + 6) % 7;

/** The machine's own clock `seconds` from now, "15:42": for waits, not for travel. */
export function machineClock(seconds: number, now = Date.now()): string {
  return new Date(now + seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

/** How long ago an instant was: "just now", "5 min ago", "20 May". */
export function ago(instant: string, now = Date.now()): string {
  const seconds = (now - Date.parse(instant)) / 1000;
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return dayOfMonth(instant.slice(0, 10));
}

/** "54.3127° N 11.0846° E". */
export function position(longitude: number, latitude: number): string {
  const side = (value: number, plus: string, other: string) =>
    `${Math.abs(value).toFixed(4)}°${NARROW_SPACE}${value < 0 ? other : plus}`;
  return `${side(latitude, 'N', 'S')} ${side(longitude, 'E', 'W')}`;
}

/** The last part of a path, for either kind of separator. */
export const fileName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

/** A path inside a folder, with the folder's own kind of separator. */
export function joinPath(folder: string, name: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return folder.endsWith(separator) ? folder + name : `${folder}${separator}${name}`;
}
