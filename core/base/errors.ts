/** Where in a user's input an error lies. `line` and `column` count from 1. */
export interface ErrorLocation {
  file?: string;
  line?: number;
  column?: number;
  field?: string;
}

/** What of a file cannot be read. A user may choose to leave it out, and to import the rest. */
export interface MalformedRows {
  count: number;
  /** The file may hold more: they were not counted to its end. */
  atLeast: boolean;
  /** The first of them: where and why. */
  examples: string[];
}

/** Kinds of failure a caller may want to tell apart; the CLI maps `usage` to exit code 2, the rest to 1. */
export type ErrorCode =
  | 'usage' // the request itself is wrong: unknown option, missing argument
  | 'input' // a file or value the user gave cannot be used
  | 'not-found' // a file, run or segment that does not exist
  | 'conflict' // the project is in a state that forbids the request
  | 'cancelled'
  | 'device' // a compute device is absent or was lost
  | 'internal'; // a broken invariant of ours

export interface EtalonErrorOptions {
  where?: ErrorLocation;
  /** What the user can do about it, as one sentence in the imperative. */
  remedy?: string;
  malformed?: MalformedRows;
  cause?: unknown;
}

/** What crosses threads, the wire and `--json`: every field of an {@link EtalonError} but its stack. */
export interface EtalonErrorData {
  code: ErrorCode;
  message: string;
  where?: ErrorLocation;
  remedy?: string;
  malformed?: MalformedRows;
}

/** The one error type that reaches users, through the command line and the window alike. */
export class EtalonError extends Error {
  override readonly name = 'EtalonError';
  readonly code: ErrorCode;
  readonly where: ErrorLocation | undefined;
  readonly remedy: string | undefined;
  readonly malformed: MalformedRows | undefined;

  constructor(code: ErrorCode, message: string, options: EtalonErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.where = options.where;
    this.remedy = options.remedy;
    this.malformed = options.malformed;
  }

  toJSON(): EtalonErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.where && { where: this.where }),
      ...(this.remedy && { remedy: this.remedy }),
      ...(this.malformed && { malformed: this.malformed }),
    };
  }

  static fromJSON(data: EtalonErrorData): EtalonError {
    return new EtalonError(data.code, data.message, {
      ...(data.where && { where: data.where }),
      ...(data.remedy && { remedy: data.remedy }),
      ...(data.malformed && { malformed: data.malformed }),
    });
  }
}

/** Any thrown value as an {@link EtalonError}; an unknown one becomes `internal` and keeps its cause. */
export function toEtalonError(thrown: unknown): EtalonError {
  if (thrown instanceof EtalonError) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError')
    return new EtalonError('cancelled', 'Cancelled.', { cause: thrown });
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new EtalonError('internal', message, { cause: thrown });
}

/** `file:line:column: message remedy`, the form terminals and editors can follow. */
export function formatError(error: EtalonErrorData): string {
  const { file, line, column, field } = error.where ?? {};
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const parts = [place && `${place}:`, field && `${field}:`, error.message, error.remedy];
  return parts.filter(Boolean).join(' ');
}
