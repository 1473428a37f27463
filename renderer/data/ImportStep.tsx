import type { ReactNode } from 'react';
import { bytes, fileName } from '../format/format.ts';
import type { FileImport } from '../stores/fileImport.ts';
import { JobOutcome } from './JobOutcome.tsx';

interface ImportStepProps {
  /** What the import is told, by name. */
  facts: readonly (readonly [string, string])[];
  sizeBytes: number;
  current: Pick<
    FileImport<never, never>,
    'path' | 'timeZone' | 'skipMalformed' | 'jobId' | 'retry' | 'startWithoutMalformed'
  >;
  note?: ReactNode;
  /** Shown once the job is done. */
  children: ReactNode;
}

/** The last step: what will be written, then the job and how it ended. */
export function ImportStep({ facts, sizeBytes, current, note, children }: ImportStepProps) {
  const { path, timeZone, skipMalformed, jobId, retry, startWithoutMalformed } = current;
  const all = [
    ...facts,
    ['Time zone', timeZone] as const,
    ['Malformed rows', skipMalformed ? 'are left out' : 'stop the import'] as const,
  ];
  return (
    <div className="data-page scroll">
      <div className="import-narrow">
        <section className="report-box">
          <h2>
            {path && fileName(path)} <span className="secondary">{bytes(sizeBytes)}</span>
          </h2>
          <dl className="facts">
            {all.map(([name, value]) => (
              <div key={name} className="spread">
                <dt className="secondary">{name}</dt>
                <dd className="mono">{value}</dd>
              </div>
            ))}
          </dl>
          {note}
        </section>
        <JobOutcome jobId={jobId} back={retry} skipMalformed={() => void startWithoutMalformed()}>
          {children}
        </JobOutcome>
      </div>
    </div>
  );
}
