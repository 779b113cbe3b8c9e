/** Groups: finding, joining, keeping order. */
import { drop, get, patch, post, put } from "./http";
import type { Announcement, Group, Invitation, InvitedGroup, JoinRequest, Member, Page, Person, Role } from "./types";

export type GroupForm = Partial<
  Pick<
    Group,
    "name" | "description" | "city" | "kind" | "join_mode" | "question" | "capacity" | "avatar" | "handle" | "listed"
  >
>;

export const create = (form: GroupForm) => post<Group>("/groups", form);
export const find = (query: string, cursor?: string | null, kind?: string) =>
  get<Page<Group>>("/groups", { query, cursor, kind });
export const group = (chat: number) => get<Group>(`/groups/${chat}`);
export const change = (chat: number, form: GroupForm) => patch<Group>(`/groups/${chat}`, form);
export const dissolve = (chat: number) => drop(`/groups/${chat}`);
export const members = (chat: number, query = "", cursor?: string | null) =>
  get<Page<Member>>(`/groups/${chat}/members`, { query, cursor });
export const join = (chat: number, how: { answer?: string; invitation?: string } = {}) =>
  put<{ state: "joined" | "waiting"; chat: number }>(`/groups/${chat}/members/me`, how);
export const leave = (chat: number) => drop(`/groups/${chat}/members/me`);
export const setCard = (chat: number, card: string) => patch<unknown>(`/groups/${chat}/members/me`, { card });
export const setRole = (chat: number, number: number, role: Role) =>
  patch<unknown>(`/groups/${chat}/members/${number}`, { role });
export const handOver = (chat: number, number: number) => put(`/groups/${chat}/owner`, { number });
export const remove = (chat: number, number: number, ban: boolean) =>
  drop(`/groups/${chat}/members/${number}`, undefined, { ban });
export const bans = (chat: number) => get<Page<Person>>(`/groups/${chat}/bans`);
export const unban = (chat: number, number: number) => drop(`/groups/${chat}/bans/${number}`);
export const mute = (chat: number, number: number, minutes: number) =>
  put(`/groups/${chat}/mutes/${number}`, { minutes });
export const unmute = (chat: number, number: number) => drop(`/groups/${chat}/mutes/${number}`);
export const muteAll = (chat: number) => put(`/groups/${chat}/mutes/all`);
export const unmuteAll = (chat: number) => drop(`/groups/${chat}/mutes/all`);
export const requests = (chat: number) => get<Page<JoinRequest>>(`/groups/${chat}/requests`);
export const decide = (chat: number, number: number, accept: boolean) =>
  put(`/groups/${chat}/requests/${number}`, { accept });
export const invite = (chat: number, how: { hours?: number; uses?: number }) =>
  post<Invitation>(`/groups/${chat}/invitations`, how);
export const invitations = (chat: number) => get<Page<Invitation>>(`/groups/${chat}/invitations`);
export const revoke = (chat: number, code: string) => drop(`/groups/${chat}/invitations/${code}`);
export const invitation = (code: string) =>
  get<{ group: Group; invited_by: Person }>(`/invitations/${encodeURIComponent(code)}`);
export const invitedGroup = (code: string) => get<InvitedGroup>(`/invitations/${encodeURIComponent(code)}/group`);
export const invitedPicture = (code: string, media: string) =>
  `/api/v1/invitations/${encodeURIComponent(code)}/avatars/${media}/large`;
export const invitationQr = (code: string) => `/api/v1/invitations/${encodeURIComponent(code)}/qr.svg`;
export const announce = (chat: number, text: string) => post<Announcement>(`/groups/${chat}/announcements`, { text });
export const announcements = (chat: number, cursor?: string | null) =>
  get<Page<Announcement>>(`/groups/${chat}/announcements`, { cursor });
export const unannounce = (chat: number, id: number) => drop(`/groups/${chat}/announcements/${id}`);
export const readAnnouncement = (chat: number, id: number) => put(`/groups/${chat}/announcements/${id}/readers/me`);
export const remind = (chat: number, id: number) => post<void>(`/groups/${chat}/announcements/${id}/reminders`);
export const announcementReaders = (chat: number, id: number) =>
  get<{ read: Person[]; unread: Person[] }>(`/groups/${chat}/announcements/${id}/readers`);
