/**
 * How many entries of a list a key passes, down or up; zero for another key.
 *
 * @param count of all entries
 * @param page of entries that Page Up and Page Down pass
 */
export function stepOf(key: string, count: number, page: number): number {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -count,
    End: count,
  };
  return steps[key] ?? 0;
}
