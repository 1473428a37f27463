/** Labels of the contract's road classes, in order of importance; a tile's `c` is the index. */
export const ROAD_CLASS_LABELS: Readonly<Record<string, string>> = {
  motorway: 'Motorway',
  trunk: 'Trunk road',
  primary: 'Primary road',
  secondary: 'Secondary road',
  tertiary: 'Tertiary road',
  unclassified: 'Minor road',
  residential: 'Residential street',
  living_street: 'Living street',
  service: 'Service road',
};

/** Line width in px by class index at zoom 10, 12, 14, 16 and 18. */
const WIDTHS: Readonly<Record<number, readonly number[]>> = {
  10: [1.5, 1.4, 1, 0.6, 0.5, 0.5, 0.5, 0.5, 0.5],
  12: [3, 2.6, 2.1, 1.7, 1.5, 1.1, 1.1, 1.1, 0.8],
  14: [5, 4.6, 4, 3, 2.6, 1.8, 1.8, 1.8, 1.4],
  16: [9, 8, 7, 6, 5, 4, 4, 4, 3],
  18: [18, 16, 14, 12, 11, 9, 9, 9, 7],
};

export const WIDTH_ZOOMS = [10, 12, 14, 16, 18] as const;

export const widthsAt = (zoom: (typeof WIDTH_ZOOMS)[number]): readonly number[] => WIDTHS[zoom]!;
export const ROAD_CLASS_COUNT = 9;
