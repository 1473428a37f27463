import { useEffect, useState } from 'react';
import { duration } from '../format/format.ts';

/** Says what is awaited, after 300 ms; from 2 s on with the time that has passed. */
export function Waiting({ what, since }: { what: string; since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 300);
    return () => clearInterval(timer);
  }, []);
  const waited = now - since;
  if (waited < 300) return null;
  return (
    <p className="secondary" role="status">
      {what}
      {waited >= 2_000 && ` · ${duration(waited / 1000)} so far`}
    </p>
  );
}
