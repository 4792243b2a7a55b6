import { expect, test } from "vitest";
import { exactDigits, formatJson, losesDigits, parseJson } from "./json";

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

test("only numbers that would be rounded take the slow way: not ids, not times, not what a float holds", () => {
  expect(losesDigits('{"event_id":"3e4f5a6b-1e22-4e11-9e10-92ec243c568f","at":"2026-11-27T01:08:25.220000Z"}')).toBe(
    false,
  );
  expect(losesDigits('{"rate":0.1234567890123456,"cost":2.5e-05,"at":1764210603.1234567}')).toBe(false);
  expect(losesDigits('{"trace":"9007199254740993"}')).toBe(false);
  expect(losesDigits("[1, 9007199254740993]")).toBe(true);
  expect(losesDigits("9007199254740993")).toBe(true);
  expect(losesDigits('{"n":-1e400}')).toBe(true);
});
