import { expect, test } from "vitest";
import { exactDigits, formatJson, parseJson } from "./json";

test("numbers over 2^53 in payloads keep every digit, and can be copied so", () => {
  const event = parseJson(
    '{"seq":7,"payload":{"order":9007199254740993,"rate":0.12345678901234567891,"big":1e400,"n":[1]}}',
  ) as {
    payload: Record<string, unknown>;
  };
  expect(exactDigits(event.payload.order)).toBe("9007199254740993");
  expect(formatJson(event.payload)).toBe(
    '{"order":9007199254740993,"rate":0.12345678901234567891,"big":1e400,"n":[1]}',
  );
});

test("figures outside of payloads are numbers whatever their size", () => {
  expect(parseJson('{"totals":{"tokens_in":9007199254740993},"data":[{"payload":null,"cost":1e-9}]}')).toEqual({
    totals: { tokens_in: 9007199254740992 },
    data: [{ payload: null, cost: 1e-9 }],
  });
});

test("what the exact parser refuses is read all the same", () => {
  expect(parseJson('{"payload":{"a":9007199254740993,"a":1}}')).toEqual({ payload: { a: 1 } });
});
