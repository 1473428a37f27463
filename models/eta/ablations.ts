import { usedParts } from './losses.ts';
import type { EtaSettings } from './settings.ts';

/** A part taken from a run's settings, or put in where they have it off. */
export interface Ablation {
  name: string;
  change: Partial<EtaSettings>;
}

/** Losses of the path: one of them must stay, or nothing is learned of it. */
const PATH_LOSSES: readonly string[] = ['traversalL1', 'traversalL2', 'traversalHuber', 'traversalLogHuber'];

/**
 * What each part of the model is worth: settings that differ from the given ones by one part each. Parts that are on are taken
 * away; those that the paper has and the settings leave off are put in.
 */
export function ablations(settings: EtaSettings): Ablation[] {
  const parts: (Ablation | false)[] = [
    settings.edges === 'on' && { name: 'no edges', change: { edges: 'off' } },
    settings.edges === 'on' &&
      settings.neighbourTurns > 0 && { name: 'no off-route neighbours', change: { neighbourTurns: 0 } },
    settings.edges === 'on' && { name: 'one processor step', change: { processorSteps: 1 } },
    settings.segmentEmbedding > 0
      ? { name: 'no segment embedding', change: { segmentEmbedding: 0 } }
      : { name: '+ segment embedding', change: { segmentEmbedding: 16 } },
    settings.supersegmentEmbedding > 0
      ? { name: 'no supersegment embedding', change: { supersegmentEmbedding: 0 } }
      : { name: '+ supersegment embedding', change: { supersegmentEmbedding: 64 } },
    settings.trafficWindows === 'on'
      ? { name: 'no traffic windows', change: { trafficWindows: 'off' } }
      : { name: '+ traffic windows', change: { trafficWindows: 'on' } },
    settings.metaGradients === 'off'
      ? { name: '+ MetaGradients', change: { metaGradients: 'rate' } }
      : { name: 'no MetaGradients', change: { metaGradients: 'off' } },
    settings.members > 1
      ? { name: 'one member', change: { members: 1 } }
      : { name: '+ second member', change: { members: 2 } },
    settings.refit === 'on'
      ? { name: 'no refit', change: { refit: 'off' } }
      : { name: '+ refit', change: { refit: 'on' } },
    settings.teacherShare > 0
      ? { name: 'no teacher', change: { teacherShare: 0 } }
      : { name: '+ teacher', change: { teacherShare: 0.5 } },
    settings.interval === 'quantile'
      ? { name: 'Gaussian interval', change: { interval: 'gaussian' } }
      : { name: '+ quantile heads', change: { interval: 'quantile' } },
    settings.routeBy === 'supersegments' &&
      (settings.horizons === 'each'
        ? { name: 'one model for all horizons', change: { horizons: 'one' } }
        : { name: '+ model per horizon', change: { horizons: 'each' } }),
    settings.averageDecay > 0 && { name: 'no weight averaging', change: { averageDecay: 0 } },
    settings.supersegmentShare > 0 && { name: 'no supersegments', change: { supersegmentShare: 0 } },
    ...lossAblations(settings),
  ];
  return parts.filter((part) => part !== false);
}

function lossAblations(settings: EtaSettings): Ablation[] {
  const used = usedParts(settings);
  const pathLosses = used.filter((part) => PATH_LOSSES.includes(part));
  const off = used
    .filter(
      // Without its own loss the interval would have no shape at all.
      (part) => !part.startsWith('interval') && !(pathLosses.length === 1 && pathLosses[0] === part),
    )
    .map((part): Ablation => ({ name: `no ${part}`, change: { [part]: 0 } }));
  const on = (['cumulativeHuber', 'infomax', 'autoEncoder'] as const)
    .filter((part) => settings[part] === 0)
    .map(
      (part): Ablation => ({
        name: `+ ${part}`,
        change: { [part]: part === 'cumulativeHuber' ? 0.3 : 0.01 },
      }),
    );
  return [...off, ...on];
}
