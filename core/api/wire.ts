import { ORPCError } from '@orpc/client';
import { EtalonError, type EtalonErrorData, toEtalonError } from '../base/errors.ts';

/** The contract's one declared error, which carries {@link EtalonErrorData}. */
const WIRE_CODE = 'ETALON';

/** A thrown value in the form the contract declares. Nothing of an unexpected error but its message is sent. */
export function toWireError(thrown: unknown): ORPCError<string, EtalonErrorData> {
  const data = (thrown instanceof ORPCError ? fromProtocolError(thrown) : toEtalonError(thrown)).toJSON();
  return new ORPCError(WIRE_CODE, { defined: true, message: data.message, data });
}

/** The {@link EtalonError} that a call's failure stands for. `aborted`: the caller gave up on it. */
export function fromWireError(thrown: unknown, aborted: boolean): EtalonError {
  if (thrown instanceof ORPCError)
    return thrown.code === WIRE_CODE
      ? EtalonError.fromJSON(thrown.data as EtalonErrorData)
      : fromProtocolError(thrown);
  if (thrown instanceof EtalonError) return thrown;
  if (aborted) return new EtalonError('cancelled', 'Cancelled.', { cause: thrown });
  return new EtalonError('internal', 'The connection to Etalon was lost.', {
    remedy: 'Reload the window; restart Etalon if that does not help.',
    cause: thrown,
  });
}

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[];
}

/** What the RPC layer itself refuses: input that breaks the contract, a procedure that does not exist. */
function fromProtocolError(error: ORPCError<string, unknown>): EtalonError {
  if (error.code === 'BAD_REQUEST') {
    const [issue] = (error.data as { issues?: Issue[] } | undefined)?.issues ?? [];
    if (issue) {
      const field = issue.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
      return new EtalonError('usage', issue.message, field ? { where: { field } } : {});
    }
    return new EtalonError('usage', error.message);
  }
  if (error.code === 'NOT_FOUND') return new EtalonError('usage', 'There is no such procedure.');
  const cause = error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
  return new EtalonError('internal', cause, { cause: error });
}
