import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DepartureReader } from '../../tables/departure.ts';
import {
  DEFAULT_MAX_DISTANCE_M,
  guessStepS,
  type ObservationLayout,
  type PartialObservationMapping,
  suggestObservationColumns,
  timeColumnOf,
} from './mapping.ts';
import { positiveOrMissing } from './speeds.ts';

/** From as many columns of numbers on, a table is a matrix of detectors. */
const MATRIX_COLUMNS = 8;

/** What was given, with columns, files and the interval as the file suggests them. */
export function filledUp(
  path: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  mapping: PartialObservationMapping,
  timeZone: string,
): PartialObservationMapping {
  const layout = mapping.layout ?? guessLayout(columns, rows);
  const given = Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined));
  const merged: PartialObservationMapping = {
    maxDistanceM: DEFAULT_MAX_DISTANCE_M,
    ...(layout === 'detectors'
      ? suggestMatrix(path, columns, rows)
      : suggestObservationColumns(columns, rows)),
    layout,
    ...given,
  };
  withoutContradictions(merged, mapping);
  const times = new DepartureReader(timeZone);
  const timeAt = merged.time ? columns.indexOf(merged.time) : -1;
  const known = timeAt < 0 ? [] : rows.flatMap((row) => times.read(row[timeAt] ?? '')?.departS ?? []);
  merged.stepS ??= guessStepS(known) ?? undefined;
  return merged;
}

function guessLayout(columns: readonly string[], rows: readonly (readonly string[])[]): ObservationLayout {
  const named = suggestObservationColumns(columns, rows);
  if ((named.segment ?? named.way) !== null && (named.speed ?? named.seconds) !== null) return 'segments';
  const first = rows[0] ?? [];
  const numbers = first.filter((text) => !Number.isNaN(positiveOrMissing(text))).length;
  return columns.length >= MATRIX_COLUMNS && numbers >= columns.length - 1 ? 'detectors' : 'segments';
}

function suggestMatrix(
  path: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): PartialObservationMapping {
  const folder = dirname(path);
  const beside = (pattern: RegExp): string | null => {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const name = names.sort().find((other) => other !== basename(path) && pattern.test(other));
    return name === undefined ? null : join(folder, name);
  };
  return {
    time: timeColumnOf(columns, rows),
    positions: beside(/(sensor|detector|station).*(loc|pos|coord).*\.(csv|tsv|jsonl|parquet)/i),
    adjacency: beside(/adj.*\.(csv|tsv|txt)/i),
  };
}

/** What a person has chosen stands above what the columns suggest. */
function withoutContradictions(merged: PartialObservationMapping, given: PartialObservationMapping): void {
  if (given.segment) merged.way = given.way ?? null;
  if (given.way) merged.segment = given.segment ?? null;
  if (given.speed) merged.seconds = given.seconds ?? null;
  if (given.seconds) merged.speed = given.speed ?? null;
  if (given.start && !given.time) merged.time = null;
}
