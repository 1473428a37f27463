import { Command } from 'cmdk';
import { useEffect, useState } from 'react';
import { actions } from '../actions/actions.ts';
import { shownKeys } from '../actions/keys.ts';
import { isEnabled, isOffered } from '../actions/registry.ts';
import { api } from '../api/connection.ts';
import type { RoadHit } from '../api/types.ts';
import { kilometres } from '../format/format.ts';
import { useMap } from '../stores/map.ts';
import { useProject } from '../stores/project.ts';
import { useRecommend } from '../stores/recommend.ts';
import { useRuns } from '../stores/runs.ts';
import { useShell } from '../stores/shell.ts';
import { useLayer } from './layers.ts';

/** One list of everything that can be done or gone to; what is disabled stays, with its reason. */
export function Palette() {
  const show = useShell((state) => state.show);
  const close = () => show(null);
  const [text, setText] = useState('');
  const roads = useRoads(text);
  const runs = useRuns((state) => state.runs);
  useLayer(true, close);
  const then = (run: () => void) => () => {
    close();
    run();
  };

  return (
    <div
      className="scrim palette-scrim"
      onPointerDown={(event) => event.target === event.currentTarget && close()}
    >
      <Command className="dialog palette" label="Command palette" loop>
        <Command.Input
          autoFocus
          value={text}
          onValueChange={setText}
          placeholder="Search roads, runs and commands"
        />
        <Command.List className="scroll">
          <Command.Empty className="secondary palette-empty">Nothing found for “{text}”.</Command.Empty>
          {actions
            .filter(isOffered)
            .filter((entry) => entry.id !== 'view.palette' && entry.id !== 'view.escape')
            .map((entry) => {
              const enabled = isEnabled(entry);
              return (
                <Command.Item
                  key={entry.id}
                  value={`${entry.label} ${entry.group} ${entry.id}`}
                  aria-disabled={!enabled}
                  className={enabled ? '' : 'off'}
                  onSelect={() => {
                    if (enabled) then(() => entry.run())();
                  }}
                >
                  <span className="palette-group">{entry.group}</span>
                  <span className="grow ellipsis">{entry.label}</span>
                  {enabled ? (
                    entry.keys?.[0] && <kbd className="key">{shownKeys(entry.keys[0])}</kbd>
                  ) : (
                    <span className="note">{entry.reason}</span>
                  )}
                </Command.Item>
              );
            })}
          {runs.map((run) => (
            <Command.Item
              key={run.id}
              value={`run ${run.name} ${run.id}`}
              onSelect={then(() => {
                if (run.predicts === 'items') return useRecommend.getState().showRun(run.model, run.id);
                useRuns.getState().show(run.id);
                useShell.getState().go('train');
              })}
            >
              <span className="palette-group">Run</span>
              <span className="grow ellipsis">{run.name}</span>
              <span className="note">{run.status}</span>
            </Command.Item>
          ))}
          {roads.map((road) => (
            <Command.Item
              key={`${road.name} ${road.point.join()}`}
              value={`road ${road.name} ${road.point.join()}`}
              keywords={[text]}
              onSelect={then(() => {
                useShell.getState().go('map');
                useMap.getState().fly({ center: road.point });
                void useMap.getState().selectNearest(road.point, 100);
              })}
            >
              <span className="palette-group">Road</span>
              <span className="grow ellipsis">{road.name}</span>
              <span className="note">{kilometres(road.lengthM)} km</span>
            </Command.Item>
          ))}
        </Command.List>
      </Command>
    </div>
  );
}

/** Road names that contain the text, a moment after the last key. */
function useRoads(text: string): RoadHit[] {
  const [roads, setRoads] = useState<RoadHit[]>([]);
  const hasRoads = useProject((state) => (state.project?.segments ?? 0) > 0);
  useEffect(() => {
    const wanted = text.trim();
    if (!hasRoads || wanted.length < 2) {
      setRoads([]);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      api()
        .roads.search({ text: wanted, limit: 8 })
        .then((found) => current && setRoads(found))
        .catch(() => current && setRoads([]));
    }, 150);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text, hasRoads]);
  return roads;
}
