import { beforeEach, expect, it } from "vitest";
import { rememberedOrder, useOrder } from "./order";

beforeEach(() => localStorage.clear());

it("begins with the oldest and keeps what was chosen", () => {
  const { order, setOrder } = useOrder();
  expect(order.value).toBe("oldest");
  setOrder("newest");
  expect(useOrder().order.value).toBe("newest");
});

it("takes what it does not know for the oldest first", () => {
  expect(rememberedOrder({ getItem: () => "sideways" })).toBe("oldest");
});
