import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { App } from "./App";
import { MissionControl } from "./pages/mission-control/MissionControl";
import { NotFound } from "./pages/not-found/NotFound";
import { parseSearch, stringifySearch, validateSearch } from "./url";

const root = createRootRoute({ component: App, validateSearch, notFoundComponent: NotFound });

/** Every page of the board, one line each. */
const pages = [createRoute({ getParentRoute: () => root, path: "/", component: MissionControl })] as const;

export function createBoardRouter() {
  return createRouter({ routeTree: root.addChildren([...pages]), parseSearch, stringifySearch });
}
