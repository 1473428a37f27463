import { duration } from '../format/format.ts';
import { useWaitedMs } from './CallWaiting.tsx';

/** Says what is awaited, after 300 ms; from 2 s on with the time that has passed. */
export function Waiting({ what, since }: { what: string; since: number }) {
  const waited = useWaitedMs(since);
  if (waited < 300) return null;
  return (
    <p className="secondary" role="status">
      {what}
      {waited >= 2_000 && ` · ${duration(waited / 1000)} so far`}
    </p>
  );
}
