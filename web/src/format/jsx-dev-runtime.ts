import { jsxDEV as element, Fragment, type JSX } from "react/jsx-dev-runtime";
import { legibleProps } from "./legible";

/** jsx-runtime.ts, as the development server asks for it. */
export type { JSX };
export { Fragment };

export const jsxDEV: typeof element = (type, props, ...rest) => element(type, legibleProps(props), ...rest);
