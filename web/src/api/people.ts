import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { read, readWhole } from "./client";
import type { Answer, Page, Schemas } from "./types";

export const ROLES = ["owner", "admin", "member", "viewer"] as const;
export type Role = (typeof ROLES)[number];

export type Member = Answer<Schemas["MemberView"], { role: Role }>;
export type Invitation = Answer<Schemas["InvitationView"], { role: Role }>;
/** With the link that lets the invited in; shown once. */
export type NewInvitation = Answer<Schemas["NewInvitationView"], { role: Role }>;
/** A workspace that the reader is in. */
export type Workspace = Answer<Schemas["WorkspaceView"], { role: Role }>;
export type BoardSession = Answer<Schemas["SessionRow"]>;
/** Who changed what, when, from where. */
export type AuditEntry = Answer<
  Schemas["AuditView"],
  { actor: Answer<Schemas["ActorView"]>; before: unknown; after: unknown }
>;

const LIST_LIMIT = 2_000;
const AUDIT_PAGE = 50;

function listQuery<T>(noun: string, path: string) {
  return queryOptions({
    queryKey: [noun],
    queryFn: async ({ signal }) => (await readWhole<T>(path, "live", {}, LIST_LIMIT, signal)).data,
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

/** All of them: one is in few. */
export function workspacesQuery() {
  return queryOptions({
    queryKey: ["workspaces"],
    queryFn: async ({ signal }) => (await read<{ data: Workspace[] }>("/v1/workspaces", "live", {}, signal)).data,
  });
}
