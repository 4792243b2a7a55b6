import { useNavigate } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";

export interface BoardLinkProps {
  /** A path of the board with its parameters, as the server writes it: `/tasks?status=failed`. */
  to: string;
  className?: string;
  children: ReactNode;
}

/** A link that the server gave. It opens without a reload; anything but a path of this board is no link. */
export function BoardLink({ to, className = "link", children }: BoardLinkProps) {
  const navigate = useNavigate();
  if (!/^\/(?![/\\])/.test(to)) return <span>{children}</span>;
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    const [path = "/", query = ""] = to.split("?");
    void navigate({ to: path, search: Object.fromEntries(new URLSearchParams(query)) } as never);
  };
  return (
    <a className={className} href={to} onClick={open}>
      {children}
    </a>
  );
}
