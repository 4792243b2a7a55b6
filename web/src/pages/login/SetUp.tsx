import { useState } from "react";
import { BOARD_ROOT } from "~/api/root";
import { Door } from "./Door";
import { Form } from "./Form";
import { EMAIL, linkToken, NAME, NEW_PASSWORD } from "./fields";
import styles from "./login.module.css";

/** The first start: whoever followed the server's link becomes the owner; on the server's own machine a password may wait. */
export function SetUp({ mayContinue }: { mayContinue: boolean }) {
  const [token] = useState(linkToken);
  return (
    <Door
      title="This board is yours."
      said="Say who you are. From then on the board is entered with your e-mail address and password, and you invite the others."
    >
      <Form
        path="/v1/setup"
        fields={[NAME, EMAIL, NEW_PASSWORD]}
        along={token === null ? {} : { token }}
        action="Make me the owner"
      />
      {mayContinue && (
        <p className={styles.after}>
          Only you use this machine?{" "}
          <a className="link" href={BOARD_ROOT}>
            Continue without a password
          </a>
          , and set one later.
        </p>
      )}
    </Door>
  );
}
