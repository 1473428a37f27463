import {
  AlignHorizontalJustifyStart,
  GalleryHorizontal,
  type LucideIcon,
  MapPin,
  Search,
  Soup,
  UserPlus,
  Users,
  Workflow,
} from 'lucide-react';

/** How a tab of the window introduces a recommender. What it can do comes from its definition. */
export interface RecommenderEntry {
  id: string;
  name: string;
  icon: LucideIcon;
  /** In one sentence, for the page without data. */
  purpose: string;
}

/** In the order of the rail. One that the shell does not have is shown nowhere. */
export const RECOMMENDERS: readonly RecommenderEntry[] = [
  {
    id: 'walkthrough',
    name: 'Walkthrough',
    icon: Users,
    purpose: 'Users and items as one graph: who may take what next, from who took what.',
  },
  {
    id: 'friends',
    name: 'Friends',
    icon: UserPlus,
    purpose: 'Finds people whom a person may befriend, in a network of friendships.',
  },
  {
    id: 'grafrank',
    name: 'GraFRank',
    icon: AlignHorizontalJustifyStart,
    purpose: 'Ranks possible friends by profile, interests, friendships and what people do together.',
  },
  {
    id: 'stories',
    name: 'Stories',
    icon: GalleryHorizontal,
    purpose: 'Whose stories a person watches, from the edges around both.',
  },
  {
    id: 'search',
    name: 'Search',
    icon: Search,
    purpose: 'Finds people, groups and pages by words, by who asks, and from where.',
  },
  {
    id: 'pins',
    name: 'Pins',
    icon: MapPin,
    purpose: 'Which pictures go with which, from the boards that hold them.',
  },
  {
    id: 'food',
    name: 'Food',
    icon: Soup,
    purpose: 'What a person may order next, weighing taste against the minutes to get there.',
  },
  {
    id: 'graph',
    name: 'Graph basics',
    icon: Workflow,
    purpose: 'Classes of nodes and graphs, missing edges and reconstruction, on any imported graph.',
  },
];

export const STEPS = ['Data', 'Train', 'Judge', 'Recommend', 'Explain', 'Map'] as const;
export type RecommenderStep = (typeof STEPS)[number];
