import { expect, test } from "vitest";
import { effectScope, nextTick, ref } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { backClosesLayers, useLayer } from "./layers";
import { sure } from "./sure";

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

test("back says no to a question, and the page stays", async () => {
  const { router, where } = await atFill();
  const answer = sure({ message: "移除?" });
  await settled();
  router.back();
  expect([await answer, where()]).toEqual([false, "/fill"]);
  await settled();
  router.back();
  await settled();
  expect(where()).toBe("/");
});

test("what was answered by its buttons is no layer any more", async () => {
  const { router, where } = await atFill();
  for (const [button, said] of [
    ["confirm", true],
    ["cancel", false],
  ] as const) {
    const answer = sure({ message: "移除?" });
    await settled();
    document.querySelector<HTMLButtonElement>(`.van-dialog__${button}`)?.click();
    expect(await answer).toBe(said);
  }
  router.back();
  await settled();
  expect(where()).toBe("/");
});
