import type { ApiExplanation } from '../api/types.ts';
import { fixed, signed } from '../format/format.ts';
import { useExplain } from '../stores/explain.ts';
import { useRoute } from '../stores/route.ts';
import { DataTable } from '../table/DataTable.tsx';
import { useTheme } from '../theme/theme.ts';
import { LATER_RAMP, laterClass } from './contribution.ts';

type Stretch = ApiExplanation['stretches'][number];

const SHOWN = 6;

/** How much longer than usual each stretch of road takes; a row and its place on the map point at each other. */
export function Stretches({ why }: { why: ApiExplanation }) {
  const ramp = LATER_RAMP[useTheme((state) => state.theme)];
  const hover = useRoute((state) => state.hover);
  const pointedM = usePointedM(why);
  const most = Math.max(1, ...why.stretches.map(({ liveS }) => Math.abs(liveS)));
  return (
    <DataTable<Stretch>
      label="Where it differs from usual"
      title={<h3>Where it differs from usual</h3>}
      note="min"
      className="tight explain-stretches"
      rows={why.stretches.toSorted((a, b) => Math.abs(b.liveS) - Math.abs(a.liveS))}
      rowKey={({ fromM }) => fromM}
      limit={SHOWN}
      rowProps={({ fromM, untilM }) => ({
        className: pointedM !== null && pointedM >= fromM && pointedM < untilM ? 'pointed' : '',
        onPointerEnter: () => hover((fromM + untilM) / 2),
        onPointerLeave: () => hover(null),
      })}
      columns={[
        {
          id: 'road',
          head: 'Road',
          value: ({ name }) => name || 'Unnamed roads',
          cell: ({ name }) => <span className="ellipsis">{name || 'Unnamed roads'}</span>,
        },
        {
          id: 'from',
          head: 'at km',
          numeric: true,
          className: 'secondary',
          value: ({ fromM }) => fromM / 1000,
          cell: ({ fromM }) => fixed(fromM / 1000),
        },
        {
          id: 'later',
          head: 'longer',
          numeric: true,
          className: 'strong',
          value: ({ liveS }) => liveS / 60,
          cell: ({ liveS, fromM, untilM }) => (
            <span className="signed-cell">
              <SignedBar share={liveS / most} color={ramp[laterClass({ liveS, lengthM: untilM - fromM })]!} />
              {signed(liveS / 60)}
            </span>
          ),
        },
        {
          id: 'caused',
          head: 'causes',
          numeric: true,
          className: 'secondary',
          value: ({ causedS }) => causedS / 60,
          cell: ({ causedS }) => signed(causedS / 60),
        },
      ]}
    />
  );
}

/** A bar to the right of the middle for more, to the left for less. */
function SignedBar({ share, color }: { share: number; color: string }) {
  const width = Math.abs(share) * 50;
  return (
    <span className="signed-bar" aria-hidden>
      <i style={{ left: `${share < 0 ? 50 - width : 50}%`, width: `${width}%`, background: color }} />
    </span>
  );
}

/** Metres along the route that the pointer is at on the map, null where it is not on the route. */
function usePointedM(why: ApiExplanation): number | null {
  const pointed = useExplain((state) => state.pointed);
  if (pointed === null) return null;
  let metres = 0;
  for (const { segment, lengthM } of why.segments) {
    if (segment === pointed) return metres + lengthM / 2;
    metres += lengthM;
  }
  return null;
}
