import type { ApiExplanation } from '@etalon/core/api/contract';
import { clock, table } from './format.ts';

const STRETCHES = 8;
const JUNCTIONS = 5;

/** Why a travel time is what it is: the sentence, what adds up to it, and what is not known. */
export function describeExplanation(why: ApiExplanation): string {
  const sections = [
    [why.sentence, ...why.details].join('\n'),
    table(
      ['What it adds up from', 'Time'],
      [
        ['Free flow', clock(why.freeFlowS)],
        ['Roads slower than their limit', change(why.roadS)],
        ['Signals and turns', change(why.junctionsS)],
        [`The hour, against ${why.medianHour}:00`, change(why.hourS)],
        ['= usual at this hour', clock(why.usualS)],
        ...why.inputs
          .filter(({ seconds }) => Math.abs(seconds) >= 0.5)
          .map(({ label, seconds }) => [label, change(seconds)]),
        ['= predicted', clock(why.etaS)],
      ],
    ),
    table(
      ['Stretch', 'From', 'Free flow', 'Roads', 'Junctions', 'Hour', 'Traffic now'],
      why.stretches
        .toSorted((a, b) => Math.abs(b.liveS) - Math.abs(a.liveS))
        .slice(0, STRETCHES)
        .map((stretch) => [
          stretch.name || '(no name)',
          kilometres(stretch.fromM),
          clock(stretch.freeFlowS),
          change(stretch.roadS),
          change(stretch.junctionsS),
          change(stretch.hourS),
          change(stretch.liveS),
        ]),
    ),
  ];
  if (why.junctions.length > 0)
    sections.push(
      table(
        ['Junction', 'At', 'Costs'],
        why.junctions
          .slice(0, JUNCTIONS)
          .map(({ atM, label, seconds }) => [label, kilometres(atM), change(seconds)]),
      ),
    );
  sections.push([...why.limits.map((limit) => `Limit: ${limit}`), `Method: ${why.method}`].join('\n'));
  return sections.join('\n\n');
}

function change(seconds: number): string {
  const size = clock(Math.abs(seconds));
  if (size === '0:00') return size;
  return `${seconds < 0 ? '−' : '+'}${size}`;
}

const kilometres = (metres: number): string => `${(metres / 1000).toFixed(2)} km`;
