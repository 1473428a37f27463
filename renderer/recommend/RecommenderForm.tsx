import { useState } from 'react';
import type { ApiRecommender } from '../api/types.ts';
import { counted, percent } from '../format/format.ts';
import { runsOf, useRecommend } from '../stores/recommend.ts';
import { useRuns } from '../stores/runs.ts';
import { DeviceField, NameAndSeed, SettingsFields } from '../train/RunFields.tsx';
import { estimate, useRunDraft } from '../train/runDraft.ts';
import { type Learns, SPLITS } from './learns.ts';
import type { RecommenderEntry } from './systems.ts';

/** Settings that decide how long a run takes and how far it gets; every system has some of them. */
const MAIN_SETTINGS = new Set([
  'task',
  'convolution',
  'epochs',
  'width',
  'layers',
  'learningRate',
  'validationShare',
  'loss',
]);

interface RecommenderFormProps {
  info: ApiRecommender;
  entry: RecommenderEntry;
  learns: Learns;
  /** Absent where there is no run to go back to. */
  cancel?: () => void;
}

/** A new run of a recommender on the data that the tab has chosen. */
export function RecommenderForm({ info, entry, learns, cancel }: RecommenderFormProps) {
  const { train, runs } = useRuns();
  const draft = useRunDraft(info.id);
  const [starting, setStarting] = useState(false);
  const split = SPLITS.find(({ id }) => id === learns.split);
  const start = async () => {
    setStarting(true);
    const runId = await train({ model: info.id, ...draft.config(), interactions: learns });
    setStarting(false);
    if (runId !== null) useRecommend.getState().showRun(info.id, runId);
  };
  return (
    <form
      className="run-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!draft.blocked) void start();
      }}
    >
      <header className="spread">
        <h2 className="object-title">New run of {entry.name}</h2>
        {cancel && (
          <button type="button" className="button plain" onClick={cancel}>
            Cancel
          </button>
        )}
      </header>
      <p className="secondary">
        Learns from <b>{learns.data}</b> · <b>{learns.edges}</b>; held out:{' '}
        {split?.label.toLowerCase() ?? learns.split}
        {learns.split !== 'leaveOneOut' && `, ${percent(learns.test)}`}.{' '}
        <button type="button" className="link" onClick={() => useRecommend.getState().go(info.id, 'Data')}>
          Change
        </button>
      </p>
      <div className="form-grid">
        <NameAndSeed draft={draft} />
        <DeviceField draft={draft} />
      </div>
      <SettingsFields draft={draft} main={MAIN_SETTINGS} />
      <footer className="row form-foot">
        <button type="submit" className="button primary" disabled={draft.blocked !== null || starting}>
          {draft.epochs > 0 ? `Train ${counted(draft.epochs, 'epoch')}` : 'Train'}
          {estimate(runsOf(runs, info.id), draft.epochs)}
        </button>
        {draft.blocked && <span className="secondary">{draft.blocked}</span>}
      </footer>
    </form>
  );
}
