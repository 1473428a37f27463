import { InvalidArgumentError } from 'commander';

export function wholeNumber(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('Give a number above 0.');
  return value;
}

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number.');
  return value;
}

/** Values with commas between, each read by `read`. */
export function list<T>(read: (text: string) => T): (text: string) => T[] {
  return (text) => text.split(',').map((part) => read(part.trim()));
}

export function port(text: string): number {
  const value = wholeNumber(text);
  if (value < 0 || value > 65535) throw new InvalidArgumentError('Give a port from 0 to 65535.');
  return value;
}

export function date(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || !isOnCalendar(text))
    throw new InvalidArgumentError('Give a date as YYYY-MM-DD.');
  return text;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };

/** `30s`, `5min` or `1h`, in seconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(s|min|h)$/.exec(text.trim());
  const seconds = match ? Number(match[1]) * SECONDS[match[2]] : 0;
  if (seconds <= 0) throw new InvalidArgumentError('Give a length of time such as 30s, 5min or 1h.');
  return seconds;
}

/** Wall-clock time in the project's time zone. */
export function localTime(text: string): string {
  const [day, time] = text.replace(' ', 'T').split('T');
  if (!/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(time ?? '') || !isOnCalendar(day))
    throw new InvalidArgumentError('Give a local time as YYYY-MM-DDTHH:MM.');
  return `${day}T${time}`;
}

/** `latitude,longitude`, as people write and maps show it; returned as longitude, latitude. */
export function latLon(text: string): [number, number] {
  const parts = text.split(',').map((part) => part.trim());
  const [lat, lon] = parts.map(Number);
  const valid = parts.length === 2 && parts.every((part) => part !== '');
  if (!valid || !(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180))
    throw new InvalidArgumentError('Give latitude,longitude in degrees, for example 41.1579,-8.6291.');
  return [lon, lat];
}

/** Horizons of a forecast, in minutes: `0,10,20`, each once, ascending. */
export function horizonMinutes(text: string): number[] {
  const minutes = list(number)(text);
  if (minutes.some((value) => value < 0 || value > 24 * 60))
    throw new InvalidArgumentError('Give minutes from 0 to 1440.');
  return [...new Set(minutes)].sort((a, b) => a - b);
}

/** Minutes of an isochrone's bands: `5,10,15`. */
export function minuteBands(text: string): number[] {
  return text.split(',').map(positive);
}

/** `key=value` pairs of a model's settings: numbers and true/false as such, the rest as text. */
export function setting(
  text: string,
  previous: Record<string, unknown> | undefined,
): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Give key=value, for example epochs=20.');
  const value = text.slice(at + 1);
  return { ...previous, [text.slice(0, at)]: settingValue(value) };
}

function settingValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function isOnCalendar(day: string): boolean {
  const parsed = new Date(`${day}T00:00Z`);
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day)
  );
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** A time of the week, `mon 08:00`, as the number of its five minutes from Monday 00:00 on. */
export function timeOfWeek(text: string): number {
  const [, day, hour, minute] = /^([a-z]{3})[ -]([01]\d|2[0-3]):([0-5]\d)$/i.exec(text.trim()) ?? [];
  const index = DAYS.indexOf((day ?? '').toLowerCase());
  if (index < 0) throw new InvalidArgumentError('Give a day and time, for example "mon 08:00".');
  return Math.floor((index * 1440 + Number(hour) * 60 + Number(minute)) / 5);
}
