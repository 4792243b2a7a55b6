import { useState } from "react";
import { Door } from "./Door";
import { Form } from "./Form";
import { linkToken, NEW_PASSWORD } from "./fields";

/** A forgotten password: the link of `hiveboard members reset` was followed. */
export function Reset() {
  const [token] = useState(linkToken);
  return (
    <Door title="Set a new password." said="It counts at once. Wherever you are signed in now, you are signed out.">
      <Form
        path="/v1/password-reset"
        fields={[NEW_PASSWORD]}
        along={{ token: token ?? "" }}
        action="Set the password"
      />
    </Door>
  );
}
