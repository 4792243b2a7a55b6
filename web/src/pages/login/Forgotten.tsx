import { useState } from "react";
import { onServer } from "~/api/root";
import { Door } from "./Door";
import { Form } from "./Form";
import { EMAIL } from "./fields";

/** A forgotten password, where the server sends mail: it goes to the address, if there is an account of it. */
export function Forgotten() {
  const [asked, setAsked] = useState(false);
  if (asked) {
    return (
      <Door
        title="Look into your mail."
        said="If there is an account of this address, a link for a new password is on its way. It works once, within an hour."
      />
    );
  }
  return (
    <Door title="Forgotten?" said="A link for a new password comes by mail.">
      <Form path="/v1/password-reset/mail" fields={[EMAIL]} action="Send the link" onDone={() => setAsked(true)} />
      <p>
        <a className="link" href={onServer("/sign-in")}>
          Back to signing in
        </a>
      </p>
    </Door>
  );
}
