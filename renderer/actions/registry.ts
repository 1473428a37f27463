import { normaliseKeys } from './keys.ts';

export type ActionGroup =
  | 'Project'
  | 'Go to'
  | 'Data'
  | 'Map'
  | 'Route'
  | 'Train'
  | 'Scenarios'
  | 'Supersegments'
  | 'Recommenders'
  | 'View'
  | 'Help';

/** One thing the user can do. Palette, menus, shortcuts and the help sheet all read it from here. */
export interface Action {
  readonly id: string;
  readonly label: string;
  readonly group: ActionGroup;
  readonly keys?: readonly string[];
  /** False where this Etalon lacks what it is about: then it is shown nowhere. Absent = always. */
  offeredWhen?(): boolean;
  /** Absent = always. */
  enabledWhen?(): boolean;
  /** Why it is disabled, shown beside it. */
  readonly reason?: string;
  run(): void;
}

export const isOffered = (action: Action): boolean => action.offeredWhen?.() ?? true;

export const isEnabled = (action: Action): boolean => isOffered(action) && (action.enabledWhen?.() ?? true);

/** Combinations that more than one action claims, with the claimants: empty in a sound registry. */
export function keyClashes(actions: readonly Action[]): { keys: string; ids: string[] }[] {
  const claims = new Map<string, string[]>();
  for (const action of actions)
    for (const keys of action.keys ?? []) {
      const spelling = normaliseKeys(keys);
      claims.set(spelling, [...(claims.get(spelling) ?? []), action.id]);
    }
  return [...claims].filter(([, ids]) => ids.length > 1).map(([keys, ids]) => ({ keys, ids }));
}

export function actionForKeys(actions: readonly Action[], pressed: string): Action | undefined {
  return actions.find((action) => action.keys?.some((keys) => normaliseKeys(keys) === pressed));
}
