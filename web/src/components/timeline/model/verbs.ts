/** Verbs that name work, with their past where it is not just `-ed`; spelled as names spell them. */
const IRREGULAR: Record<string, string> = {
  get: "got",
  send: "sent",
  find: "found",
  write: "wrote",
  read: "read",
  make: "made",
  build: "built",
  run: "ran",
  take: "took",
  give: "gave",
  pay: "paid",
  buy: "bought",
  sell: "sold",
  draw: "drew",
  choose: "chose",
  begin: "began",
  put: "put",
  set: "set",
  split: "split",
  cut: "cut",
  keep: "kept",
  think: "thought",
  rewrite: "rewrote",
  withdraw: "withdrew",
  ask: "asked",
  plan: "planned",
  submit: "submitted",
  map: "mapped",
  scan: "scanned",
  stop: "stopped",
  log: "logged",
  crop: "cropped",
  embed: "embedded",
  verify: "verified",
  classify: "classified",
  notify: "notified",
  apply: "applied",
  reply: "replied",
  copy: "copied",
  query: "queried",
  identify: "identified",
  qualify: "qualified",
  modify: "modified",
  simplify: "simplified",
  retry: "retried",
  specify: "specified",
};
const REGULAR =
  "load fetch search gather check issue create update delete draft decide diagnose summarise summarize score rank enrich route assign validate parse extract transform convert merge deploy compile test review analyse analyze generate post publish upload download export import save store sync call charge refund credit cancel approve reject escalate schedule collect compare compute calculate resolve execute process prepare render translate triage label filter sort open close clean count crawl scrape browse evaluate estimate forecast predict detect match lookup pick select retrieve index chunk answer respond message invoice transfer reconcile book reserve confirm close monitor watch inspect report research investigate explore refine finalise finalize format compose propose negotiate reason reflect critique grade outline assess patch commit push pull clone lint fix debug attach locate describe introduce welcome onboard enrol push pull watch wait dispatch acknowledge translate paraphrase announce accept decline allocate assemble audit authenticate authorise authorize backfill batch benchmark cache calibrate cross configure connect correct decode decrypt deduplicate define deliver deprecate design encode encrypt escrow expire flag flush format frame guess handle ingest initialise initialize install join learn link list lock look mark measure migrate mock move order page perform ping prioritise prioritize probe profile provision prune purge quote queue recall receive recommend record recover redact refresh register release remove rename repair replace replay request reset restart restore revert revise revoke rotate sanitise sanitize seed separate serialise shape shorten sign skip spell start subscribe suggest suspend sweep switch tag tokenise tokenize trace train trigger trim tune turn unlock unpack vectorise visit vote warm wrap zip".split(
    " ",
  );

const PAST = new Map<string, string>([
  ...REGULAR.map((verb): [string, string] => [verb, verb.endsWith("e") ? `${verb}d` : `${verb}ed`]),
  ...Object.entries(IRREGULAR),
]);

export interface Deed {
  /** `load ticket` */
  base: string;
  /** `loaded ticket` */
  past: string;
}

/** Reads `load_ticket` or `loadTicket` as a deed; null when its first word is no verb we know. */
export function deedOf(name: string): Deed | null {
  const words = wordsOf(name);
  const verb = words[0] ?? "";
  const past = PAST.get(verb);
  if (past === undefined) return null;
  const rest = words.slice(1).join(" ");
  return { base: `${verb} ${rest}`.trim(), past: `${past} ${rest}`.trim() };
}

/** The words of an identifier, in lower case. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[\s_\-./:]+/)
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
}

const NUMBERS = [
  "no",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];

/** Small numbers as words. */
export function inWords(count: number): string {
  return NUMBERS[count] ?? count.toLocaleString("en-US");
}

const ORDINALS = ["", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

export function ordinalWord(count: number): string {
  return ORDINALS[count] ?? `${count}th`;
}
