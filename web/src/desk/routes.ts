/** Where the desk's pages are, and who may open them. */
import { ref } from "vue";
import { createRouter, createWebHashHistory, type RouteRecordRaw } from "vue-router";
import { session } from "@/accounts/session";
import { mayOpen, worksAtDesk } from "./roles";

const pages: RouteRecordRaw[] = [
  { path: "/", redirect: "/reviews" },
  { path: "/reviews", name: "reviews", component: () => import("@/reviews/ReviewPage.vue") },
  { path: "/reports", name: "reports", component: () => import("@/reviews/ReportsPage.vue") },
  { path: "/reports/:id", name: "report", component: () => import("@/reviews/ReportPage.vue"), props: true },
  { path: "/photos/:id", name: "photo", component: () => import("@/reviews/PhotoPage.vue"), props: true },
  { path: "/issues", name: "issues", component: () => import("@/issues/IssuesPage.vue") },
  { path: "/issues/:id", name: "issue", component: () => import("@/issues/IssuePage.vue"), props: true },
  {
    path: "/issues/:id/poster",
    name: "poster",
    component: () => import("@/residents/PosterPage.vue"),
    props: true,
  },
  { path: "/follow-ups", name: "follow-ups", component: () => import("@/issues/FollowUpsPage.vue") },
  {
    path: "/second-looks",
    name: "second-looks",
    component: () => import("@/evidence/looks/SecondLooksPage.vue"),
  },
  { path: "/documents", name: "documents", component: () => import("@/documents/DocumentsPage.vue") },
  { path: "/exports", name: "exports", component: () => import("@/exports/ExportsPage.vue") },
  { path: "/messages", name: "messages", component: () => import("@/messages/InboxPage.vue") },
  { path: "/weekly", name: "weekly", component: () => import("@/weekly/WeeklyPage.vue") },
  {
    path: "/weekly/recipients",
    name: "weekly-recipients",
    component: () => import("@/weekly/RecipientsPage.vue"),
  },
  { path: "/weekly/:id", name: "week", component: () => import("@/weekly/WeekPage.vue"), props: true },
  { path: "/programme", name: "programme", component: () => import("@/desk/programme/ProgrammePage.vue") },
  {
    path: "/programme/matrix",
    name: "matrix",
    component: () => import("@/desk/programme/overview/MatrixPage.vue"),
  },
  {
    path: "/programme/unvisited",
    name: "unvisited",
    component: () => import("@/desk/programme/overview/UnvisitedPage.vue"),
  },
  {
    path: "/programme/schedule",
    name: "schedule",
    component: () => import("@/desk/programme/overview/SchedulePage.vue"),
  },
  { path: "/sites", name: "sites", component: () => import("@/desk/programme/SitesPage.vue") },
  { path: "/sites/import", name: "import", component: () => import("@/desk/programme/ImportPage.vue") },
  { path: "/sites/:id", name: "site", component: () => import("@/desk/programme/SitePage.vue"), props: true },
  { path: "/checklists", name: "checklists", component: () => import("@/desk/programme/ChecklistsPage.vue") },
  { path: "/policy", name: "policy", component: () => import("@/desk/programme/PolicyPage.vue") },
  {
    path: "/templates",
    name: "templates",
    component: () => import("@/documents/templates/TemplatesPage.vue"),
  },
  { path: "/webhooks", name: "webhooks", component: () => import("@/messages/webhooks/WebhooksPage.vue") },
  { path: "/people", name: "people", component: () => import("@/desk/people/PeoplePage.vue") },
  { path: "/retention", name: "retention", component: () => import("@/retention/RetentionPage.vue") },
  { path: "/audit", name: "audit", component: () => import("@/audit/AuditPage.vue") },
  {
    path: "/queue-file",
    name: "queue-file",
    component: () => import("./queueFile/QueueFilePage.vue"),
    meta: { open: true, alone: true },
  },
  {
    path: "/sign-in",
    name: "sign-in",
    component: () => import("./SignInPage.vue"),
    meta: { open: true, alone: true },
  },
  { path: "/:rest(.*)*", name: "lost", component: () => import("./LostPage.vue"), meta: { open: true } },
];

/** The page that could not be loaded, while that is so. */
export const lostPage = ref<string | null>(null);

export function makeRouter() {
  const router = createRouter({ history: createWebHashHistory(), routes: pages });
  router.beforeEach((to) => {
    if (to.meta.open) return true;
    const roles = session.value?.user.roles ?? [];
    if (!worksAtDesk(roles)) return { name: "sign-in", query: { to: to.fullPath } };
    return mayOpen(String(to.name), roles) ? true : { name: "lost", params: { rest: ["not-yours"] } };
  });
  // A page's code comes when it is first opened: a cut line or a new release can keep it away.
  router.onError((_error, to) => {
    if (lostPage.value && navigator.onLine) {
      location.hash = to.fullPath;
      location.reload(); // a second time with a line: the server has a newer release
    }
    lostPage.value = to.fullPath;
  });
  router.afterEach(() => {
    lostPage.value = null;
  });
  return router;
}
