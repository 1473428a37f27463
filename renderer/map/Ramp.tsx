/** Colours of a legend's classes, with the breaks between them and what the ends mean. */
export function Ramp({
  colours,
  breaks,
  ends,
}: {
  colours: readonly string[];
  breaks: readonly string[];
  ends: [string, string];
}) {
  return (
    <>
      <div className="ramp">
        {colours.map((color) => (
          <i key={color} style={{ background: color }} />
        ))}
      </div>
      <div className="legend-breaks ramp-breaks" aria-hidden>
        {breaks.map((label, i) => (
          <span key={label} style={{ left: `${((i + 1) / colours.length) * 100}%` }}>
            {label}
          </span>
        ))}
      </div>
      <p className="spread note">
        <span>{ends[0]}</span>
        <span>{ends[1]}</span>
      </p>
    </>
  );
}
