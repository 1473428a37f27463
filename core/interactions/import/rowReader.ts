import { DepartureReader, TIME_REMEDY } from '../../tables/departure.ts';
import { assertReadable, malformedField } from '../../tables/malformed.ts';
import type { DropText, RowFault } from '../../tables/rowTally.ts';
import type { Table, TableRecord } from '../../tables/table.ts';
import type { DataBuilder } from './dataBuilder.ts';
import { CoordinateBuilder, type FeatureBuilder, featureBuilder } from './featureBuilder.ts';
import { nameOf } from './guessPlan.ts';
import type { EdgePlan, FilePlan, NodePlan } from './plan.ts';
import { isMissingText } from './values.ts';

export type InteractionFault = 'id' | 'weight';

export const INTERACTION_DROPS: Record<InteractionFault, DropText> = {
  id: { description: 'Without an identifier', remedy: 'Check which columns hold the identifiers (--map).' },
  weight: {
    description: 'A weight that is missing or not above 0',
    remedy: 'Keep the column as a feature instead: --map weight=none kind:<column>=numeric.',
  },
};

/** A row that can be kept; `keep` does, and says which features had another value before. */
export interface ReadRow {
  keep(): string[];
}

/** Reads the rows of one file by its plan. Of a row that cannot be read nothing is kept. */
export interface RowReader {
  /** Throws `MalformedError`. */
  read(record: TableRecord): ReadRow | RowFault<InteractionFault>;
  readonly columns: readonly string[];
}

export function rowReader(table: Table, plan: FilePlan, timeZone: string, builder: DataBuilder): RowReader {
  return plan.role === 'edges'
    ? edgeReader(table, plan, timeZone, builder)
    : nodeReader(table, plan, builder);
}

function edgeReader(table: Table, plan: EdgePlan, timeZone: string, builder: DataBuilder): RowReader {
  const edges = builder.edges(plan.type, plan.fromType, plan.toType);
  const clock = new DepartureReader(timeZone);
  const features = featureFields(table, plan, (name, made) => edges.features.take(name, made));
  const fieldOf = fieldsOf(table);
  return {
    columns: [plan.from, plan.to, plan.weight, plan.time]
      .filter((column) => column !== null)
      .concat(Object.keys(plan.features)),
    read(record) {
      assertReadable(table, record);
      const [from, to] = [fieldOf(record, plan.from).trim(), fieldOf(record, plan.to).trim()];
      if (isMissingText(from)) return { reason: 'id', column: plan.from, detail: 'no identifier' };
      if (isMissingText(to)) return { reason: 'id', column: plan.to, detail: 'no identifier' };
      const weight = plan.weight === null ? Number.NaN : weightOf(record, plan.weight);
      if (plan.weight !== null && !(weight > 0))
        return { reason: 'weight', column: plan.weight, detail: fieldOf(record, plan.weight) || 'missing' };
      const timeS = plan.time === null ? Number.NaN : timeOf(record, plan.time);
      const values = features.read(record);
      return { keep: () => features.keep(edges.add({ from, to, weight, timeS }), values) };
    },
  };

  function weightOf(record: TableRecord, column: string): number {
    const text = fieldOf(record, column);
    if (isMissingText(text)) return Number.NaN;
    const weight = Number(text);
    if (Number.isFinite(weight)) return weight;
    throw malformedField(
      table,
      record,
      column,
      `"${text}" is no number`,
      'Mend the line, or check the column of the weight.',
    );
  }

  function timeOf(record: TableRecord, column: string): number {
    const text = fieldOf(record, column);
    if (isMissingText(text)) return Number.NaN;
    const moment = clock.read(text);
    if (moment) return moment.departS;
    throw malformedField(table, record, column, `"${text}" is no time`, TIME_REMEDY);
  }
}

function nodeReader(table: Table, plan: NodePlan, builder: DataBuilder): RowReader {
  const nodes = builder.nodes(plan.type);
  const features = featureFields(table, plan, (name, made) => nodes.features.take(name, made));
  const { longitude, latitude } = plan;
  const places =
    longitude === null || latitude === null
      ? null
      : { column: latitude, builder: nodes.features.take('coordinates', new CoordinateBuilder()) };
  const fieldOf = fieldsOf(table);
  return {
    columns: [plan.id, longitude, latitude]
      .filter((column) => column !== null)
      .concat(Object.keys(plan.features)),
    read(record) {
      assertReadable(table, record);
      const id = fieldOf(record, plan.id).trim();
      if (isMissingText(id)) return { reason: 'id', column: plan.id, detail: 'no identifier' };
      const values = features.read(record);
      const place = places && `${fieldOf(record, longitude!).trim()} ${fieldOf(record, latitude!).trim()}`;
      if (place) assertValue(table, record, places.column, places.builder, place);
      return {
        keep() {
          const row = nodes.row(id);
          const others = features.keep(row, values);
          return place && places.builder.add(row, place) === 'other' ? [...others, 'coordinates'] : others;
        },
      };
    },
  };
}

interface FeatureFields {
  /** The fields of the features, each found to be readable. */
  read(record: TableRecord): string[];
  /** Adds them to a row; names of those that had another value. */
  keep(row: number, values: readonly string[]): string[];
}

function featureFields(
  table: Table,
  plan: FilePlan,
  take: (name: string, made: FeatureBuilder) => FeatureBuilder,
): FeatureFields {
  const fields = Object.entries(plan.features).map(([column, kind]) => {
    const name = nameOf(column);
    return {
      column,
      name,
      at: table.columns.indexOf(column),
      builder: take(name, featureBuilder(kind, plan.separator)),
    };
  });
  return {
    read: (record) =>
      fields.map(({ column, at, builder }) => {
        assertValue(table, record, column, builder, record.fields[at]);
        return record.fields[at];
      }),
    keep: (row, values) =>
      fields.flatMap(({ name, builder }, i) => (builder.add(row, values[i]) === 'other' ? [name] : [])),
  };
}

function assertValue(
  table: Table,
  record: TableRecord,
  column: string,
  builder: FeatureBuilder,
  text: string,
): void {
  const unreadable = builder.check(text);
  if (unreadable) throw malformedField(table, record, column, unreadable.found, unreadable.remedy);
}

function fieldsOf(table: Table): (record: TableRecord, column: string) => string {
  const places = new Map(table.columns.map((column, at) => [column, at]));
  return ({ fields }, column) => fields[places.get(column)!];
}
