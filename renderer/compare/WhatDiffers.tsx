import { TriangleAlert } from 'lucide-react';
import { useEffect } from 'react';
import type { ApiRunComparison } from '../api/types.ts';
import { counted } from '../format/format.ts';
import { type ModelId, useRuns } from '../stores/runs.ts';
import { DataTable } from '../table/DataTable.tsx';

const OWN_LABELS: Readonly<Record<string, string>> = {
  from: 'Trained from',
  until: 'Trained until',
  seed: 'Seed',
};

/** The settings in which the two differ, and why the test may not be clean. */
export function WhatDiffers({ answer }: { answer: ApiRunComparison }) {
  const { a, b, settings, warnings } = answer;
  const runs = useRuns((state) => state.runs);
  const model = (runs.find((run) => run.id === a.runId)?.model ?? 'eta') as ModelId;
  const infos = useRuns((state) => state.settings[model]);
  const loadSettings = useRuns((state) => state.loadSettings);
  useEffect(() => void loadSettings(model), [loadSettings, model]);
  const label = (key: string) => OWN_LABELS[key] ?? infos?.find((info) => info.key === key)?.label ?? key;
  return (
    <>
      <DataTable
        label="What differs"
        title={<h3>What differs</h3>}
        note={counted(settings.length, 'setting')}
        className="tight"
        rows={settings}
        rowKey={(setting) => setting.key}
        empty={b.runId === null ? 'A baseline has no settings.' : 'Both were trained with the same settings.'}
        columns={[
          { id: 'key', head: 'Setting', value: (setting) => label(setting.key) },
          { id: 'a', head: a.name, numeric: true, className: 'strong', value: (setting) => setting.a },
          { id: 'b', head: b.name, numeric: true, value: (setting) => setting.b },
        ]}
      />
      {warnings.length > 0 && (
        <div className="problem warning compare-warning">
          <TriangleAlert size={15} aria-hidden />
          <div>
            <p className="what">Not a clean test</p>
            {warnings.map((warning) => (
              <p key={warning}>{warning}</p>
            ))}
          </div>
        </div>
      )}
    </>
  );
}
