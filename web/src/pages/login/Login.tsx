import { Forgotten } from "./Forgotten";
import { Invitation } from "./Invitation";
import { Reset } from "./Reset";
import { SetUp } from "./SetUp";
import { SignIn } from "./SignIn";

export interface LoginProps {
  path: string;
  /** Whether this browser has a session already. */
  isInside: boolean;
}

/** What stands at the door, whatever link led there. */
export function Login({ path, isInside }: LoginProps) {
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
