import { expect, test } from "vitest";
import { createApp, h } from "vue";
import { createMemoryHistory, createRouter, RouterView } from "vue-router";
import { useFilters } from "./useFilters";

type Used = ReturnType<typeof useFilters>;

async function opened(address: string): Promise<Used> {
  let used: Used | null = null;
  const page = {
    setup() {
      used = useFilters(["q", "state"]);
      return () => h("p");
    },
  };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: "/list", component: page }],
  });
  await router.push(address);
  createApp({ render: () => h(RouterView) })
    .use(router)
    .mount(document.createElement("div"));
  await router.isReady();
  return used as unknown as Used;
}

test("two filters changed in one moment are both there", async () => {
  const { filters, set } = await opened("/list?page=2");
  await Promise.all([set({ q: "柳巷" }), set({ state: "approved" })]);
  expect(filters.value).toEqual({ q: "柳巷", state: "approved" });
  await set({ q: "" });
  expect(filters.value).toEqual({ state: "approved" });
});

test("cleared is cleared, also while a change is on its way", async () => {
  const { filters, set, clear } = await opened("/list?q=x");
  await Promise.all([set({ state: "approved" }), clear()]);
  expect(filters.value).toEqual({});
  await set({ q: "y" });
  expect(filters.value).toEqual({ q: "y" });
});
