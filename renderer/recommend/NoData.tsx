import { action } from '../actions/actions.ts';
import { fileDialogs } from '../files/dialogs.ts';
import { duration } from '../format/format.ts';
import { useProject } from '../stores/project.ts';
import type { RecommenderEntry } from './systems.ts';

/** The page of a recommender in a project without interactions. */
export function NoData({ entry }: { entry: RecommenderEntry }) {
  const making = useProject((state) => state.sampleJob !== null);
  if (making) return null;
  return (
    <section className="nothing-yet">
      <h2 className="object-title">No interactions to learn from</h2>
      <p className="secondary">
        {entry.purpose} It needs a data set of interactions: CSV, JSON Lines, Parquet or RecBole’s atomic
        files. Importing 100,000 edges takes a few seconds.
      </p>
      <div className="row">
        <button type="button" className="button primary" onClick={() => action('data.interactions').run()}>
          Import interactions
        </button>
        <button
          type="button"
          className="button"
          onClick={() => void fileDialogs.openRecommenderSample(entry.id)}
        >
          Try the sample
        </button>
      </div>
      <p className="note">
        The sample is generated into a new project in about {duration(20)}; this project stays as it is.
      </p>
    </section>
  );
}
