import { jsx as element, jsxs as elements, Fragment, type JSX } from "react/jsx-runtime";
import { legibleProps } from "./legible";

/**
 * React's own, with one promise more: no text of the page hides anything. Whatever an element says comes through here, so that no place
 * which shows a name, a message or a payload can forget it. Names go through `legible()` besides, where their spaces matter.
 */
export type { JSX };
export { Fragment };

export const jsx: typeof element = (type, props, key) => element(type, legibleProps(props), key);

export const jsxs: typeof elements = (type, props, key) => elements(type, legibleProps(props), key);
