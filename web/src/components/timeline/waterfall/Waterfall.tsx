export function Waterfall(_: Record<string, unknown>) {
  return <div />;
}
