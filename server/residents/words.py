"""What the residents' page says, in both languages."""

from __future__ import annotations

from server.kit.i18n import Language

Words = dict[str, str]

ZH: Words = {
    "title": "整改回访", "other": "English", "other_code": "en",
    "lead": "这个问题已经报告整改完成。请您看一看现场，告诉我们是否真的修好了。",
    "site": "小区", "was": "问题", "before": "整改前", "after": "整改后",
    "before_alt": "整改前的照片", "after_alt": "整改后的照片",
    "question": "修好了吗？", "yes": "是，修好了", "no": "否，没修好",
    "comment": "补充说明（可不填）", "comment_hint": "最多 500 字。请不要写姓名、电话或门牌号。",
    "photo": "拍一张现场照片（可不填）", "photo_hint": "照片里的拍摄位置等信息会被清除，只保留画面。",
    "send": "提交", "error": "没有提交成功",
    "privacy": "无需登录，也不记录您是谁。您的说明和照片只供监管人员查看，"
               "{keep} 天后删除（依法须作证据保全的，至保全解除）。每个链接只能答复一次。",
    "answer-missing": "请先选择“是”或“否”。",
    "comment-long": "说明太长，最多 500 字。",
    "photos-many": "只能附一张照片。",
    "photo-bad": "这张照片无法使用，请重新拍一张，或者不附照片。",
    "photo-large": "照片太大，请换一张小于 20 MB 的照片，或者不附照片。",
    "cut": "内容没有传完整，可能是网络中断，请再试一次。",
    "away": "系统暂时繁忙，请过几分钟再试。",
    "form": "请用页面上的表单提交。",
    "again": "如已选择照片，请重新选择。",
    "slow_title": "请稍后再试", "slow": "提交次数过多，请在大约 {minutes} 分钟后再试。",
    "thanks": "谢谢您！", "thanks_yes": "已记录：修好了。您的答复帮助我们把好质量关。",
    "thanks_no": "已记录：没有修好。监管人员会重新查看这个问题。",
    "answered_title": "已经有人答复", "answered": "这个问题已经有人答复过了，每个链接只能答复一次。谢谢您的关心。",
    "closed_title": "这个链接不能使用", "closed": "它可能已经有人答复、已经过期，或者地址不完整。谢谢您的关心。",
    "end": "可以关闭此页面了。",
}
EN: Words = {
    "title": "Your word on a repair", "other": "中文", "other_code": "zh",
    "lead": "This problem was reported as put right. Please have a look and tell us whether it really is.",
    "site": "Place", "was": "Problem", "before": "Before", "after": "After",
    "before_alt": "Photo from before the work", "after_alt": "Photo from after the work",
    "question": "Is it fixed?", "yes": "Yes, it is fixed", "no": "No, it is not",
    "comment": "Anything to add (optional)",
    "comment_hint": "At most 500 characters. Please give no name, telephone or flat number.",
    "photo": "A photo of how it is now (optional)",
    "photo_hint": "Where it was taken and the like is removed; only the picture is kept.",
    "send": "Send", "error": "It was not sent",
    "privacy": "No sign-in, and we do not record who you are. Only inspectors read your words and see your photo; both are "
               "deleted after {keep} days, or later where the law has us keep evidence. Each link takes "
               "one answer.",
    "answer-missing": "Please choose yes or no first.",
    "comment-long": "That is too long: at most 500 characters.",
    "photos-many": "Only one photo can be sent.",
    "photo-bad": "This photo cannot be used. Please take another, or send none.",
    "photo-large": "The photo is too large. Please choose one below 20 MB, or send none.",
    "cut": "Not all of it arrived; the connection may have broken. Please try again.",
    "away": "The system is busy. Please try again in a few minutes.",
    "form": "Please use the form on this page.",
    "again": "If you chose a photo, please choose it again.",
    "slow_title": "Please wait", "slow": "That was sent too often. Please try again in about {minutes} min.",
    "thanks": "Thank you!", "thanks_yes": "Noted: it is fixed. Your answer helps us to keep the work good.",
    "thanks_no": "Noted: it is not fixed. An inspector will look at it again.",
    "answered_title": "It was answered already",
    "answered": "Somebody has answered this already, and each link takes one answer. Thank you for caring.",
    "closed_title": "This link cannot be used",
    "closed": "It may have been answered, may have expired, or may not be complete. Thank you for caring.",
    "end": "You can close this page.",
}


def words(language: Language) -> Words:
    return ZH if language == "zh" else EN
