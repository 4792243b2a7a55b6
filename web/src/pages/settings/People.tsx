import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import {
  type Invitation,
  invitationsQuery,
  type Member,
  membersQuery,
  type NewInvitation,
  ROLES,
  type Role,
} from "~/api/people";
import { useMay } from "~/api/permissions";
import { Answer } from "~/components/ui/Answer";
import { LineBadge } from "~/components/ui/Badge";
import { Button } from "~/components/ui/Button";
import { CopyButton } from "~/components/ui/CopyButton";
import { Empty } from "~/components/ui/Empty";
import { Select } from "~/components/ui/Select";
import { Table, unseen } from "~/components/ui/Table";
import { Time } from "~/components/ui/Time";
import styles from "./settings.module.css";
import { useSettingsChange } from "./useSettingsChange";

const ROLE_WORDS: Record<Role, { label: string; note: string }> = {
  owner: { label: "owner", note: "everything" },
  admin: { label: "admin", note: "keys, members, settings" },
  member: { label: "member", note: "rules, projects, prices" },
  viewer: { label: "viewer", note: "only looks" },
};
const ROLE_OPTIONS = ROLES.map((value) => ({ value, ...ROLE_WORDS[value] }));

/** Who is in, as what; and who has been asked in. */
export function People() {
  const members = useQuery(membersQuery());
  const manages = useMay("manageMembers");
  return (
    <>
      <section aria-label="Members" className={styles.section}>
        <div className={styles.head}>
          <h2>Members</h2>
          <span className="dim">{members.data?.length}</span>
          <span className="grow" />
          {manages && <InvitationForm />}
        </div>
        <Answer query={members} what="The members" rows={3}>
          {(data) =>
            data.length === 0 ? (
              <Empty title="Nobody has an account yet">
                Whoever follows the link of the first start becomes the owner.
              </Empty>
            ) : (
              <Table columns={["Name", "E-mail", "Role", "Here since", "Last seen", unseen("Remove")]}>
                {data.map((member) => (
                  <MemberRow key={member.person_id} member={member} manages={manages} />
                ))}
              </Table>
            )
          }
        </Answer>
      </section>
      {manages && <Invitations />}
    </>
  );
}

function MemberRow({ member, manages }: { member: Member; manages: boolean }) {
  const change = useSettingsChange("members");
  const [asked, setAsked] = useState(false);
  const path = `/v1/members/${encodeURIComponent(member.person_id)}`;
  return (
    <tr>
      <td className="strong" title={member.name}>
        {member.name}
      </td>
      <td title={member.email}>{member.email}</td>
      <td>
        {manages ? (
          <Select
            label={`Role of ${member.name}`}
            value={member.role}
            options={ROLE_OPTIONS}
            onChange={(role) =>
              change.mutate({ method: "PUT", path, body: { role }, done: `${member.name} is ${role} now` })
            }
          />
        ) : (
          <LineBadge>{member.role}</LineBadge>
        )}
      </td>
      <td className="sub">
        <Time at={member.joined_at} />
      </td>
      <td className="sub">{member.last_seen_at === null ? "never" : <Time at={member.last_seen_at} />}</td>
      <td className="num">
        {manages &&
          (asked ? (
            <span className={styles.confirm}>
              <Button
                small
                disabled={change.isPending}
                onClick={() => change.mutate({ method: "DELETE", path, done: `${member.name} is out` })}
              >
                Remove
              </Button>
              <Button small look="ghost" onClick={() => setAsked(false)}>
                Keep
              </Button>
            </span>
          ) : (
            <Button small look="ghost" onClick={() => setAsked(true)}>
              Remove<span className="sr-only"> {member.name}</span>
            </Button>
          ))}
      </td>
    </tr>
  );
}

function InvitationForm() {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("member");
  const [made, setMade] = useState<NewInvitation | null>(null);
  const invite = useSettingsChange<NewInvitation>("invitations");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate(
      { method: "POST", path: "/v1/invitations", body: { email: email.trim(), role }, done: "Invited" },
      {
        onSuccess: (invitation) => {
          setMade(invitation);
          setEmail("");
        },
      },
    );
  };
  return (
    <>
      <form className={styles.form} onSubmit={submit}>
        <input
          type="email"
          required
          aria-label="E-mail of whom to invite"
          placeholder="name@example.com"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Select label="Role" value={role} options={ROLE_OPTIONS} strong onChange={setRole} />
        <Button type="submit" look="primary" small disabled={invite.isPending}>
          Invite
        </Button>
      </form>
      {made !== null && (
        <div className={styles.made} role="status">
          <span>
            The link for <b className="strong">{made.email}</b>, shown only now:
          </span>
          <code>{made.link}</code>
          <CopyButton text={made.link} what="link" word="Copy" />
          <Button small look="ghost" onClick={() => setMade(null)}>
            Done
          </Button>
        </div>
      )}
    </>
  );
}

function Invitations() {
  const invitations = useQuery(invitationsQuery());
  if (invitations.data?.length === 0 || (invitations.data === undefined && invitations.error === null)) return null;
  return (
    <section aria-label="Invitations" className={styles.section}>
      <div className={styles.head}>
        <h2>Invitations</h2>
        <span className="dim">{invitations.data?.length}</span>
      </div>
      <Answer query={invitations} what="The invitations" rows={1}>
        {(data) => (
          <Table columns={["E-mail", "Role", "Asked by", "Good until", unseen("Withdraw")]}>
            {data.map((invitation) => (
              <InvitationRow key={invitation.invitation_id} invitation={invitation} />
            ))}
          </Table>
        )}
      </Answer>
    </section>
  );
}

function InvitationRow({ invitation }: { invitation: Invitation }) {
  const change = useSettingsChange("invitations");
  return (
    <tr>
      <td className="strong">{invitation.email}</td>
      <td>
        <LineBadge>{invitation.role}</LineBadge>
      </td>
      <td className="sub">{invitation.invited_by}</td>
      <td className="sub">
        <Time at={invitation.expires_at} />
      </td>
      <td className="num">
        <Button
          small
          look="ghost"
          disabled={change.isPending}
          onClick={() =>
            change.mutate({
              method: "DELETE",
              path: `/v1/invitations/${encodeURIComponent(invitation.invitation_id)}`,
              done: "Withdrawn",
            })
          }
        >
          Withdraw<span className="sr-only"> {invitation.email}</span>
        </Button>
      </td>
    </tr>
  );
}
