/** Decimals that a figure is shown with: speeds differ by tenths of a km/h. */
export const digitsOf = (unit: string): number => (unit === 'km/h' ? 2 : 1);
