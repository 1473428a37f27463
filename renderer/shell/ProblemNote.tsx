import { Copy, TriangleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Problem, problemDetails } from '../api/errors.ts';
import { fileName } from '../format/format.ts';

/** An error in place: what, where, why, what to do; its details can be copied. */
export function ProblemNote({ problem, children }: { problem: Problem; children?: ReactNode }) {
  const [copied, setCopied] = useState(false);
  const { file, line, column, field } = problem.where ?? {};
  const examples = problem.malformed?.examples ?? [];
  const place = [
    file && fileName(file),
    line !== undefined && `line ${line}`,
    column !== undefined && `column ${column}`,
    line !== undefined && field,
  ]
    .filter(Boolean)
    .join(', ');
  return (
    <div className="problem" role="alert">
      <TriangleAlert size={16} aria-hidden />
      <div className="grow">
        <p className="what">{problem.message}</p>
        {place && <p className="secondary">{place}</p>}
        {problem.remedy && <p className="secondary">{problem.remedy}</p>}
        {examples.length > 1 && (
          <ul className="problem-examples mono">
            {examples.map((example) => (
              <li key={example}>{example}</li>
            ))}
            {problem.malformed!.count > examples.length && <li>…</li>}
          </ul>
        )}
        <div className="row problem-actions">
          {children}
          <button
            type="button"
            className="button small plain"
            onClick={() => {
              void navigator.clipboard?.writeText(problemDetails(problem)).then(() => setCopied(true));
            }}
          >
            <Copy size={12} aria-hidden /> {copied ? 'Copied' : 'Copy details'}
          </button>
        </div>
      </div>
    </div>
  );
}
