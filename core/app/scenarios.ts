import type { ApiScenario, ApiScenarioEdit } from '../api/contract.ts';
import { scenarioEdits } from '../api/scenarios.ts';
import type { ProjectStore, ScenarioRecord } from '../project/types.ts';

/** Saved scenarios of a project, as clients see them. */
export class SavedScenarios {
  readonly #store: ProjectStore;

  constructor(store: ProjectStore) {
    this.#store = store;
  }

  list(): ApiScenario[] {
    return this.#store.scenarios().map(viewOf);
  }

  /** Without `id` a new one. Throws `not-found`. */
  save(scenario: { id?: number | undefined; name: string; edits: readonly ApiScenarioEdit[] }): ApiScenario {
    const { id, name, edits } = scenario;
    return viewOf(this.#store.saveScenario({ ...(id !== undefined && { id }), name, edits }));
  }

  /** Throws `not-found`. */
  rename(id: number, name: string): ApiScenario {
    return viewOf(this.#store.saveScenario({ id, name }));
  }

  /** Throws `not-found`. */
  remove(id: number): void {
    this.#store.deleteScenario(id);
  }
}

function viewOf(record: ScenarioRecord): ApiScenario {
  return { ...record, edits: scenarioEdits.parse(record.edits) };
}
