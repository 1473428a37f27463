import type { RefObject } from 'react';
import { type ChartKey, chartPng, chartSvg } from '../export/chartImage.ts';
import { type CsvCell, fileStem, plainNumber, toCsv } from '../export/csv.ts';
import { ExportMenu } from '../export/ExportMenu.tsx';
import { copyCsv, saveFile, saveText } from '../export/save.ts';
import { useShell } from '../stores/shell.ts';

export interface ChartTable {
  head: readonly string[];
  rows: readonly (readonly string[])[];
  /** Exact values for the exported file; where absent, the rows as they are shown. */
  exact?: readonly (readonly CsvCell[])[];
}

interface ChartExportProps {
  title: string;
  /** Of the y axis. */
  quantity(): string;
  /** Of the x axis; the table's first head where absent. */
  xLabel?: string;
  table: ChartTable;
  keys?: readonly ChartKey[];
  /** What holds the drawing. */
  drawnIn: RefObject<HTMLElement | null>;
  /** False while something else stands in the drawing's place. */
  drawn?: boolean;
  opens?: 'below' | 'above';
}

/** Saves a plot as PNG, SVG or CSV. */
export function ChartExport(props: ChartExportProps) {
  const { title, quantity, xLabel, table, drawnIn, drawn = true, opens = 'below' } = props;
  const image = () => {
    const chart = drawnIn.current?.querySelector<SVGSVGElement>('svg[role="img"]');
    return chart
      ? chartSvg(chart, {
          title,
          quantity: quantity(),
          xLabel: xLabel ?? table.head[0] ?? '',
          ...(props.keys && { keys: props.keys }),
        })
      : null;
  };
  const savePng = async () => {
    const drawing = image();
    if (!drawing) return;
    try {
      saveFile(`${fileStem(title)}.png`, await chartPng(drawing));
    } catch (thrown) {
      useShell.getState().say(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  const saveSvg = () => {
    const drawing = image();
    if (drawing) saveText(`${fileStem(title)}.svg`, 'image/svg+xml', drawing.markup);
  };
  const csv = () => toCsv(table.head, table.exact ?? table.rows.map((row) => row.map(plainNumber)));
  return (
    <ExportMenu
      what={title}
      opens={opens}
      choices={[
        ...(drawn
          ? [
              { label: 'Save PNG', note: 'image', run: savePng },
              { label: 'Save SVG', note: 'drawing', run: saveSvg },
            ]
          : []),
        {
          label: 'Save CSV',
          note: 'data',
          run: () => saveText(`${fileStem(title)}.csv`, 'text/csv', csv()),
        },
        { label: 'Copy as CSV', run: () => copyCsv(title, csv()) },
      ]}
    />
  );
}
