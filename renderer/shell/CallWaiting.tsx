import { useEffect, useState } from 'react';
import type { PendingCall } from '../api/pending.ts';
import { ProgressBox } from './ProgressBox.tsx';

/** A call that says how far it is, after 300 ms. */
export function CallWaiting({ title, call, cancel }: { title: string; call: PendingCall; cancel(): void }) {
  const waitedMs = useWaitedMs(call.since);
  if (waitedMs < 300) return null;
  const { progress = null, secondsLeft = null } = call.told ?? {};
  return <ProgressBox {...{ title, cancel, progress, secondsLeft }} elapsedS={waitedMs / 1000} />;
}

/** Milliseconds since a time, told a few times a second. */
export function useWaitedMs(since: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 300);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, now - since);
}
