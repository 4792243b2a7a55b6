/** The types of the committed API document, as text. */
export function generate(): Promise<string>;
