import type { Words } from "./i18n";

const zh = {
  app: "督导",
  sites: "小区",
  mine: "我的检查",
  outbox: "发件箱",
  me: "我",
  back: "返回",
  cancel: "取消",
  ok: "确定",
  save: "保存",
  retry: "重试",
  close: "关闭",
  loading: "正在读取…",
  noLine: "没有信号。内容已存在本机，恢复信号后再试。",
  newer: "新版本已下载。已填内容不受影响。",
  useNewer: "立即更新",
  later: "稍后",
};
const en: Record<keyof typeof zh, string> = {
  app: "Dudao",
  sites: "Sites",
  mine: "My inspections",
  outbox: "Outbox",
  me: "Me",
  back: "Back",
  cancel: "Cancel",
  ok: "OK",
  save: "Save",
  retry: "Try again",
  close: "Close",
  loading: "Loading…",
  noLine: "No signal. Everything is kept on this phone; try again when there is one.",
  newer: "A new version is here. What you typed stays.",
  useNewer: "Update",
  later: "Later",
};
export default { zh, en } satisfies { zh: Words; en: Words };
