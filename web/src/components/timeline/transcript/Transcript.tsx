export function Transcript(_: Record<string, unknown>) {
  return <div />;
}
