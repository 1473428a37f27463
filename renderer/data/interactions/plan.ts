import { plural } from '@etalon/core/base/words';
import type { ApiInteractionPreview } from '../../api/types.ts';

export type Plan = ApiInteractionPreview['plan'];

export interface PlanField {
  key: string;
  label: string;
  /** What a value is. */
  kind: string;
  /** A column of the file, or a name that is typed. */
  input: 'column' | 'name';
  optional: boolean;
}

const EDGE_FIELDS: readonly PlanField[] = [
  { key: 'type', label: 'An edge is called', kind: 'rated, bought …', input: 'name', optional: false },
  { key: 'from', label: 'From', kind: 'identifier', input: 'column', optional: false },
  { key: 'fromType', label: 'which is a', kind: 'user …', input: 'name', optional: false },
  { key: 'to', label: 'To', kind: 'identifier', input: 'column', optional: false },
  { key: 'toType', label: 'which is a', kind: 'item, movie …', input: 'name', optional: false },
  { key: 'time', label: 'Time', kind: 'date and time', input: 'column', optional: true },
  { key: 'weight', label: 'Weight', kind: 'above 0', input: 'column', optional: true },
];

const NODE_FIELDS: readonly PlanField[] = [
  { key: 'type', label: 'A row is a', kind: 'user, item …', input: 'name', optional: false },
  { key: 'id', label: 'Identifier', kind: 'text or number', input: 'column', optional: false },
  { key: 'latitude', label: 'Latitude', kind: 'degrees', input: 'column', optional: true },
  { key: 'longitude', label: 'Longitude', kind: 'degrees', input: 'column', optional: true },
];

export const fieldsOf = ({ role }: Plan): readonly PlanField[] =>
  role === 'edges' ? EDGE_FIELDS : NODE_FIELDS;

/** A field's value as the plan has it. */
export function planValue(plan: Plan, key: string): string | null {
  const value = (plan as unknown as Record<string, unknown>)[key];
  return typeof value === 'string' ? value : null;
}

/** What a column is taken for, as the preview names it over the column. */
export function takenFor(plan: Plan, column: string): string | undefined {
  const field = fieldsOf(plan).find(
    ({ key, input }) => input === 'column' && planValue(plan, key) === column,
  );
  return field?.label ?? (plan.features[column] && `feature, ${plan.features[column]}`);
}

/** Columns that a feature may be kept of. */
export const featureColumns = (plan: Plan, columns: readonly string[]): string[] =>
  columns.filter(
    (column) =>
      !fieldsOf(plan).some(({ key, input }) => input === 'column' && planValue(plan, key) === column),
  );

export const KINDS = ['numeric', 'categorical', 'text', 'multi', 'vector'] as const;

/** "rated: user → item, 3 features". */
export function inWords(plan: Plan): string {
  const features = Object.keys(plan.features).length;
  const what = plan.role === 'edges' ? `${plan.type}: ${plan.fromType} → ${plan.toType}` : plural(plan.type);
  return features > 0 ? `${what}, ${features} ${features === 1 ? 'feature' : 'features'}` : what;
}
