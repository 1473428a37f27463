import { mapEventIterator } from '@orpc/client';
import { toWireError } from './wire.ts';

/** Interceptor of every call: gives failures, of streams too, the form that the contract declares. */
export async function mapErrors({ next }: { next(): Promise<unknown> }): Promise<unknown> {
  let output: unknown;
  try {
    output = await next();
  } catch (error) {
    throw toWireError(error);
  }
  return isAsyncIterator(output)
    ? mapEventIterator(output, {
        value: async (value) => value,
        error: async (error) => toWireError(error),
      })
    : output;
}

function isAsyncIterator(value: unknown): value is AsyncIterator<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
