import { useQuery } from "@tanstack/react-query";
import { doorQuery } from "~/api/queries";
import { onServer } from "~/api/root";
import { Command, Door } from "./Door";
import { Form } from "./Form";
import { EMAIL, PASSWORD } from "./fields";
import { Link } from "./Link";
import styles from "./login.module.css";

/** The door: by password once the board has an owner, by a link before. */
export function SignIn() {
  const door = useQuery(doorQuery());
  if (door.isPending) return null;
  // Of a server that says nothing of passwords, a link is the way in.
  if (door.data?.sign_in !== "password") return <Link />;
  return (
    <Door title="Sign in." said="With the e-mail address that you were invited by.">
      <Form path="/v1/login" fields={[EMAIL, PASSWORD]} action="Sign in" />
      <p className={styles.after}>
        {door.data.reset_by_mail ? (
          <a className="link" href={onServer("/forgotten")}>
            Forgotten?
          </a>
        ) : (
          <>
            Forgotten? Whoever runs the server makes a link for a new password:{" "}
            <Command>hiveboard members reset</Command>.
          </>
        )}
      </p>
    </Door>
  );
}
