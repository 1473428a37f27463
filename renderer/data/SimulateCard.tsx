import { Car } from 'lucide-react';
import { action } from '../actions/actions.ts';
import type { ApiProjectInfo } from '../api/types.ts';

/** Offers simulated trips: the way to go on while there are none, and a small card beside real ones. */
export function SimulateCard({ project }: { project: ApiProjectInfo }) {
  const none = project.trips === 0;
  return (
    <section className="simulate-card" aria-label="Simulate traffic on these roads">
      <Car size={18} aria-hidden />
      <div className="grow">
        <h2 className="object-title">{none ? 'No trips yet' : 'Simulate traffic on these roads'}</h2>
        <p className="secondary">
          {none
            ? 'Import recorded trips, or simulate traffic on these roads: incidents, rain and jams whose truth is known.'
            : 'Adds trips as a source of its own, which can be removed; fitted to your trips if you like.'}
        </p>
      </div>
      <button type="button" className="button" onClick={() => action('data.simulate').run()}>
        {action('data.simulate').label}
      </button>
    </section>
  );
}
