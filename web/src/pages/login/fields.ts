import type { Field } from "./Form";

export const NAME: Field = { name: "name", label: "Your name", type: "text", autoComplete: "name" };
export const EMAIL: Field = { name: "email", label: "E-mail address", type: "email", autoComplete: "username" };
export const PASSWORD: Field = {
  name: "password",
  label: "Password",
  type: "password",
  autoComplete: "current-password",
};
export const NEW_PASSWORD: Field = {
  name: "password",
  label: "New password",
  type: "password",
  autoComplete: "new-password",
  hint: "10 characters or more; a few words that only you put together do well.",
};

/** What a link carries behind the `#`, which browsers send to no server. */
export function linkToken(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("token");
}
