import { ChevronDown } from 'lucide-react';
import type { ApiRunInfo } from '../api/types.ts';
import { count, fixed } from '../format/format.ts';
import { Popover } from '../shell/Popover.tsx';
import { useProject } from '../stores/project.ts';
import { runsOf, useRecommend } from '../stores/recommend.ts';
import { useRuns } from '../stores/runs.ts';
import { figureName } from './figures.ts';
import type { Learns } from './learns.ts';

/** Data set and type of edges. */
export function DataPicker({ id, learns }: { id: string; learns: Learns }) {
  const sets = useProject((state) => state.project?.interactions);
  const name = `${learns.data} · ${learns.edges}`;
  return (
    <Popover
      label={`Data: ${name}`}
      button={
        <>
          <span className="what">Data</span> <span className="ellipsis recommend-picked">{name}</span>{' '}
          <ChevronDown size={14} aria-hidden />
        </>
      }
    >
      {(close) =>
        sets?.map((set) => (
          <div key={set.sourceId}>
            <p className="note menu-head">{set.name}</p>
            {set.edges.map((edges) => (
              <button
                key={edges.name}
                type="button"
                role="menuitemradio"
                aria-checked={set.name === learns.data && edges.name === learns.edges}
                className="menu-item"
                onClick={() => {
                  useRecommend.getState().choose(id, { data: set.name, edges: edges.name });
                  close();
                }}
              >
                {edges.name}
                <span className="note">
                  {edges.from} → {edges.to}, {count(edges.count)}
                </span>
              </button>
            ))}
          </div>
        ))
      }
    </Popover>
  );
}

export function RunPicker({ id, run }: { id: string; run: ApiRunInfo }) {
  const runs = runsOf(
    useRuns((state) => state.runs),
    id,
  ).toReversed();
  return (
    <Popover
      label={`Run: ${run.name}`}
      button={
        <>
          <span className="what">Run</span> <span className="ellipsis recommend-picked">{run.name}</span>{' '}
          <ChevronDown size={14} aria-hidden />
        </>
      }
    >
      {(close) =>
        runs.map((other) => (
          <button
            key={other.id}
            type="button"
            role="menuitemradio"
            aria-checked={other.id === run.id}
            className="menu-item"
            onClick={() => {
              useRecommend.getState().showRun(id, other.id);
              close();
            }}
          >
            {other.name}
            <span className="note">{standing(other)}</span>
          </button>
        ))
      }
    </Popover>
  );
}

function standing({ ranking, status }: ApiRunInfo): string {
  if (!ranking) return status === 'finished' ? 'not judged' : status;
  const judged = ranking.figures[ranking.judgedBy];
  return judged ? `${figureName(ranking.judgedBy)} ${fixed(judged.value, 3)}` : 'judged';
}
