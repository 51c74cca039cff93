/** The phone's pages: what an inspector carries. Every page works with no signal. */
// Vant's components bring their own styles; these are for what is called from code.
import "vant/es/dialog/style";
import "vant/es/toast/style";
import "@/kit/phone.css";
import { createApp } from "vue";
import { createRouter, createWebHashHistory } from "vue-router";
import { isInspecting } from "@/accounts/roles";
import SignInPage from "@/accounts/SignInPage.vue";
import { loadSession, mustStartAnew, session } from "@/accounts/session";
import words from "@/accounts/words";
import checklists from "@/checklists/words";
import siteIssues from "@/issues/siteIssues.words";
import { isNewOwner } from "@/kit/db";
import { makeI18n, preferred, remember } from "@/kit/i18n";
import { backClosesLayers } from "@/kit/layers";
import { sayWhatIsNotKept } from "@/kit/notKept";
import { watchForUpdates } from "@/kit/update";
import kit from "@/kit/words";
import messages from "@/messages/words";
import operation from "@/operation/words";
import { startSending } from "@/outbox/engine";
import outbox from "@/outbox/words";
import PhoneApp from "@/PhoneApp.vue";
import photos from "@/photos/words";
import programme from "@/programme/words";
import reports from "@/reports/words";
import { startPulling } from "@/sync/pull";

/** A page that is fetched once this one runs: where it is not here yet, and no line, that is said. */
const later = (load: () => Promise<unknown>) => () => load().catch(() => import("@/kit/NotHere.vue"));

const history = createWebHashHistory();
const router = createRouter({
  history,
  routes: [
    { path: "/", name: "sites", component: () => import("@/programme/SitesPage.vue"), meta: { tab: true } },
    { path: "/sites/:id", name: "site", component: () => import("@/programme/SitePage.vue"), props: true },
    { path: "/fill/:id", name: "fill", component: () => import("@/reports/FillPage.vue"), props: true },
    {
      path: "/rectify",
      name: "rectify",
      component: later(() => import("@/rectification/ListPage.vue")),
      meta: { tab: true, everybody: true },
    },
    {
      path: "/tasks",
      name: "tasks",
      component: later(() => import("@/verification/TasksPage.vue")),
      meta: { tab: true },
    },
    {
      path: "/issues/:id",
      name: "issue",
      component: later(() => import("@/moves/IssuePage.vue")),
      props: true,
      meta: { everybody: true },
    },
    {
      path: "/moves/:id",
      name: "move",
      component: later(() => import("@/moves/MovePage.vue")),
      props: true,
      meta: { everybody: true },
    },
    { path: "/mine", name: "mine", component: () => import("@/reports/MinePage.vue"), meta: { tab: true } },
    {
      path: "/outbox",
      name: "outbox",
      component: () => import("@/outbox/OutboxPage.vue"),
      meta: { tab: true, everybody: true },
    },
    {
      path: "/me",
      name: "me",
      component: () => import("@/accounts/MePage.vue"),
      meta: { tab: true, everybody: true },
    },
    {
      path: "/inbox",
      name: "inbox",
      component: later(() => import("@/messages/PhoneInbox.vue")),
      meta: { everybody: true },
    },
    {
      path: "/sign-in",
      name: "sign-in",
      component: SignInPage, // the first thing a new phone shows: not one more way to the server and back
      meta: { open: true },
    },
    {
      path: "/diagnostics",
      name: "diagnostics",
      component: () => import("@/operation/DiagnosticsPage.vue"),
      meta: { open: true },
    },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});

backClosesLayers(router, history);
router.beforeEach((to) => {
  if (to.meta.open) return true;
  if (!session.value) return { name: "sign-in", query: { to: to.fullPath } };
  // Who works for a contractor has issues to put right, and no sites, checklists or reports.
  return isInspecting.value || to.meta.everybody ? true : { name: "rectify" };
});

async function start(): Promise<void> {
  remember(preferred());
  // Where nothing can be kept the page still has to say so.
  await loadSession().catch((error) => console.error("no database", error));
  if (mustStartAnew()) {
    window.location.reload();
    return;
  }
  const i18n = makeI18n({
    kit,
    accounts: words,
    checklists,
    messages,
    operation,
    outbox,
    photos,
    programme,
    reports,
    siteIssues,
  });
  window.addEventListener("storage", (event) => isNewOwner(event) && window.location.reload());
  const app = createApp(PhoneApp).use(router).use(i18n);
  sayWhatIsNotKept(app, i18n.global.t);
  app.mount("#app");
  startPulling();
  startSending();
  watchForUpdates();
}

void start();
