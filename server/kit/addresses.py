"""Which addresses the product may call when somebody gives it a URL: those of the public internet, and no others.

A URL that a person types makes this machine call somebody, from inside the city's network. So the name is resolved once,
every address it has is judged, and the caller connects to just these addresses (server/kit/outbound.py): a second
look-up could give others.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?\.?)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[!-~]*)?",
    re.IGNORECASE | re.ASCII,
)
MAX_URL = 2000
MAX_ADDRESSES = 16  # a name with more is not a webhook's


def _networks(*names: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(name) for name in names)


# Said here and not left to `is_global`, whose meaning has changed between Pythons.
_NEVER = _networks(
    "0.0.0.0/8",  # this host
    "169.254.0.0/16",  # link-local; the metadata services of most clouds
    "100.100.100.200/32",  # Alibaba Cloud's metadata
    "100.96.0.96/32",  # Volcano Engine's
    "192.0.0.0/24",  # IETF protocols; 192.0.0.192 is Oracle's metadata
    "168.63.129.16/32",  # Azure's, an address that looks public
    "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  # documentation
    "192.88.99.0/24",  # 6to4 relays
    "224.0.0.0/4", "240.0.0.0/4",  # multicast, reserved, broadcast
    "::/128", "fe80::/10", "fec0::/10", "ff00::/8",  # unspecified, link-local, site-local, multicast
    "fd00:ec2::254/128", "fd20:ce::254/128",  # metadata of AWS and Google Cloud
)
_PRIVATE = _networks(
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "198.18.0.0/15",
    "::1/128", "fc00::/7",
)
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")  # all that is given out
_NOT_PUBLIC_V6 = _networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")  # Teredo, ORCHID, examples, 6to4
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class ForbiddenError(ValueError):
    """This URL or address is not to be called; the text says why, in both languages, without the URL itself."""


class NoAddressError(OSError):
    """The name has no address now."""


@dataclass(frozen=True, slots=True)
class Place:
    """A URL taken apart: how it is called, where, and what is asked for there."""

    scheme: str
    host: str  # without brackets
    port: int
    path: str  # with its query

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"


def place(url: str, *, allow_http: bool) -> Place:
    """Take a URL apart by one strict grammar; what two parsers might read differently is refused. No look-up is made."""
    found = _URL.fullmatch(url) if len(url) <= MAX_URL else None
    if found is None or re.search(r"[\\#]", url):
        raise ForbiddenError(
            "须为 https:// 开头的完整网址，只含 ASCII 字符，不含用户名、密码与 #"
            " / must be a whole https:// address in ASCII, without user name, password or #"
        )
    scheme, host = found["scheme"].lower(), found["host"].lower().rstrip(".")
    if scheme == "http" and not allow_http:
        raise ForbiddenError("须为 https / must be https")
    port = int(found["port"] or {"http": 80, "https": 443}[scheme])
    if not 1 <= port <= 65535:
        raise ForbiddenError("端口有误 / no such port")
    if host.startswith("["):
        host = host[1:-1]
        if _literal(host) is None:
            raise ForbiddenError("不是有效的 IPv6 地址 / not an IPv6 address")
    elif re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)", host.rsplit(".", 1)[-1]) and _literal(host) is None:
        # 2130706433, 0x7f.1 and 0177.0.0.1 are addresses to some and names to others.
        raise ForbiddenError("IP 地址须写成四段十进制 / an IP address must be written as four decimal numbers")
    return Place(scheme, host, port, found["path"] or "/")


def addresses(where: Place, *, allow_private: bool, seconds: float) -> list[str]:
    """The addresses of a place, resolved once and every one judged: one that is forbidden forbids the place."""
    literal = _literal(where.host)
    found = [str(literal)] if literal is not None else _look_up(where.host, where.port, seconds)
    if not found:
        raise NoAddressError("no address")
    for one in found:
        judge(one, allow_private=allow_private)
    return found


def judge(address: str, *, allow_private: bool = False) -> None:
    """Raise ForbiddenError unless `address` may be called."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        raise ForbiddenError("不是 IP 地址 / not an IP address") from None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.scope_id:
        raise ForbiddenError("本地链路地址 / an address of this link")
    if not _may_be_called(parsed, allow_private):
        raise ForbiddenError("指向内网或保留地址，不予访问 / leads to a private or reserved address, which is not called")


def _may_be_called(address: Address, allow_private: bool) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:  # what a network without IPv4 makes of a public one
            return _may_be_called(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF), allow_private=False)
        if _within(address, _NEVER):
            return False
        if _within(address, _PRIVATE):
            return allow_private
        # All else outside 2000::/3, IPv4-mapped and IPv4-compatible forms included, is no address of anybody's.
        return address in _PUBLIC_V6 and not _within(address, _NOT_PUBLIC_V6)
    if _within(address, _NEVER):
        return False
    return allow_private or not _within(address, _PRIVATE)


def _within(address: Address, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _look_up(host: str, port: int, seconds: float) -> list[str]:
    """Ask the resolver, which knows no time limit of its own, for `seconds` at most."""
    answer: list[str] = []
    wrong: list[Exception] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
            answer.extend(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as error:
            wrong.append(error)

    thread = threading.Thread(target=ask, name="look-up", daemon=True)
    thread.start()
    thread.join(max(0.0, seconds))
    if thread.is_alive():
        raise NoAddressError("查询域名超时 / looking its name up took too long")
    if wrong:
        raise NoAddressError("域名无法解析 / its name has no address") from wrong[0]
    if len(answer) > MAX_ADDRESSES:
        raise ForbiddenError("域名的地址过多 / its name has too many addresses")
    return answer
