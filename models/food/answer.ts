import type { RecommendedItem, RecommendQuestion, UserRecommendations } from '@etalon/core/api/contract';
import type { OpenRecommender, RecommenderConfig, TravelTimes } from '@etalon/core/app/model';
import { titleOf } from '@etalon/core/app/recommend';
import { EtalonError, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import { openDevice } from '@etalon/core/device';
import type { ProjectStore } from '@etalon/core/project';
import { openLoaded } from '../recommend/open.ts';
import type { FoodCity } from './city.ts';
import { type Minutes, minutesOf } from './delivery.ts';
import { type LoadedFood, loadCity } from './load.ts';
import { placeAt } from './menu.ts';
import { occasionAt } from './orders.ts';
import type { Asked } from './popularity.ts';
import { foodSystem } from './system.ts';

/** Nobody drives further in a minute: places beyond are not asked about. */
const FASTEST_KM_A_MINUTE = 2;

type Explain = OpenRecommender['explain'];

/** A city with what explains its similarities. */
interface AskedCity {
  readonly city: FoodCity;
  readonly explain: Explain;
  dispose(): Promise<void>;
}

/** Answers by taste and minutes, in the city of the run or, of users named `data set:user`, in another one of the project. */
export class FoodAnswers {
  readonly #store: ProjectStore;
  readonly #runId: number;
  readonly #food: LoadedFood;
  readonly #own: AskedCity;
  readonly #others = new Map<string, Promise<AskedCity>>();

  constructor(store: ProjectStore, runId: number, food: LoadedFood, explain: Explain) {
    this.#store = store;
    this.#runId = runId;
    this.#food = food;
    this.#own = { city: food.city, explain, dispose: async () => {} };
  }

  /** Throws `not-found` for a user that no city has, `conflict` where minutes are asked for of places that are not known. */
  async answer(
    question: RecommendQuestion,
    context: TaskContext,
    travel: TravelTimes,
  ): Promise<UserRecommendations[]> {
    const answers: UserRecommendations[] = [];
    for (const id of question.users) {
      throwIfCancelled(context.signal);
      const { asked, user } = await this.#cityOf(id, context);
      answers.push({ user: id, ...(await this.#list(asked, user, question, context, travel)) });
    }
    return answers;
  }

  async dispose(): Promise<void> {
    for (const city of this.#others.values()) await (await city).dispose();
  }

  async #list(
    { city, explain }: AskedCity,
    user: number,
    question: RecommendQuestion,
    context: TaskContext,
    travel: TravelTimes,
  ): Promise<Omit<UserRecommendations, 'user'>> {
    const { count, withinMinutes, tasteOfTenMinutes = 0, withReasons } = question;
    const { ranker, options, loaded } = this.#food;
    const at = question.at ?? city.lastMoment;
    const asked = askedAt(city, user, at, question.place);
    const { place } = asked.occasion;
    const reachKm =
      withinMinutes === undefined ? options.reachKm : Math.min(1000, withinMinutes * FASTEST_KM_A_MINUTE);
    const reached = city.within(asked, reachKm);
    const minutes = await minutesOf(city, asked, at, reached, travel, loaded.settings, context);
    if (!minutes && (withinMinutes !== undefined || tasteOfTenMinutes > 0))
      throw new EtalonError('conflict', 'Minutes cannot be told: a place is not known.', {
        remedy: 'Ask with --place, of data whose restaurants have coordinates.',
      });
    const inTime = reached.filter(
      (item) => withinMinutes === undefined || minutes!.of(item) <= withinMinutes,
    );
    const items = city.mostRelevant(asked, inTime, options.candidates);
    const taste = between0And1(ranker.scores(city, asked, items));
    const scores = weighed(taste, items, minutes, tasteOfTenMinutes);
    const order = Array.from(items.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
    const listed: RecommendedItem[] = [];
    for (const i of order.slice(0, count)) {
      throwIfCancelled(context.signal);
      const item = items[i];
      const reasons = withReasons ? await explain(user, item, context) : null;
      listed.push({
        ...itemOf(city, item),
        score: scores[i],
        reasons,
        details: { taste: taste[i], ...detailsOf(city, asked, item, minutes) },
      });
    }
    return { items: listed, asked: { at, place: place && [place[0], place[1]] } };
  }

  async #cityOf(id: string, context: TaskContext): Promise<{ asked: AskedCity; user: number }> {
    const { data, menu } = this.#food.city;
    const own = data.nodes(menu.userType).rowOf(id);
    if (own !== undefined) return { asked: this.#own, user: own };
    const config = this.#store.run(this.#runId).config as RecommenderConfig;
    const sets = this.#store.info().interactions.filter(({ name }) => name !== config.interactions.data);
    const set = sets.find(
      ({ name, edges }) => id.startsWith(`${name}:`) && edges.some((own) => own.name === menu.type),
    );
    // Says what to do about an unknown user.
    if (!set) return { asked: this.#own, user: data.nodes(menu.userType).row(id) };
    const asked = await this.#other(set.name, context);
    const users = asked.city.data.nodes(asked.city.menu.userType);
    return { asked, user: users.row(id.slice(set.name.length + 1)) };
  }

  #other(name: string, context: TaskContext): Promise<AskedCity> {
    const loading = this.#others.get(name) ?? this.#load(name, context);
    this.#others.set(name, loading);
    loading.catch(() => this.#others.delete(name));
    return loading;
  }

  async #load(name: string, context: TaskContext): Promise<AskedCity> {
    context.report({ stage: `Laying out ${name}`, done: 0 });
    const device = await openDevice('cpu');
    try {
      const data = this.#store.readInteractions(name);
      const { city, loaded } = await loadCity(this.#store, this.#runId, data, device, context);
      const opened = await openLoaded(foodSystem, loaded, context);
      return { city, explain: opened.explain, dispose: opened.dispose };
    } finally {
      await device.dispose();
    }
  }
}

/** Asked about without a moment or a place: when the last known order was made, from home or where the user last ordered to. */
export function usualQuestion(city: FoodCity, user: number): Asked {
  return askedAt(city, user, city.lastMoment);
}

function askedAt(city: FoodCity, user: number, at: string | null, place?: [number, number]): Asked {
  const from = place ?? placeAt(city.menu.homes, user) ?? city.lastPlace(user);
  if (at !== null) return { user, occasion: occasionAt(at, from) };
  return { user, occasion: { hour: Number.NaN, weekday: Number.NaN, place: from } };
}

/** 0 for what the ranker puts last of what it ranks, 1 for what it puts first. */
function between0And1(scores: Float64Array): Float64Array {
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  return scores.map((score) => (most > least ? (score - least) / (most - least) : 1));
}

/** Taste less what minutes cost; what nobody knows the way from is taken to be as far as the furthest. */
function weighed(
  taste: Float64Array,
  items: Int32Array,
  minutes: Minutes | null,
  tasteOfTenMinutes: number,
): Float64Array {
  if (!minutes || tasteOfTenMinutes === 0) return taste;
  const own = Array.from(items, (item) => minutes.of(item));
  const furthest = own.reduce((most, value) => (value > most ? value : most), 0);
  return taste.map(
    (value, i) => value - (tasteOfTenMinutes * (Number.isNaN(own[i]) ? furthest : own[i])) / 10,
  );
}

function itemOf({ data, menu }: FoodCity, item: number) {
  const items = data.nodes(menu.itemType);
  const place = placeAt(menu.places, item);
  return { item: items.ids[item], title: titleOf(items, item), ...(place && { place }) };
}

function detailsOf(
  city: FoodCity,
  asked: Asked,
  item: number,
  minutes: Minutes | null,
): Record<string, string | number> {
  const { data, menu } = city;
  const restaurant = menu.restaurantOf[item];
  const had = city.evidence.had(asked.user).get(item)?.count;
  const km = city.evidence.kmTo(asked.occasion.place, item);
  const known = minutes && !Number.isNaN(minutes.of(item));
  const restaurants = menu.restaurantType === null ? null : data.nodes(menu.restaurantType);
  return {
    similarity: city.similarity(asked.user)[item],
    ...(known && { minutes: minutes.of(item), 'minutes by': minutes.by }),
    ...(!Number.isNaN(km) && { 'km away': km }),
    ...(restaurants &&
      restaurant >= 0 && { restaurant: titleOf(restaurants, restaurant) ?? restaurants.ids[restaurant] }),
    ...(had && { 'times ordered before': had }),
  };
}
