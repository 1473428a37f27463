/**
 * A list in one field: items separated by blanks, commas, semicolons or `|`, or a JSON list; a missing item of a JSON
 * list (null) is the empty string. Null for broken JSON.
 */
export function parseList(text: string): string[] | null {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  if (trimmed.startsWith('[')) return parseBracketed(trimmed);
  return trimmed.split(SEPARATORS);
}

const SEPARATORS = /\s*[,;|]\s*|\s+/;

function parseBracketed(text: string): string[] | null {
  try {
    const items: unknown = JSON.parse(text);
    return Array.isArray(items) ? items.map((item) => (item === null ? '' : String(item))) : null;
  } catch {
    return parsePythonList(text);
  }
}

/** Python's way of printing a list: `['a', 'b']`, `[1.5, nan]`. */
function parsePythonList(text: string): string[] | null {
  if (!text.endsWith(']')) return null;
  const inner = text.slice(1, -1).trim();
  return inner === '' ? [] : inner.split(SEPARATORS).map((item) => item.replace(/^(['"])(.*)\1$/, '$2'));
}
