import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { invitationQuery } from "~/api/queries";
import { Door } from "./Door";
import { Form } from "./Form";
import { linkToken, NAME, NEW_PASSWORD, PASSWORD } from "./fields";

const ROLES: Readonly<Record<string, string>> = {
  viewer: "a viewer, who looks at everything",
  member: "a member, who looks at everything and changes projects, alerts and views",
  admin: "an admin, who also looks after keys, members and settings",
  owner: "an owner, who may do everything",
};

/** An invitation that is followed: what it is for, then name and password. */
export function Invitation() {
  const [token] = useState(linkToken);
  const invitation = useQuery(invitationQuery(token ?? ""));
  if (invitation.isPending) return null;
  if (invitation.data === undefined) {
    return (
      <Door
        title="This invitation is over."
        said="It was accepted, taken back, or is older than a week. Ask whoever invited you for a new one."
      />
    );
  }
  const { workspace, email, role, invited_by, has_account } = invitation.data;
  return (
    <Door
      title={`Welcome to ${workspace}.`}
      said={
        <>
          <b>{email}</b> is invited by {invited_by}, as {ROLES[role] ?? role}.
          {has_account && " You have an account on this server already: its password is all that is needed."}
        </>
      }
    >
      <Form
        path="/v1/invitations/accept"
        fields={has_account ? [PASSWORD] : [NAME, NEW_PASSWORD]}
        along={{ token: token ?? "" }}
        action="Accept the invitation"
      />
    </Door>
  );
}
