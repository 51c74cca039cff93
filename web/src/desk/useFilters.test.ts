import { expect, test, vi } from "vitest";
import { createApp, h } from "vue";
import { createMemoryHistory, createRouter, RouterView } from "vue-router";
import { useFilters } from "./useFilters";

type Used = ReturnType<typeof useFilters>;
type Page = { render: () => ReturnType<typeof h> };

async function opened(address: string, site: () => Promise<Page> = async () => ({ render: () => h("h1") })) {
  let used: Used | null = null;
  const page = {
    setup() {
      used = useFilters(["q", "state"]);
      return () => h("p");
    },
  };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: "/list", component: page },
      { path: "/site", component: site },
    ],
  });
  await router.push(address);
  createApp({ render: () => h(RouterView) })
    .use(router)
    .mount(document.createElement("div"));
  await router.isReady();
  return { ...(used as unknown as Used), router };
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

test("a search typed a moment before the click does not call back who goes", async () => {
  let arrive: (page: Page) => void = () => undefined;
  const site = () => new Promise<Page>((here) => (arrive = here));
  const lazily = vi.fn(site);
  const { set, router } = await opened("/list", lazily);
  const going = router.push("/site");
  await vi.waitFor(() => expect(lazily).toHaveBeenCalled());
  await set({ q: "柳巷" });
  arrive({ render: () => h("h1") });
  await going;
  expect(router.currentRoute.value.fullPath).toBe("/site");
});

test("where the other page does not come, the list may be searched", async () => {
  const { set, router } = await opened("/list", () => Promise.reject(new Error("no line")));
  await router.push("/site").catch(() => undefined);
  await set({ q: "柳巷" });
  expect(router.currentRoute.value.query).toEqual({ q: "柳巷" });
});

test("who is kept on the list may search it", async () => {
  const { set, router } = await opened("/list");
  router.beforeEach((to) => to.path !== "/site");
  await router.push("/site");
  await set({ q: "柳巷" });
  expect(router.currentRoute.value.query).toEqual({ q: "柳巷" });
});
