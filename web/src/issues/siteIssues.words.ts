import type { Words } from "@/kit/i18n";

const zh = {
  title: "未销号问题",
  minor: "一般",
  major: "较大",
  critical: "重大",
  due: "期限 {day}",
  overdue: "已逾期，期限 {day}",
  draft: "草稿",
  pending_issue: "待下发",
  issued: "待整改",
  rectifying: "整改中",
  pending_verification: "待复查",
  rejected: "复查不合格",
  reopened: "反弹",
};
const en: Record<keyof typeof zh, string> = {
  title: "Open issues",
  minor: "Minor",
  major: "Major",
  critical: "Critical",
  due: "due {day}",
  overdue: "overdue since {day}",
  draft: "Draft",
  pending_issue: "To be issued",
  issued: "Issued",
  rectifying: "Being rectified",
  pending_verification: "To be verified",
  rejected: "Failed verification",
  reopened: "Reopened",
};
export default { zh, en } satisfies { zh: Words; en: Words };
