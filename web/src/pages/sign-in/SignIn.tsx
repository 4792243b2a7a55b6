/** Shown to readers without a session. */
export function SignIn() {
  return <main>Run `hiveboard login-link --data-dir …` and open the link it prints.</main>;
}
