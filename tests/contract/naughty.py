"""Strings that break programs which trust text, by the way in which they do it; our own list."""

from __future__ import annotations

SQL = [
    "'", "''", '"', "\\'", "1' or '1'='1", "'; drop table report;--", "') union select null,null--", "%", "_", "%_%",
    "\\%", "x' and sleep(9)--", "1;select pg_sleep(9)", "$$ $1 :name ?", "/*", "select(0)from(select(sleep(9)))v",
    "E'\\\\'", "' || version() || '", "NULL", "nextval('change_seq_seq')",
]
SHELL = [
    "$(id)", "`id`", "; ls", "| cat /etc/passwd", "&& reboot", "> /dev/null", "-rf", "--help", "$HOME", "%PATH%", "*",
    "~", "\\\\host\\share",
]
TEMPLATE = ["{{7*7}}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "{% debug %}", "{0.__class__}", "{}", "{", "}", "@{x}",
    "[[7*7]]"]
FORMAT = ["%s%s%s%s", "%n", "%d", "%(name)s", "%%", "%x%x", "{:>999999999}", "{0!r:^30}", "%1$*2$d"]
PATH = [
    "../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "file:///etc/passwd", "....//....//", "a/b", "a\\b",
    ".", "..", "con", "nul.txt", "C:\\", "x" * 255, "%2e%2e%2f", "%00", "a.jpg/.php",
]
MARKUP = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "\"><svg onload=alert(1)>",
    "&lt;&amp;&#0;", "<!--", "]]>", "<![CDATA[x]]>",
    "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "<?xml version='1.0'?>", "</title>", "\u2028\u2029",
]
TABLE = ["=1+1", "=cmd|' /c calc'!A0", "+1", "-1", "@sum(1)", "\t=1", "a,b", 'a"b', "a\nb", "a\r\nb", "a\rb", ";",
    "=HYPERLINK(\"http://x\")"]
JSON = ['{"a":1}', "[]", "null", "true", "\"", "\\u0000", "\\ud800", "{\"__proto__\":{}}", "__proto__",
    "constructor", "toString"]
NUMBERS = [
    "0", "-0", "00", "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "0x10", "1_000", "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "1.0", "1,5", "٣", "１２３", "½", "²", "0.1e-400", "1" * 400,
]
DAYS = [
    "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-13-01", "2026-W01-1", "2026-11-20",
    "-0001-01-01", "2026-11-20T24:00:00Z", "2026-11-20T23:59:60Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2026-11-20T09:00:00+25:00", "２０２６-11-20", "2026-11-20 09:00:00", "1e9",
]
UNICODE = [
    "𬭎𬬻𫟹", "𠮷野家", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👍🏿", "Ω≈ç√", "ñ", "n\u0303", "ﬁ", "İi", "ß", "ẞ", "ﷺ",
    "가",
    "\u1112\u1161\u11ab", "Z̷̢̡̛͓" + "\u0301" * 200,
    "\u202eevil\u202c", "\u200b", "a\u200db", "\ufeff", "\u00a0", "\u3000", "\u2060", "\u00ad", "\ufffd", "\ufffe",
    "\uffff", "\U0010ffff", "\ue000", "\U000e0001", "ａｄｍｉｎ", "аdmin", "Ⅷ", "㊙", "\u0085", "\u180e", "مرحبا",
    "שלום",
    "ไทย", "हिन्दी",
]
CONTROLS = ["\x00", "a\x00b", "\x01\x02", "\x07", "\x08", "\x0b\x0c", "\x1b[31m", "\x7f", "\x80\x9f", "\r", "\n",
    "\t", " ", "  a  b  "]
LONG = ["", "长" * 500, "x" * 500, "\U0002a6d6" * 500, "x " * 5000, "é" * 70000]

EVERY = list(dict.fromkeys([
    *SQL, *SHELL, *TEMPLATE, *FORMAT, *PATH, *MARKUP, *TABLE, *JSON, *NUMBERS, *DAYS, *UNICODE, *CONTROLS, *LONG,
]))

# Some of each kind for every run of the tests; `make torture` sends all of them.
SAMPLE = EVERY[::8]
