import type { ReactNode } from "react";

/** The frame around every view. */
export function Frame({ children }: { children: ReactNode }) {
  return <main>{children}</main>;
}
