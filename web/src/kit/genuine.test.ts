import { expect, test } from "vitest";
import { isGenuine } from "./genuine";

const answer = (type: string, text = "", status = 200) =>
  new Response(text, { status, headers: { "Content-Type": type } });
const scripts = ["assets/index-abc.js"];
const portal = () => answer("text/html; charset=utf-8", "<h1>Hotel WiFi</h1>");

test.each(["/", "/assets/a.js", "/assets/a.css", "/icons/192.png", "/manifest.webmanifest"])(
  "a Wi-Fi's sign-in page is not taken for %s",
  async (path) => {
    expect(await isGenuine(path, portal(), scripts)).toBe(false);
  },
);

test.each([
  ["/", answer("text/html", '<script type="module" src="/assets/index-abc.js"></script>')],
  ["/assets/a.js", answer("text/javascript; charset=utf-8")],
  ["/assets/a.js", answer("application/javascript")],
  ["/assets/a.css", answer("text/css")],
  ["/icons/192.png", answer("image/png")],
])("what the server gives for %s is", async (path, given) => {
  expect(await isGenuine(path, given, scripts)).toBe(true);
});

test("a refusal never is", async () => {
  expect(await isGenuine("/assets/a.js", answer("text/javascript", "", 502), scripts)).toBe(false);
});
