import { action } from '../actions/actions.ts';
import { isOffered } from '../actions/registry.ts';
import type { ApiProjectInfo } from '../api/types.ts';
import { bytes, count, dayOfMonth } from '../format/format.ts';
import { useProject } from '../stores/project.ts';
import { InteractionSets } from './interactions/InteractionSets.tsx';
import { ObservationCharts } from './observations/ObservationCharts.tsx';
import { SimulateCard } from './SimulateCard.tsx';
import { Sources } from './Sources.tsx';
import { TripCharts } from './TripCharts.tsx';

export function Overview() {
  const project = useProject((state) => state.project);
  if (!project) return null;
  const next = project.segments === 0 ? 'data.roads' : 'data.trips';
  const others =
    project.segments === 0
      ? ['data.observations', 'data.interactions']
      : ['data.roads', 'data.observations', 'data.speeds', 'data.interactions'];
  return (
    <>
      <header className="tab-header">
        <h1>Data</h1>
        <span className="grow" />
        {others
          .filter((other) => isOffered(action(other)))
          .map((other) => (
            <button key={other} type="button" className="button" onClick={() => action(other).run()}>
              {action(other).label}
            </button>
          ))}
        <button type="button" className="button primary" onClick={() => action(next).run()}>
          {action(next).label}
        </button>
      </header>
      <div className="data-page scroll">
        {project.segments === 0 ? (
          project.interactions.length === 0 && <FirstStep />
        ) : (
          <Tiles project={project} />
        )}
        {project.interactions.length > 0 && <InteractionSets project={project} />}
        {project.segments > 0 && <SimulateCard project={project} />}
        {project.trips > 0 && <TripCharts project={project} />}
        {project.observations > 0 && <ObservationCharts project={project} />}
        {project.sources.length > 0 && <Sources sources={project.sources} />}
      </div>
    </>
  );
}

function FirstStep() {
  return (
    <section className="nothing-yet">
      <h2 className="object-title">Begin with roads</h2>
      <p className="secondary">
        An OpenStreetMap extract (.osm.pbf, .osm, .osm.gz), OSMnx tables (edges.csv with nodes.csv) or GeoJSON
        lines. A city takes under a minute; trips come in the next step. A matrix of detectors with their
        positions needs no roads: import it as observations.
      </p>
    </section>
  );
}

function Tiles({ project }: { project: ApiProjectInfo }) {
  const days =
    project.firstDay && project.lastDay
      ? `${dayOfMonth(project.firstDay)} – ${dayOfMonth(project.lastDay)} ${project.lastDay.slice(0, 4)}`
      : 'no trips yet';
  return (
    <dl className="tiles">
      <Tile name="Segments" value={count(project.segments)} note={`${count(project.junctions)} junctions`} />
      <Tile
        name="Permitted turns"
        value={count(project.turns)}
        note={`${(project.turns / Math.max(1, project.segments)).toFixed(1)} a segment`}
      />
      <Tile name="Trips" value={count(project.trips)} note={days} />
      <Tile
        name="Traversals"
        value={count(project.traversals)}
        note={project.segmentTimes ? 'with seconds per segment' : 'whole trips only'}
      />
      <Tile
        name="Observations"
        value={count(project.observations)}
        note={
          project.observations > 0
            ? `of ${count(project.observedSegments)} segments`
            : 'no speeds of segments yet'
        }
      />
      <Tile
        name="Time zone"
        value={project.timeZone?.replaceAll('/', '/\u200b') ?? 'set by trips'}
        note="of all clocks here"
      />
      <Tile name="Project file" value={bytes(project.sizeBytes)} note="holds everything" />
    </dl>
  );
}

function Tile({ name, value, note }: { name: string; value: string; note: string }) {
  return (
    <div>
      <dt className="secondary">{name}</dt>
      <dd className="tile-value">{value}</dd>
      <dd className="note">{note}</dd>
    </div>
  );
}
