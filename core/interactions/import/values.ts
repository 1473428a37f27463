const MISSING = new Set(['', '?', 'NaN', 'null']);

/** Texts that stand for a value that is not known. */
export function isMissingText(text: string): boolean {
  return MISSING.has(text.trim());
}

/** The values of a field that holds several: a JSON list, or texts with a separator between. Missing ones are left out. */
export function listOf(text: string, separator: string): string[] {
  const values = text.trimStart().startsWith('[') ? (jsonList(text) ?? [text]) : text.split(separator);
  return values.map((value) => value.trim()).filter((value) => !isMissingText(value));
}

function jsonList(text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.map(String) : null;
  } catch {
    return null;
  }
}
