/** Whether an answer is the file that was asked for: the sign-in page of somebody's Wi-Fi answers every address with 200. */

/** `scripts`: addresses of this version's scripts, one of which its page names. */
export async function isGenuine(path: string, answer: Response, scripts: string[]): Promise<boolean> {
  if (!answer.ok) return false;
  const type = answer.headers.get("Content-Type") ?? "";
  if (path.endsWith(".js")) return type.includes("javascript");
  if (path.endsWith(".css")) return type.startsWith("text/css");
  if (path !== "/") return !type.startsWith("text/html");
  const page = await answer.clone().text();
  return scripts.some((script) => page.includes(script));
}
