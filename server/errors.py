"""Every refusal the product can give: one catalogue of codes, each with its status and a title in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of refusal: HTTP status, titles, and the seconds of Retry-After where trying again helps."""

    status: int
    zh: str
    en: str
    retry_after: int | None = None


CATALOGUE: dict[str, Entry] = {
    # what was sent cannot be read
    "not-json": Entry(400, "请求内容不是有效的 JSON", "The body is not valid JSON"),
    "body-cut-short": Entry(400, "请求内容不完整，连接可能中断", "The body is shorter than announced", 1),
    "bad-request": Entry(400, "请求有误", "The request is malformed"),
    "tus-header-invalid": Entry(400, "上传协议头有误", "An upload header is missing or malformed"),
    "tus-version-unsupported": Entry(412, "不支持的上传协议版本", "This version of the upload protocol is not supported"),
    "checksum-algorithm-unsupported": Entry(400, "不支持的校验算法", "This checksum algorithm is not supported"),
    # who is asking
    "not-signed-in": Entry(401, "请先登录", "Sign in first"),
    "token-invalid": Entry(401, "登录凭证无效", "The token is not valid"),
    "token-expired": Entry(401, "登录已过期", "The token has expired"),
    "token-reused": Entry(401, "登录凭证被重复使用，已全部注销", "A used token was presented again; the sign-in is revoked"),
    "session-revoked": Entry(401, "此次登录已注销", "This sign-in has been revoked"),
    "credentials-wrong": Entry(401, "用户名或密码不正确", "User name or password is wrong"),
    "link-invalid": Entry(401, "链接无效或已过期", "The link is not valid or has expired"),
    "not-allowed": Entry(403, "没有权限执行此操作", "You may not do this"),
    "own-report": Entry(403, "不能审核自己的报告", "Nobody reviews their own report"),
    "own-decision": Entry(403, "审核通过的人不能复核自己的决定", "Whoever approved it does not take the second look"),
    "original-withheld": Entry(403, "此照片只提供预览图，不提供原图", "Of this photo you may have the preview, not the original"),
    "own-reply": Entry(403, "回复人不能复查自己的整改", "Whoever replied never verifies"),
    # what is not there
    "not-found": Entry(404, "未找到", "Not found"),
    "rendition-pending": Entry(404, "图片正在生成", "The picture is still being made", 2),
    "rendition-not-made": Entry(404, "无法生成此图片", "This picture could not be made"),
    "not-ready": Entry(404, "尚未生成", "Not made yet", 2),
    "export-lost": Entry(404, "导出的文件已不在存储中，请重新导出", "The exported file is no longer in the store; export again"),
    "residents-link-none": Entry(404, "没有有效的居民回访链接", "There is no valid link for residents"),
    "residents-photo-none": Entry(404, "居民没有附照片，或照片已按期删除", "The resident sent no photo, or its days are over"),
    "method-not-allowed": Entry(405, "不支持的请求方法", "This method is not supported here"),
    "not-acceptable": Entry(406, "无法提供所要求的格式", "The asked format is not available"),
    "original-removed": Entry(410, "照片原件已按保存期限清除", "The original was removed by the rule of retention"),
    "export-withdrawn": Entry(410, "导出后您的权限已变更，请重新导出", "What you may see has changed since; export again"),
    "gone": Entry(410, "上传已结束或已过期", "The upload has ended or expired"),
    "length-required": Entry(411, "须以 Content-Length 说明内容长度", "Say by Content-Length how long the body is"),
    # states and versions
    "conflict": Entry(409, "与现有数据冲突", "In conflict with what is there"),
    "report-conflict": Entry(409, "同一版本的报告内容不同，已另行保留", "Other content under the same id and revision; it was kept aside"),
    "report-conflicts-full": Entry(409, "同一版本的报告内容不同；另行保留的内容已满，此份未保留", "Other content under the same id and revision; too much of it is kept aside already, so this was not kept"),
    "report-state": Entry(409, "报告当前状态不允许此操作", "The report's state does not allow this"),
    "revision-stale": Entry(409, "报告已有新版本", "The report has a newer revision"),
    "revision-out-of-order": Entry(409, "版本号不连续", "The revision is not the next one"),
    "correction-reason-missing": Entry(409, "已批准的报告须说明更正理由", "An approved report needs a correction_reason"),
    "already-looked": Entry(409, "该报告已由他人复核", "Somebody else has taken the second look"),
    "review-decided": Entry(409, "该报告已由他人处理", "Somebody else has decided this report"),
    "hold-lifted": Entry(409, "该保全已被解除", "This hold has been lifted already"),
    "flag-settled": Entry(409, "该提示已由他人核销", "This flag has been settled already"),
    "issue-state": Entry(409, "问题当前状态不允许此操作", "The issue's state does not allow this"),
    "issue-changed": Entry(409, "问题已有新的进展", "The issue has moved on"),
    "issue-open-elsewhere": Entry(409, "同一检查项已有未销号问题", "The same item has another open issue here"),
    "issue-conflict": Entry(409, "同一编号的问题内容不同", "Another issue's content under the same id"),
    "photos-awaited": Entry(409, "问题照片尚未收齐", "Photos of the issue are still to come"),
    "contractor-missing": Entry(409, "尚未确定责任单位", "No responsible firm is named yet"),
    "objection-made": Entry(409, "异议只能提出一次", "An objection was made already"),
    "residents-off": Entry(409, "本项目没有开启居民回访", "This programme does not ask its residents"),
    "residents-answered": Entry(409, "已有居民答复，答复只能一次", "A resident has answered already"),
    "extension-open": Entry(409, "已有待处理的延期申请", "A request for more time is waiting already"),
    "reply-conflict": Entry(409, "同一编号的内容不同", "Other content under the same id"),
    "photo-conflict": Entry(409, "同一照片编号内容不同", "Other bytes under the same photo id"),
    "upload-offset": Entry(409, "上传位置不一致", "Upload-Offset is not where the upload stands"),
    "code-taken": Entry(409, "编号已被使用", "This code is taken"),
    "username-taken": Entry(409, "用户名已被使用", "This user name is taken"),
    "checklist-published": Entry(409, "该版本检查表已发布，不可更改", "This checklist version is published and cannot change"),
    "sample-not-alone": Entry(409, "已有正式项目，不能再装入示例", "Real sites are there; the sample is not mixed with them"),
    "site-changed": Entry(409, "项目已被他人修改", "The site was changed meanwhile"),
    "policy-changed": Entry(409, "规则已被他人修改", "The policy was changed meanwhile"),
    "weekly-changed": Entry(409, "周报文字已被他人修改", "The words of the report were changed meanwhile"),
    "weekly-frozen": Entry(409, "周报已定稿，不能再修改", "The report is frozen and does not change any more"),
    "weekly-not-frozen": Entry(409, "周报尚未定稿，不能印发", "The report is not frozen yet and is not sent"),
    "stock-broken": Entry(409, "问题存量不平，不能定稿", "The stock of issues does not add up, so that nothing is frozen"),
    "template-changed": Entry(409, "模板已被他人更换", "Somebody else changed the template meanwhile"),
    "organisation-taken": Entry(409, "已有同名单位", "There is an organisation of this name"),
    "delivery-skipped": Entry(409, "此消息已不需要发送", "Nobody is to be told of this any more"),
    "webhook-taken": Entry(409, "已有同名推送", "There is a webhook of this name"),
    "last-admin": Entry(409, "至少保留一名可登录的管理员", "The last administrator cannot be taken away"),
    "precondition-failed": Entry(412, "内容已不是所指定的版本", "It is no longer the version that you named"),
    # sizes and kinds
    "body-too-large": Entry(413, "内容过大", "The body is too large"),
    "image-too-large": Entry(413, "照片过大", "The photo is too large"),
    "table-bomb": Entry(413, "表格解压后过大", "The table unpacks to too much"),
    "table-too-large": Entry(413, "表格过大", "The table is too large"),
    "unsupported-media-type": Entry(415, "不支持的文件类型", "This type of file is not supported"),
    "polyglot-refused": Entry(415, "文件中夹带其他内容", "The file carries something other than a picture"),
    "bomb-refused": Entry(413, "图片尺寸超过限制", "The picture claims too many pixels"),
    "table-unreadable": Entry(415, "无法读取表格", "The table cannot be read"),
    "range-not-satisfiable": Entry(416, "所请求的范围超出文件", "The range is beyond the file's end"),
    "invalid": Entry(422, "内容有误", "The content is not valid"),
    "template-broken": Entry(409, "模板无法生成此文书，请联系办公室检查模板", "The template cannot draw this paper: the office must mend it"),
    "template-unfit": Entry(422, "模板不符合要求", "The template is not fit for use"),
    "table-no-header": Entry(422, "表格缺少表头", "The table has no header row"),
    "table-rows-invalid": Entry(422, "表格中有错误的行，未导入任何数据", "Some rows are wrong; nothing was imported"),
    "evidence-missing": Entry(422, "核实量须有审核通过且附照片的报告为据", "Verified work needs an approved report with a photo"),
    "photo-missing": Entry(422, "缺少必需的照片", "A required photo is missing"),
    "after-photo-missing": Entry(422, "缺少整改后照片", "An after-photo is missing"),
    "residents-photo-unreadable": Entry(422, "照片无法读取", "The photo cannot be read"),
    "reason-missing": Entry(422, "须说明理由", "A reason is needed"),
    "password-weak": Entry(422, "密码过于简单", "The password is too weak"),
    "password-wrong": Entry(422, "原密码不正确", "The present password is wrong"),
    "code-invalid": Entry(422, "一次性代码无效、已使用或已过期", "The code is not valid, was used or has expired"),
    "busy": Entry(423, "正被另一请求占用", "In use by another request", 1),
    "too-many-guesses": Entry(429, "尝试次数过多", "Too many tries", 60),
    "too-many-uploads": Entry(429, "未完成的上传过多", "Too many unfinished uploads", 60),
    "too-many-exports": Entry(429, "正在生成的导出过多", "Too many exports are being made", 10),
    "checksum-mismatch": Entry(460, "校验和不一致，已丢弃", "The checksum does not match; the bytes were discarded"),
    # the house itself
    "internal": Entry(500, "服务器内部错误", "Something failed inside the server"),
    "database-away": Entry(503, "数据库暂不可用", "The database is away", 5),
    "papers-busy": Entry(503, "正在生成的文书较多，请稍后再试", "Too many papers are being drawn just now", 5),
    "storage-away": Entry(503, "存储暂不可用", "The store is away", 5),
    "evidence-key-away": Entry(503, "签署证据包的密钥不可用", "The key that signs evidence packages is not to be had", 60),
    "service-not-ready": Entry(503, "服务尚未就绪", "Something that the service needs is away", 5),
    "disk-full": Entry(507, "存储空间不足", "The disk is full", 60),
}

Errors = Mapping[str, Any]


class Refusal(Exception):  # noqa: N818 - the site office refuses; it does not err
    """A request is refused. `code` is a key of CATALOGUE; `errors` maps field paths to messages.

    `keep=True` commits what the verb wrote before refusing (a conflicting body kept aside,
    a revoked family, a counted guess); otherwise everything is rolled back.
    """

    def __init__(
        self,
        code: str,
        detail: str | tuple[str, str] | None = None,
        *,
        errors: Errors | None = None,
        keep: bool = False,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.entry = CATALOGUE[code]
        self.detail = detail
        self.errors = errors
        self.keep = keep
        self.retry_after = retry_after if retry_after is not None else self.entry.retry_after
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    @property
    def status(self) -> int:
        return self.entry.status

    def problem(self, language: str) -> dict[str, Any]:
        """The RFC 9457 body in `zh` or `en`. `detail` may be given as a (zh, en) pair."""
        detail = self.detail
        if isinstance(detail, tuple):
            detail = detail[0] if language == "zh" else detail[1]
        title = self.entry.zh if language == "zh" else self.entry.en
        body: dict[str, Any] = {
            "type": f"/api/v1/docs#{self.code}",
            "title": title,
            "status": self.status,
            "detail": detail or title,
            "code": self.code,
        }
        errors = self.errors
        if errors is None and self.status == 422:  # what is malformed is always named, if only as a whole
            errors = {"body": [f"{self.entry.zh} / {self.entry.en}"]}
        if errors is not None:
            body["errors"] = {str(k): v for k, v in errors.items()}
        body.update(self.extra)
        return body


def not_found() -> Refusal:
    """What one may not see and what is not there are the same answer."""
    return Refusal("not-found")


def invalid(field: str, zh: str, en: str, *, code: str = "invalid") -> Refusal:
    """One field is wrong; `field` is its path, such as `answers.3.value`."""
    return Refusal(code, (f"{field}:{zh}", f"{field}: {en}"), errors={field: [f"{zh} / {en}"]})
