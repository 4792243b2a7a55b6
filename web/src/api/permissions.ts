import { useSession } from "./session";

/**
 * What a role is needed for, and from which role on the server lets it through (its own table is `permission.rs`). The board leaves
 * out what would be refused; the server decides all the same.
 */
const LEAST = {
  /** Projects, rules of alerts. */
  changeProjects: "member",
  changeRules: "member",
  changeChannels: "member",
  /** Acknowledge alerts and have them sent again. */
  handleAlerts: "member",
  changePrices: "member",
  saveViews: "member",
  manageKeys: "admin",
  manageMembers: "admin",
  manageWorkspace: "admin",
  /** Make and delete workspaces. */
  manageWorkspaces: "owner",
} as const satisfies Record<string, Role>;

type Role = "viewer" | "member" | "admin" | "owner";
export type Permission = keyof typeof LEAST;

const ORDER: readonly string[] = ["viewer", "member", "admin", "owner"] satisfies readonly Role[];

/** Whether that role may. A reader without one looks at a board without accounts, or by a key: they may look. */
export function mayAs(role: string | null | undefined, permission: Permission): boolean {
  return role !== null && role !== undefined && ORDER.indexOf(role) >= ORDER.indexOf(LEAST[permission]);
}

/** Whether the reader may; `false` until that is known. */
export function useMay(permission: Permission): boolean {
  return mayAs(useSession()?.role, permission);
}
