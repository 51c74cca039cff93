/** The wire's shapes under the names that the desk uses. */
import type { Whole } from "@/kit/db";
import type { components } from "@/kit/wire";

type Schemas = components["schemas"];

export type District = Schemas["DistrictOut"];
export type ReportRow = Whole<Schemas["ReportRow"]>;
export type Report = Whole<Schemas["ReportOut"]>;
export type WholeIssue = Whole<Schemas["WholeIssueOut"]>;
export type Gallery = Report["gallery"][number];
export type ChecklistShape = Whole<Schemas["ChecklistShape"]>;
export type ChecklistItem = ChecklistShape["sections"][number]["items"][number];
export type Weekly = Whole<Schemas["WeeklyOut"]>;
export type Summary = Whole<Schemas["SummaryOut"]>;
export type SiteRow = Whole<Schemas["NearSiteOut"]>;
export type SiteChange = Whole<Schemas["ChangeOut"]>;
export type ImportResult = Whole<Schemas["ProgrammeImportOut"]>;
export type PersonRow = Whole<Schemas["PersonOut"]>;
export type DeviceRow = Whole<Schemas["DeviceOut"]>;
export type AuditEvent = Whole<Schemas["EventOut"]>;
export type Organisation = Whole<Schemas["OrganisationOut"]>;
