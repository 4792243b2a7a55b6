import { createRootRoute, createRoute, createRouter, type RouteComponent } from "@tanstack/react-router";
import { BOARD_ROOT } from "~/api/root";
import { WALL_PATH } from "~/components/frame/views";
import { lazily } from "~/components/ui/lazily";
import { DOOR_PATHS } from "~/pages/login/paths";
import { MissionControl } from "~/pages/mission-control/MissionControl";
import { Tasks } from "~/pages/mission-control/Tasks";
import { NotFound } from "~/pages/not-found/NotFound";
import { PageOnItsWay } from "~/pages/not-found/PageOnItsWay";
import { RouteError } from "~/pages/not-found/RouteError";
import { parseSearch, stringifySearch, validateSearch } from "~/view/url";
import { App } from "./App";

const root = createRootRoute({ component: App, validateSearch, notFoundComponent: NotFound });

function page(path: string, component: RouteComponent) {
  return createRoute({ getParentRoute: () => root, path, component });
}

const AgentDetail = lazily(() => import("~/pages/agent/AgentDetail").then((page) => page.AgentDetail), PageOnItsWay);
const CostExplorer = lazily(() => import("~/pages/cost/CostExplorer").then((page) => page.CostExplorer), PageOnItsWay);
const Errors = lazily(() => import("~/pages/errors/Errors").then((page) => page.Errors), PageOnItsWay);
const Insights = lazily(() => import("~/pages/insights/Insights").then((page) => page.Insights), PageOnItsWay);
const Alerts = lazily(() => import("~/pages/alerts/Alerts").then((page) => page.Alerts), PageOnItsWay);
const Settings = lazily(() => import("~/pages/settings/Settings").then((page) => page.Settings), PageOnItsWay);
const Workflow = lazily(() => import("~/pages/workflow/Workflow").then((page) => page.Workflow), PageOnItsWay);
const Compare = lazily(() => import("~/pages/compare/Compare").then((page) => page.Compare), PageOnItsWay);
const Wall = lazily(() => import("~/pages/wall/Wall").then((page) => page.Wall), PageOnItsWay);
const Pipeline = lazily(() => import("~/pages/pipeline/Pipeline").then((page) => page.Pipeline), PageOnItsWay);

/**
 * Every page of the board, one line each. Those in the bar are listed in components/frame/views.ts as well. The agent's
 * name stands in the search parameters on all of them: names may hold dots and slashes, which parts of a path may not.
 */
const pages = [
  page("/", MissionControl),
  page("/agent", AgentDetail),
  page("/cost", CostExplorer),
  page("/pipeline", Pipeline),
  page("/errors", Errors),
  page("/insights", Insights),
  page("/alerts", Alerts),
  page("/settings", Settings),
  page("/tasks", Tasks),
  page("/workflow", Workflow),
  page("/compare", Compare),
  page(WALL_PATH, Wall),
  // Drawn in front of the board, by App.
  ...DOOR_PATHS.map((path) => page(path, () => null)),
];

export function createBoardRouter() {
  return createRouter({
    routeTree: root.addChildren(pages),
    basepath: BOARD_ROOT,
    parseSearch,
    stringifySearch,
    defaultErrorComponent: RouteError,
  });
}
