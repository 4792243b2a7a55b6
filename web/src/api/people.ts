import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { read } from "./client";
import type { Page } from "./types";

export const ROLES = ["owner", "admin", "member", "viewer"] as const;
export type Role = (typeof ROLES)[number];

export interface Member {
  person_id: string;
  email: string;
  name: string;
  role: Role;
  joined_at: string;
  last_seen_at: string | null;
}

export interface Invitation {
  invitation_id: string;
  email: string;
  role: Role;
  invited_by: string;
  created_at: string;
  expires_at: string;
}

/** With the link that lets the invited in; shown once. */
export type NewInvitation = Invitation & { link: string };

export interface BoardSession {
  session_id: string;
  person_id: string | null;
  email: string | null;
  is_current: boolean;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  address: string | null;
  user_agent: string | null;
}

/** Who changed what, when, from where. */
export interface AuditEntry {
  id: number;
  at: string;
  actor: { kind: string; id: string | null; name: string };
  action: string;
  target: string | null;
  address: string | null;
  before: unknown;
  after: unknown;
}

const LIST_LIMIT = 200;
const AUDIT_PAGE = 50;

function listQuery<T>(noun: string, path: string) {
  return queryOptions({
    queryKey: [noun],
    queryFn: async ({ signal }) => (await read<Page<T>>(path, "live", { limit: LIST_LIMIT }, signal)).data,
  });
}

export const membersQuery = () => listQuery<Member>("members", "/v1/members");
export const invitationsQuery = () => listQuery<Invitation>("invitations", "/v1/invitations");
export const sessionsQuery = () => listQuery<BoardSession>("sessions", "/v1/sessions");

export function auditQuery() {
  return infiniteQueryOptions({
    queryKey: ["audit"],
    queryFn: ({ signal, pageParam }) =>
      read<Page<AuditEntry>>("/v1/audit", "live", { limit: AUDIT_PAGE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.pagination.has_more ? page.pagination.cursor : null),
  });
}
