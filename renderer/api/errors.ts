/** What the window shows of a failure: the contract's error data, or the nearest to it. */
export interface Problem {
  code: string;
  message: string;
  where?:
    | {
        file?: string | undefined;
        line?: number | undefined;
        column?: number | undefined;
        field?: string | undefined;
      }
    | undefined;
  remedy?: string | undefined;
  /** Rows of a file that cannot be read: an import may leave them out. */
  malformed?: { count: number; atLeast: boolean; examples: string[] } | undefined;
}

export function toProblem(thrown: unknown): Problem {
  if (isProblem(thrown)) return thrown;
  if (thrown instanceof Error) return { code: 'internal', message: thrown.message };
  return { code: 'internal', message: String(thrown) };
}

function isProblem(data: unknown): data is Problem {
  return typeof data === 'object' && data !== null && 'message' in data && 'code' in data;
}

/** Everything known about a problem, for the clipboard. */
export function problemDetails(problem: Problem): string {
  const { file, line, column, field } = problem.where ?? {};
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return [
    `${problem.code}: ${problem.message}`,
    place && `at ${place}`,
    field && `field ${field}`,
    problem.remedy && `remedy: ${problem.remedy}`,
    ...(problem.malformed?.examples ?? []),
  ]
    .filter(Boolean)
    .join('\n');
}
