import { basename } from 'node:path';
import { isReadableDeparture } from '../../tables/departure.ts';
import { isNumber, mostly, plainName } from '../../tables/guess.ts';
import { LIST_COLUMNS, type ListLayout } from './lineTables.ts';
import type { OpenedFile } from './openFile.ts';
import type { ColumnKind, EdgePlan, FilePlan, NodePlan } from './plan.ts';
import { isMissingText, listOf } from './values.ts';

const FROM = ['from', 'source', 'src', 'sender', 'user', 'userid', 'customerid', 'memberid'];
const TO = ['to', 'target', 'dst', 'receiver', 'item', 'itemid', 'productid', 'movieid'];
const TIME = ['timestamp', 'time', 'datetime', 'unixtime', 'ts', 'date', 'createdat'];
const WEIGHT = ['weight', 'count', 'plays', 'listens', 'quantity', 'orders', 'visits'];
const LONGITUDE = ['longitude', 'lon', 'lng'];
const LATITUDE = ['latitude', 'lat'];
/** Of token_seq columns: texts, which are searched, rather than sets of tags. */
const TEXT_NAME = /title|name|description|text|review|comment/;
const SEPARATORS = ['|', ';'];
/** A text has more words than a category, and hardly ever stands twice. */
const TEXT_WORDS = 4;

/** What a file's format, the names of its columns and its first rows suggest. */
export function guessPlan(
  path: string,
  { table, format }: OpenedFile,
  rows: readonly (readonly string[])[],
): FilePlan {
  const { columns } = table;
  const name = stemOf(path);
  if (format && 'layout' in format) return listPlan(name, format.layout);
  const valuesOf = (column: string) => rows.map((row) => row[columns.indexOf(column)] ?? '');
  if (format) return atomicPlan(format.atomic, columns, valuesOf);

  const named = (names: readonly string[], fits: (value: string) => boolean = () => true) =>
    names
      .flatMap((wanted) => columns.filter((column) => plainName(column) === wanted))
      .find((column) =>
        mostly(
          valuesOf(column).filter((value) => !isMissingText(value)),
          fits,
        ),
      ) ?? null;
  const ids = columns.filter((column) => isIdName(column));
  const from = named(FROM) ?? ids[0] ?? null;
  const to = named(TO) ?? ids.find((column) => column !== from) ?? null;
  const separator = separatorOf(columns, valuesOf);
  const featuresBut = (taken: readonly (string | null)[]) =>
    Object.fromEntries(
      columns
        .filter((column) => !taken.includes(column))
        .map((column) => [column, kindOf(valuesOf(column), separator)]),
    );
  if (from !== null && to !== null && from !== to && named(['id']) === null) {
    const time = named(TIME, isReadableDeparture);
    const weight = named(WEIGHT, isNumber);
    const features = featuresBut([from, to, time, weight]);
    const [fromType, toType] = [typeOf(from), typeOf(to)];
    return { role: 'edges', type: name, from, to, fromType, toType, weight, time, features, separator };
  }
  const id = named(['id']) ?? from ?? columns[0];
  const longitude = named(LONGITUDE, isNumber);
  const latitude = named(LATITUDE, isNumber);
  const places =
    longitude !== null && latitude !== null ? { longitude, latitude } : { longitude: null, latitude: null };
  const features = featuresBut([id, places.longitude, places.latitude]);
  const several = new Set(valuesOf(id)).size < rows.length;
  return {
    role: 'nodes',
    type: typeOf(id),
    id,
    ...places,
    features: several ? listed(features) : features,
    separator,
  };
}

function listPlan(name: string, layout: ListLayout): EdgePlan {
  const { from, to, time, count } = LIST_COLUMNS;
  // Counts and lists are of users' items; pairs, with times or without, more often of members with each other.
  const bipartite = layout === 'lists' || layout === 'counted pairs';
  return {
    role: 'edges',
    type: name,
    from,
    to,
    fromType: 'user',
    toType: bipartite ? 'item' : 'user',
    weight: layout === 'counted pairs' ? count : null,
    time: layout === 'timed pairs' ? time : null,
    features: {},
    separator: '|',
  };
}

/** The ending says what the rows are, the header how values are kept. */
function atomicPlan(
  ending: string,
  columns: readonly string[],
  valuesOf: (column: string) => string[],
): FilePlan {
  const [first, second] = columns;
  const time =
    columns.find((column) => TIME.includes(plainName(nameOf(column))) && column.endsWith(':float')) ?? null;
  const featuresBut = (taken: readonly (string | null)[]) =>
    Object.fromEntries(
      columns
        .filter((column) => !taken.includes(column))
        .map((column) => [column, atomicKind(column, valuesOf)]),
    );
  if (ending !== 'user' && ending !== 'item' && second !== undefined)
    return {
      role: 'edges',
      type: ending === 'inter' ? 'interaction' : ending,
      from: first,
      to: second,
      fromType: typeOf(nameOf(first)),
      toType: typeOf(nameOf(second)),
      weight: null,
      time,
      features: featuresBut([first, second, time]),
      separator: ' ',
    };
  return {
    role: 'nodes',
    type: ending,
    id: first,
    longitude: null,
    latitude: null,
    features: featuresBut([first]),
    separator: ' ',
  } satisfies NodePlan;
}

function atomicKind(column: string, valuesOf: (column: string) => string[]): ColumnKind {
  if (column.endsWith(':float')) return 'numeric';
  if (column.endsWith(':float_seq')) return 'vector';
  if (column.endsWith(':token')) return 'categorical';
  return TEXT_NAME.test(nameOf(column).toLowerCase()) && valuesOf(column).length > 0 ? 'text' : 'multi';
}

function kindOf(values: readonly string[], separator: string): ColumnKind {
  const present = values.filter((value) => !isMissingText(value));
  if (present.length > 0 && present.every(isNumber)) return 'numeric';
  const listedValues = present.filter(
    (value) => listOf(value, separator).length > 1 || value.startsWith('['),
  );
  if (listedValues.length > 0.2 * present.length) return 'multi';
  const words = present.reduce((sum, value) => sum + value.split(/\s+/).length, 0) / present.length;
  return words >= TEXT_WORDS && new Set(present).size > 0.5 * present.length ? 'text' : 'categorical';
}

/** Further rows of an identifier add to a list; numbers stay numbers. */
function listed(features: Record<string, ColumnKind>): Record<string, ColumnKind> {
  return Object.fromEntries(
    Object.entries(features).map(([column, kind]) => [column, kind === 'categorical' ? 'multi' : kind]),
  );
}

function separatorOf(columns: readonly string[], valuesOf: (column: string) => string[]): string {
  const uses = (separator: string) =>
    columns.filter((column) => {
      const present = valuesOf(column).filter((value) => !isMissingText(value));
      return present.filter((value) => listOf(value, separator).length > 1).length > 0.2 * present.length;
    }).length;
  return SEPARATORS.reduce((best, separator) => (uses(separator) > uses(best) ? separator : best));
}

function isIdName(column: string): boolean {
  return /(^id$|_id$|[a-z]I[dD]$|^(user|item|from|to|source|target)$)/.test(column);
}

/** "userID" → "user", "from" → "user". */
function typeOf(column: string): string {
  const bare = column.replace(/[_ ]?i[dD]$/i, '').toLowerCase();
  return bare === '' || ['from', 'to', 'source', 'target', 'src', 'dst', 'sender', 'receiver'].includes(bare)
    ? 'user'
    : bare;
}

function stemOf(path: string): string {
  return basename(path).replace(/(\.[a-z0-9]+)+$/i, '');
}

/** A column of an atomic file without its type. */
export function nameOf(column: string): string {
  return column.replace(/:(token|float)(_seq)?$/, '');
}
