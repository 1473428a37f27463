/** A column's name without case, blanks and punctuation. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** At least nine in ten of the values that are there; true without rows, where only the name speaks. */
export function mostly(values: readonly string[], fits: (value: string) => boolean): boolean {
  const present = values.filter((value) => value.trim() !== '');
  return present.filter(fits).length >= 0.9 * present.length && (values.length === 0 || present.length > 0);
}

export function isNumber(value: string): boolean {
  return value.trim() !== '' && Number.isFinite(Number(value));
}
