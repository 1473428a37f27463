import { EtalonError, plural } from '@etalon/core/base';
import { type Features, type InteractionData, type NodeTable, placeColumn } from '@etalon/core/interactions';

/** Degrees by row; NaN where a place is not known. */
export interface Places {
  readonly longitude: Float64Array;
  readonly latitude: Float64Array;
}

/** Who orders what from where, as the data have it. */
export interface Menu {
  /** Type of the orders. */
  readonly type: string;
  readonly userType: string;
  /** Type of what is ordered: dishes, or restaurants themselves. */
  readonly itemType: string;
  /** Type of the nodes that offer the items; null where items are ordered from nobody else. */
  readonly restaurantType: string | null;
  /** [items] the restaurant that offers each, −1 where none does. */
  readonly restaurantOf: Int32Array;
  /** [items] where each comes from. */
  readonly places: Places | null;
  /** [users] where each lives. */
  readonly homes: Places | null;
  /** [items] kind of each, such as its cuisine, −1 where it has none; and how many kinds there are. */
  readonly kindOf: Int32Array;
  readonly kinds: number;
}

/**
 * Reads the roles off the data: another type of edges, at most one of each item, from a third type of nodes says which restaurant offers
 * which dish. Without one, and where items have places of their own, items are restaurants. Throws `input` for edges that join nodes of one type.
 */
export function menuOf(data: InteractionData, type: string): Menu {
  const { from, to } = data.edges(type);
  if (from === to)
    throw new EtalonError('input', `Edges of "${type}" join ${plural(from)} with each other.`, {
      remedy: 'Choose edges from users to what they order with --edges.',
    });
  const [users, items] = [data.nodes(from), data.nodes(to)];
  const own = placeColumn(items.features);
  const offers = own ? null : offersOf(data, from, to);
  const restaurantPlaces = offers && placeColumn(data.nodes(offers.restaurantType).features);
  const kind = Object.values(items.features).find(
    (column) => column.kind === 'categorical' || column.kind === 'multi',
  );
  return {
    type,
    userType: from,
    itemType: to,
    restaurantType: offers?.restaurantType ?? null,
    restaurantOf: offers?.restaurantOf ?? new Int32Array(items.count).fill(-1),
    places: own ?? (restaurantPlaces && placesAt(restaurantPlaces, offers!.restaurantOf)),
    homes: placeColumn(users.features),
    kindOf: kindsOf(items),
    kinds: kind && 'categories' in kind ? kind.categories.length : 0,
  };
}

/** Known place of a row, [longitude, latitude]; null where there is none. */
export function placeAt(places: Places | null, row: number): [number, number] | null {
  if (!places || Number.isNaN(places.longitude[row]) || Number.isNaN(places.latitude[row])) return null;
  return [places.longitude[row], places.latitude[row]];
}

function offersOf(data: InteractionData, userType: string, itemType: string) {
  for (const name of data.edgeTypes) {
    const { from, to, fromRows, toRows } = data.edges(name);
    const restaurantType = from === itemType ? to : from;
    if ((from === itemType) === (to === itemType) || restaurantType === userType) continue;
    const [itemRows, restaurantRows] = from === itemType ? [fromRows, toRows] : [toRows, fromRows];
    if (new Set(itemRows).size < itemRows.length) continue;
    const restaurantOf = new Int32Array(data.nodes(itemType).count).fill(-1);
    itemRows.forEach((item, edge) => {
      restaurantOf[item] = restaurantRows[edge];
    });
    return { restaurantType, restaurantOf };
  }
  return null;
}

function placesAt({ longitude, latitude }: Places, rows: Int32Array): Places {
  const at = (degrees: Float64Array) =>
    Float64Array.from(rows, (row) => (row < 0 ? Number.NaN : degrees[row]));
  return { longitude: at(longitude), latitude: at(latitude) };
}

/** By the first feature that is a category; of several, the first. */
function kindsOf({ features, count }: NodeTable): Int32Array {
  const column = Object.values(features).find(({ kind }) => kind === 'categorical' || kind === 'multi');
  if (column?.kind === 'categorical') return column.codes;
  const kinds = new Int32Array(count).fill(-1);
  if (column?.kind === 'multi')
    for (let row = 0; row < count; row++)
      if (column.offsets[row + 1] > column.offsets[row]) kinds[row] = column.codes[column.offsets[row]];
  return kinds;
}

/** Features that mean the same in every city: not where something is. */
export function portableFeatures(features: Features): Features {
  return Object.fromEntries(Object.entries(features).filter(([, { kind }]) => kind !== 'coordinates'));
}
