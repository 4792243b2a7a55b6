/** Text with the words of a search marked in it. */
export function Highlight({ text, search }: { text: string; search: string }) {
  const words = search.split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return text;
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "gi");
  return text.split(pattern).map((part, index) =>
    // Splitting by a group puts the matches at the odd places.
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts have no other identity and are drawn anew together
    index % 2 === 1 ? <mark key={index}>{part}</mark> : part,
  );
}
