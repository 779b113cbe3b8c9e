/** What the server says, as docs/protocol/http.md gives it. Unknown fields are allowed and ignored. */

/** A provider elsewhere by which people sign in here. */
export interface WayIn {
  id: string;
  name: string;
}

export interface Site {
  name: string;
  sign_up: "open" | "invitation" | "approval";
  sign_in: WayIn[];
  ldap: string | null;
  version: string;
  limits: Record<string, number>;
}

export type Audience = "everyone" | "groups" | "nobody";

export interface Visibility {
  birth_year: Audience;
  city: Audience;
  interests: Audience;
  about: Audience;
}

export interface Me {
  number: number;
  nickname: string;
  handle: string | null;
  email: string | null;
  avatar: string | null;
  birth_year: number | null;
  city: string | null;
  interests: string[];
  about: string;
  visibility: Visibility;
  reach: Audience;
  second_factor: boolean;
  passkeys: number;
  has_password: boolean;
  state: "active" | "waiting" | string;
  created_at: string;
}

export interface Profile {
  number: number;
  kind: "person" | "bot";
  nickname: string;
  handle: string | null;
  avatar: string | null;
  birth_year?: number | null;
  city?: string | null;
  interests?: string[] | null;
  about?: string | null;
  shared_groups: { chat: number; name: string }[] | number | null;
  may_write: boolean;
}

export interface Device {
  id: string | number;
  client: string;
  device: string;
  address: string;
  created_at: string;
  last_seen_at: string;
  current: boolean;
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface Person {
  number: number;
  name: string;
  avatar?: string | null;
  bot?: boolean;
}

/** A part of a message. Which fields it has depends on its type; one of a type that is not known here is kept. */
export interface Segment {
  type: string;
  text?: string;
  number?: number;
  all?: boolean;
  name?: string;
  seq?: number;
  media?: string;
  width?: number;
  height?: number;
  duration?: number;
  size?: number;
  url?: string;
  title?: string;
  face?: string;
  [field: string]: unknown;
}

/** What the page behind a link says of itself. */
export interface LinkPreview {
  url: string;
  title: string;
  text: string;
}

/** A message as it was said elsewhere. */
export interface ForwardedItem {
  name: string;
  at: string;
  segments: Segment[];
}

export interface Reaction {
  emoji: string;
  count: number;
  mine: boolean;
}

export interface Message {
  chat: number;
  seq: number;
  id: number;
  from: Person;
  segments: Segment[];
  at: string;
  recalled?: boolean;
  recalled_by?: number | null;
  /** A bot has put these segments in the place of others. `mentions` are whom it called when it was said. */
  edited_at?: string;
  mentions?: number[];
  mentions_all?: boolean;
  reactions?: Reaction[];
  previews?: LinkPreview[];
}

export type Notify = "all" | "mentions" | "none";

/** A row of my conversations. `peer` is the number of the other person of a direct one. */
export interface ChatRow {
  chat: number;
  kind: "direct" | "group";
  name: string;
  avatar: string | null;
  peer?: number | null;
  /** Unknown until something has been said. */
  peer_online?: boolean | null;
  /** How many members of a group are online, where that has been counted. */
  online?: number;
  last_seq: number;
  last_rev: number;
  read_seq: number;
  unread: number;
  mentions: number;
  notify: Notify;
  pinned: boolean;
  last_message?: Message | null;
}

export type Role = "owner" | "admin" | "member";

export interface Group {
  chat: number;
  number: number;
  name: string;
  avatar: string | null;
  description: string;
  city: string | null;
  kind: GroupKind;
  join_mode: JoinMode;
  question: string | null;
  capacity: number;
  admins_max: number;
  members: number;
  handle: string | null;
  listed: boolean;
  owner: number;
  created_at: string;
  mute_all: boolean;
  my_role?: Role | null;
  /** My asking to join: it waits, or was refused with a reason. */
  my_request?: { state: "waiting" | "refused" | string; answer: string; reason: string; at: string } | null;
}

export type GroupKind = "model" | "interest" | "brand" | "knowledge" | "tool" | "mixed";
export type JoinMode = "open" | "approval" | "invitation" | "closed";

/** A notice as everybody sees it. */
export interface Notice {
  id: number;
  text: string;
  by: Person;
  at: string;
}

export interface Announcement extends Notice {
  read: number;
  members: number;
  read_by_me: boolean;
}

/** The snapshot of a conversation. */
export interface ChatDetail extends ChatRow {
  group?: Group | null;
  me: { role: Role; card: string | null; muted_until: string | null };
  pins: number[];
  announcement?: Notice | null;
  announcements_unread?: number[];
}

export interface Member {
  number: number;
  name: string;
  nickname: string;
  avatar: string | null;
  role: Role;
  card: string;
  muted_until: string | null;
  mute_reason?: string;
  joined_at: string;
  bot: boolean;
  online?: boolean;
}

export interface JoinRequest {
  number: number;
  name: string;
  avatar: string | null;
  answer: string;
  at: string;
}

/** What an invitation is to, as it is told to those who are not signed in. */
export type InvitedGroup = Pick<Group, "number" | "name" | "avatar" | "description" | "city" | "kind" | "members">;

export interface Invitation {
  code: string;
  url: string;
  expires_at: string;
  uses_left: number | null;
  made_by: Person;
  joined: number;
}
