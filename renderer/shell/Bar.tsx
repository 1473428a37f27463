/** A progress bar; `share` is null while the total is unknown. */
export function Bar({ share, label }: { share: number | null; label: string }) {
  return (
    <div
      className={share === null ? 'bar unknown' : 'bar'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === null ? undefined : Math.round(share * 100)}
    >
      <i style={share === null ? undefined : { width: `${share * 100}%` }} />
    </div>
  );
}
