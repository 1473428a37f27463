/** What the window remembers between starts. Storage may be absent (tests) or refused (private windows). */
export function remembered<T>(key: string, fallback: T): T {
  try {
    const text = globalThis.localStorage?.getItem(`etalon.${key}`);
    return text ? (JSON.parse(text) as T) : fallback;
  } catch {
    return fallback;
  }
}

export function remember(key: string, value: unknown): void {
  try {
    globalThis.localStorage?.setItem(`etalon.${key}`, JSON.stringify(value));
  } catch {
    // Nothing depends on it: the default is used next time.
  }
}
