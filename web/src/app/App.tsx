import { useQuery } from "@tanstack/react-query";
import { Navigate, Outlet, useLocation } from "@tanstack/react-router";
import { ApiError } from "~/api/errors";
import { sessionQuery } from "~/api/queries";
import { Frame } from "~/components/frame/Frame";
import { WALL_PATH } from "~/components/frame/views";
import { Shortcuts } from "~/components/palette/Shortcuts";
import { TourOffer } from "~/components/tour/TourOffer";
import { IconSprite } from "~/components/ui/IconSprite";
import { lazily } from "~/components/ui/lazily";
import { Toaster } from "~/components/ui/Toaster";
import { LiveProvider } from "~/live/LiveProvider";
import type { FirstRunProps } from "~/pages/first-run/FirstRun";
import type { LoginProps } from "~/pages/login/Login";
import { DOOR_PATHS } from "~/pages/login/paths";
import { PageOnItsWay } from "~/pages/not-found/PageOnItsWay";
import { useView } from "~/view/url";
import { Entering } from "./Entering";

/** Most visits see neither: whoever is in has agents. */
const Login = lazily<LoginProps>(() => import("~/pages/login/Login").then((page) => page.Login), PageOnItsWay);
const FirstRun = lazily<FirstRunProps>(
  () => import("~/pages/first-run/FirstRun").then((page) => page.FirstRun),
  PageOnItsWay,
);

/** The board behind its door: without a session it says how to enter, else the frame with the view of the address. */
export function App() {
  const { view } = useView();
  const session = useQuery(sessionQuery());
  const path = useLocation({ select: (location) => location.pathname });
  const atDoor = (DOOR_PATHS as readonly string[]).includes(path);
  if (path === "/sign-in" && session.data !== undefined) return <Navigate to="/" search={{}} replace />;
  // Without a session every other read is refused as well: they wait for this one. A server that does not answer is no
  // reason to wait: the frame then says so.
  if (!atDoor && session.isPending && session.failureCount === 0) return <Entering />;
  const signedOut = atDoor || (session.error instanceof ApiError && session.error.isSignedOut);
  return (
    <>
      <IconSprite />
      {signedOut ? (
        <Login path={path} isInside={session.data !== undefined} />
      ) : (
        <LiveProvider mode={view.mode}>
          {path === WALL_PATH ? (
            <Outlet />
          ) : (
            <Frame firstRun={(arrived) => <FirstRun arrived={arrived} />}>
              <Outlet />
            </Frame>
          )}
          <Shortcuts />
          {path !== WALL_PATH && <TourOffer />}
        </LiveProvider>
      )}
      <Toaster />
    </>
  );
}
