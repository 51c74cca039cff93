/** What is filled in about a person, and what of it is missing. */
import type { PersonRow } from "@/desk/types";

export interface PersonForm {
  username: string;
  name: string;
  phone: string;
  email: string;
  roles: string[];
  districts: string[];
  organisation_id: string;
}

export const EMPTY: PersonForm = {
  username: "",
  name: "",
  phone: "",
  email: "",
  roles: [],
  districts: [],
  organisation_id: "",
};

export function formOf(person: PersonRow): PersonForm {
  const { username, name, roles, districts } = person;
  return {
    username,
    name,
    roles: [...roles],
    districts: [...districts],
    phone: person.phone ?? "",
    email: person.email ?? "",
    organisation_id: person.organisation_id ?? "",
  };
}

/** Keys of words for what is missing; the server checks the rest. */
export function missing(form: PersonForm): string[] {
  const keys = (["username", "name", "roles"] as const).filter(
    (field) => !form[field].length || (typeof form[field] === "string" && !form[field].trim()),
  );
  const found = keys.map((field) => `need:${field}`);
  if (form.roles.includes("supervisor") && !form.districts.length) found.push("supervisorNeeds");
  if (form.roles.includes("contractor") && !form.organisation_id) found.push("contractorNeeds");
  return found;
}

type Role = "inspector" | "supervisor" | "contractor" | "office" | "admin";

export function bodyOf(form: PersonForm) {
  return {
    name: form.name.trim(),
    phone: form.phone.trim() || null,
    email: form.email.trim() || null,
    roles: form.roles as Role[],
    districts: form.districts,
    organisation_id: form.organisation_id || null,
  };
}
