/** A column's name without case, blanks and punctuation. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/**
 * At least nine in ten of the values that are there, or all but one: a short file with a mistake is to be told of the mistake, not that its
 * column is none. True without rows, where only the name speaks.
 */
export function mostly(values: readonly string[], fits: (value: string) => boolean): boolean {
  if (values.length === 0) return true;
  const present = values.filter((value) => value.trim() !== '');
  const fitting = present.filter(fits).length;
  return fitting > 0 && fitting >= Math.min(0.9 * present.length, present.length - 1);
}

export function isNumber(value: string): boolean {
  return value.trim() !== '' && Number.isFinite(Number(value));
}
