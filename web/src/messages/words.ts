import type { Words } from "@/kit/i18n";

const zh = {
  title: "消息",
  bellUnread: "消息，{n} 条未读",
  countUnread: "{n} 条未读",
  onlyUnread: "只看未读",
  unread: "未读",
  markRead: "标为已读",
  readAll: "本页全部标为已读",
  none: "没有消息",
  noLine: "没有信号，暂时看不到消息。",
  earlier: "更早的消息",
  noneUnread: "没有未读消息",
  noneTodo: "需要您处理或知晓的事情会出现在这里，每分钟自动更新。",
};
const en: Record<keyof typeof zh, string> = {
  title: "Messages",
  bellUnread: "Messages, {n} unread",
  countUnread: "{n} unread",
  onlyUnread: "Unread only",
  unread: "Unread",
  markRead: "Mark as read",
  readAll: "Mark these as read",
  none: "No messages",
  noLine: "No signal: messages cannot be seen now.",
  earlier: "Earlier messages",
  noneUnread: "No unread messages",
  noneTodo: "What you should do or know appears here; asked for every minute.",
};
export default { zh, en } satisfies { zh: Words; en: Words };
