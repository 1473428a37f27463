/** How a workgroup divides a tile of the result: lanes down and across, and rows and columns of each lane. */
export interface Tile {
  readonly label: string;
  readonly rowLanes: number;
  readonly columnLanes: number;
  /** Of one lane: 1, or a multiple of 4. */
  readonly rows: number;
  readonly columns: number;
  /** How much of the inner axis is staged at once. */
  readonly depth: number;
}

function tile(rowLanes: number, columnLanes: number, rows: number, columns: number, depth: number): Tile {
  const label = `${rowLanes * rows}×${columnLanes * columns}, ${rows}×${columns} a lane`;
  return { label, rowLanes, columnLanes, rows, columns, depth };
}

/** For both sides wide, from the largest tile to the smallest. Wide tiles read less; small ones keep more of a GPU busy. */
export const WIDE_TILES: readonly Tile[] = [
  tile(16, 16, 8, 8, 8),
  tile(16, 16, 8, 4, 16),
  tile(16, 16, 4, 4, 16),
  tile(8, 8, 4, 4, 16),
];
/** For results of few columns, or of few rows. */
export const NARROW_TILES: readonly Tile[] = [tile(16, 16, 4, 1, 16), tile(16, 16, 1, 1, 16)];
export const SHORT_TILES: readonly Tile[] = [tile(16, 16, 1, 4, 16), tile(16, 16, 1, 1, 16)];
export const SMALL_TILES: readonly Tile[] = [tile(16, 16, 1, 1, 16)];

/** What a software renderer is given: the least code to compile, which counts more there than speed. */
export const PLAIN_TILE = SMALL_TILES[0];

export function tileRows({ rowLanes, rows }: Tile): number {
  return rowLanes * rows;
}

export function tileColumns({ columnLanes, columns }: Tile): number {
  return columnLanes * columns;
}
