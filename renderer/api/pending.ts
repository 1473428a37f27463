import type { CallProgress } from '@etalon/core/api/contract';

/** A call on its way, and what it last said of how far it is. */
export interface PendingCall {
  since: number;
  told: CallProgress | null;
}

export const pendingNow = (): PendingCall => ({ since: Date.now(), told: null });
