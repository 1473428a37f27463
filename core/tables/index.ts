export * from './importReport.ts';
export { openTable, recordsOf, type Table, type TableRecord } from './table.ts';
