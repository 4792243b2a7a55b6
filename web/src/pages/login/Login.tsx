import { Forgotten } from "./Forgotten";
import { Invitation } from "./Invitation";
import { Reset } from "./Reset";
import { SetUp } from "./SetUp";
import { SignIn } from "./SignIn";

/** The pages in front of the board, by path. */
export const DOOR_PATHS = ["/sign-in", "/set-up", "/invitation", "/forgotten", "/reset"] as const;

/** What stands at the door, whatever link led there. */
export function Login({ path, isInside }: { path: string; isInside: boolean }) {
  switch (path) {
    case "/set-up":
      return <SetUp mayContinue={isInside} />;
    case "/invitation":
      return <Invitation />;
    case "/forgotten":
      return <Forgotten />;
    case "/reset":
      return <Reset />;
    default:
      return <SignIn />;
  }
}
