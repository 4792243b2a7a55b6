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
