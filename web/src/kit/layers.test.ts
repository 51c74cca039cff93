import { expect, test } from "vitest";
import { effectScope, nextTick, ref } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { backClosesLayers, useLayer } from "./layers";

const page = { render: () => null };

async function atFill() {
  const history = createMemoryHistory();
  const router = createRouter({
    history,
    routes: ["/", "/fill", "/outbox"].map((path) => ({ path, component: page })),
  });
  backClosesLayers(router, history);
  await router.push("/");
  await router.push("/fill");
  return { router, where: () => router.currentRoute.value.path };
}
const settled = () => new Promise((done) => setTimeout(done, 5));

test("back closes one layer after the other, the uppermost first, and then leaves the page", async () => {
  const { router, where } = await atFill();
  const closed: string[] = [];
  const [photo, sheet] = [effectScope(), effectScope()];
  const layer = (name: string, scope: typeof photo) =>
    scope.run(() =>
      useLayer(() => {
        closed.push(name);
        scope.stop();
      }),
    );
  layer("photo", photo);
  layer("sheet", sheet);
  for (const seen of [["sheet"], ["sheet", "photo"]]) {
    router.back();
    await settled();
    expect([closed, where()]).toEqual([seen, "/fill"]);
  }
  router.back();
  await settled();
  expect(where()).toBe("/");
});

test("a layer that is not open is none, and going on is never held up", async () => {
  const { router, where } = await atFill();
  const scope = effectScope();
  const open = ref(false);
  scope.run(() =>
    useLayer(
      () => (open.value = false),
      () => open.value,
    ),
  );
  open.value = true;
  await nextTick();
  await router.replace("/outbox");
  expect([where(), open.value]).toEqual(["/outbox", true]);
  open.value = false;
  await nextTick();
  router.back();
  await settled();
  expect(where()).toBe("/");
  scope.stop();
});
