import { EtalonError } from '../../base/index.ts';
import {
  COLUMN_KINDS,
  type ColumnKind,
  EDGE_FIELDS,
  type FileChoices,
  type FilePlan,
  NODE_FIELDS,
} from './plan.ts';

/** Fields whose value is a name rather than a column. */
const NAMES = ['type', 'fromType', 'toType'];
const NONE = 'none';

/**
 * The guessed plan with a user's choices on top. Throws `usage`, naming the field, for a field, column or kind that is not there,
 * and for a plan that names one column twice.
 */
export function choosePlan(guessed: FilePlan, choices: FileChoices, columns: readonly string[]): FilePlan {
  const plan = withRole(guessed, choices.role ?? impliedRole(choices), columns);
  const fields: readonly string[] = plan.role === 'edges' ? EDGE_FIELDS : NODE_FIELDS;
  const changed: Record<string, string | null> = {};
  const features = { ...plan.features };
  for (const [field, value] of Object.entries(choices)) {
    if (field === 'role') continue;
    if (field.startsWith('kind:')) chooseKind(features, field.slice('kind:'.length), value, columns);
    else if (field === 'separator' || NAMES.includes(field)) changed[field] = value;
    else if (!fields.includes(field)) throw noField(field, [...fields, 'role', 'separator', 'kind:<column>']);
    else changed[field] = columnOf(field, value, columns);
  }
  const chosen = { ...plan, ...changed, features } as FilePlan;
  for (const column of idColumns(chosen)) delete (chosen.features as Record<string, ColumnKind>)[column];
  check(chosen, columns);
  return chosen;
}

/** Who names the column of one end speaks of edges, who names that of an identifier of nodes. */
function impliedRole(choices: FileChoices): FilePlan['role'] | undefined {
  if ('from' in choices || 'to' in choices) return 'edges';
  return 'id' in choices ? 'nodes' : undefined;
}

function withRole(guessed: FilePlan, role: string | undefined, columns: readonly string[]): FilePlan {
  if (role === undefined || role === guessed.role) return guessed;
  if (role !== 'edges' && role !== 'nodes')
    throw new EtalonError('usage', `A file cannot be "${role}".`, {
      where: { field: 'role' },
      remedy: 'Its rows are edges or nodes.',
    });
  const { type, features, separator } = guessed;
  return role === 'edges'
    ? {
        role,
        type,
        features,
        separator,
        from: columns[0],
        to: columns[1] ?? columns[0],
        fromType: 'user',
        toType: 'item',
        weight: null,
        time: null,
      }
    : { role, type, features, separator, id: columns[0], longitude: null, latitude: null };
}

function chooseKind(
  features: Record<string, ColumnKind>,
  column: string,
  kind: string,
  columns: readonly string[],
): void {
  const name = columnOf('kind', column, columns)!;
  if (kind === NONE) delete features[name];
  else if ((COLUMN_KINDS as readonly string[]).includes(kind)) features[name] = kind as ColumnKind;
  else
    throw new EtalonError('usage', `A column cannot be kept as "${kind}".`, {
      where: { field: `kind:${column}` },
      remedy: `Choose one of: ${[...COLUMN_KINDS, NONE].join(', ')}.`,
    });
}

/** A column by its name, or, of an atomic file, by its name without the type. */
function columnOf(field: string, value: string, columns: readonly string[]): string | null {
  if (value === NONE) return null;
  const column = columns.find((name) => name === value || name.split(':')[0] === value);
  if (column !== undefined) return column;
  throw new EtalonError('usage', `The file has no column "${value}".`, {
    where: { field },
    remedy: `Its columns are ${columns.slice(0, 20).join(', ')}${columns.length > 20 ? ', …' : ''}.`,
  });
}

/** Columns that are no features whatever was guessed. */
function idColumns(plan: FilePlan): string[] {
  const columns =
    plan.role === 'edges'
      ? [plan.from, plan.to, plan.weight, plan.time]
      : [plan.id, plan.longitude, plan.latitude];
  return columns.filter((column) => column !== null);
}

function check(plan: FilePlan, columns: readonly string[]): void {
  const fail = (field: string, message: string, remedy: string) => {
    throw new EtalonError('usage', message, { where: { field }, remedy });
  };
  const named = `--map <field>=<column>; the file has ${columns.join(', ')}.`;
  if (plan.role === 'nodes') {
    if (plan.id === null) fail('id', 'The nodes need a column of identifiers.', `Name it: ${named}`);
    if ((plan.longitude === null) !== (plan.latitude === null))
      fail('longitude', 'A place needs longitude and latitude.', 'Name both columns, or neither.');
    return;
  }
  if (plan.from === null || plan.to === null)
    fail('from', 'Edges need a column of identifiers for either end.', `Name them: ${named}`);
  if (plan.from === plan.to) fail('to', 'Both ends are in one column.', `Name two: ${named}`);
}

function noField(field: string, fields: readonly string[]): EtalonError {
  return new EtalonError('usage', `There is no field "${field}".`, {
    where: { field },
    remedy: `Fields of this file are ${fields.join(', ')}.`,
  });
}
