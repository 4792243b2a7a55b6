/** The pages in front of the board, by path. */
export const DOOR_PATHS = ["/sign-in", "/set-up", "/invitation", "/forgotten", "/reset"] as const;
