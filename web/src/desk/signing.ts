/** Signing in and out at the desk. */
import { keepSession, type Person, session } from "@/accounts/session";
import { api, told } from "@/kit/api";
import { queryClient } from "./queries";

const DEVICE = "dudao.desk.device";

/** This browser under one name for as long as it keeps its storage, so that an administrator can cut it off. */
export function deskDevice(): { id: string; name: string } {
  let id = localStorage.getItem(DEVICE);
  if (!id) {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    id = `desk-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    localStorage.setItem(DEVICE, id);
  }
  return { id, name: `审核台 ${navigator.platform}`.trim() };
}

export async function signIn(username: string, password: string): Promise<Person> {
  const answer = told(
    await api.POST("/api/v1/auth/login", { body: { username, password, device: deskDevice() } }),
  );
  const { access_token, refresh_token, user } = answer as {
    access_token: string;
    refresh_token: string;
    user: Person;
  };
  const { id, name, roles, districts } = user;
  await keepSession({
    access_token,
    refresh_token,
    user: { id, username: user.username, name, roles, districts },
    ended: false,
  });
  return user;
}

/** The server is told if it can be; the sign-in is forgotten here in any case. */
export async function signOut(): Promise<void> {
  if (session.value) await api.POST("/api/v1/auth/logout").catch(() => null);
  await keepSession(null);
  queryClient.clear();
}
