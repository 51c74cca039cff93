"""Which addresses may be called: those of the public internet, however they are written."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from server.kit import addresses, outbound
from server.kit.addresses import ForbiddenError, NoAddressError, place

LONG_S = 60  # far beyond what any call here may take

PUBLIC = ["8.8.8.8", "114.114.114.114", "203.119.1.1", "2606:4700:4700::1111", "240e::1", "64:ff9b::808:808"]

PRIVATE = [  # a setting may allow these
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.254",
    "198.18.0.1", "::1", "fc00::1", "fd12:3456::1",
]

NEVER = [  # nothing allows these
    "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.23", "100.100.100.200", "100.96.0.96", "192.0.0.192",
    "168.63.129.16", "192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255",
    "::", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "fd00:ec2::254", "2001:db8::1", "3fff::1", "2001::1", "100::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::7f00:1",  # mapped and compatible
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1",  # NAT64
    "2002:7f00:1::1", "2002:a00:1::", "2002:808:808::1",  # 6to4
    "2001:0:53aa:64c:0:0:80ff:fffe",  # Teredo
]

NO_URL = [
    "", "hook.example.cn", "//hook.example.cn/", "ftp://hook.example.cn/", "file:///etc/passwd", "gopher://x/", "https:/x",
    "https://user@hook.example.cn/", "https://user:word@hook.example.cn/", "https://hook.example.cn@127.0.0.1/",
    "https://hook.example.cn\\@127.0.0.1/", "https://hook.example.cn/#x", "https://127.0.0.1#@hook.example.cn/",
    "https://hook.example.cn /", "https://hook.example.cn/a b", "https://hook.example.cn/\r\nHost: x", "https://hook\x00/",
    "https://hook.example.cn:0/", "https://hook.example.cn:65536/", "https://hook.example.cn:/", "https://hook.example.cn:8o/",
    "https://例子.cn/", "https://１２７.０.０.１/", "https://127。0。0。1/", "https://ⓔxample.com/", "https://[::1/", "https://::1/",
    "https://[fe80::1%25eth0]/", "https://[v1.x]/", "https:///x", "https://-x.cn/", "https://.cn/", "https://%31/",
    "https://hook.example.cn?x=1", "https://" + "a" * 2000 + "/",
    # numbers that some read as 127.0.0.1
    "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://017700000001/",
    "https://127.1/", "https://127.0.1/", "https://0/", "https://127.0.0.01/", "https://1.2.3.4.5/", "https://127.0.0.0x1/",
    "https://127.0.0.256/",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address: str) -> None:
    addresses.judge(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_may_be_called_only_where_a_setting_says_so(address: str) -> None:
    with pytest.raises(ForbiddenError):
        addresses.judge(address)
    addresses.judge(address, allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_an_address_that_is_never_called(address: str) -> None:
    for allowed in (False, True):
        with pytest.raises(ForbiddenError):
            addresses.judge(address, allow_private=allowed)


@pytest.mark.parametrize("url", NO_URL)
def test_what_two_parsers_might_read_differently_is_no_url(url: str) -> None:
    with pytest.raises(ForbiddenError):
        place(url, allow_http=True)


def test_a_url_is_taken_apart() -> None:
    robot = place("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a-b", allow_http=False)
    assert (robot.scheme, robot.host, robot.port) == ("https", "qyapi.weixin.qq.com", 443)
    assert robot.path == "/cgi-bin/webhook/send?key=a-b"
    assert robot.authority == "qyapi.weixin.qq.com"
    odd = place("HTTPS://[2606:4700::1]:8443", allow_http=False)
    assert (odd.host, odd.port, odd.path, odd.authority) == ("2606:4700::1", 8443, "/", "[2606:4700::1]:8443")
    with pytest.raises(ForbiddenError, match="https"):
        place("http://hook.example.cn/", allow_http=False)
    assert place("http://hook.example.cn/", allow_http=True).port == 80


def answering(monkeypatch: pytest.MonkeyPatch, *answers: list[str] | Exception) -> list[str]:
    """Let the resolver answer for names under .example.cn, each answer once, the last one always; what was asked."""
    asked: list[str] = []
    real = socket.getaddrinfo
    left = list(answers)

    def resolve(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        if not str(host).endswith(".example.cn"):
            return real(host, port, *arguments, **options)
        asked.append(str(host))
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return [row for one in answer for row in real(one, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


@pytest.mark.parametrize("found", [
    ["127.0.0.1"], ["::1"], ["169.254.169.254"], ["8.8.8.8", "127.0.0.1"], ["10.0.0.1", "8.8.8.8"],
    ["2606:4700:4700::1111", "fe80::1"], ["64:ff9b::7f00:1"],
])
def test_one_forbidden_address_forbids_the_name(monkeypatch: pytest.MonkeyPatch, found: list[str]) -> None:
    answering(monkeypatch, found)
    with pytest.raises(ForbiddenError):
        addresses.addresses(place("https://hook.example.cn/", allow_http=False), allow_private=False, seconds=2)


@pytest.mark.parametrize("trouble", [socket.gaierror(-2, "x"), UnicodeError("label too long"), []])
def test_a_name_without_an_address(monkeypatch: pytest.MonkeyPatch, trouble: Any) -> None:
    answering(monkeypatch, trouble)
    with pytest.raises(NoAddressError):
        addresses.addresses(place("https://hook.example.cn/", allow_http=False), allow_private=False, seconds=2)


def test_a_name_with_very_many_addresses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, [f"8.8.4.{n}" for n in range(20)])
    with pytest.raises(ForbiddenError):
        addresses.addresses(place("https://hook.example.cn/", allow_http=False), allow_private=False, seconds=2)


def test_a_resolver_that_sleeps_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    woken, awake = threading.Event(), threading.Event()

    def sleep(*_: Any, **__: Any) -> Any:
        woken.wait(LONG_S)
        awake.set()
        raise socket.gaierror(-2, "x")

    monkeypatch.setattr(socket, "getaddrinfo", sleep)
    with pytest.raises(NoAddressError, match="took too long"):
        addresses.addresses(place("https://hook.example.cn/", allow_http=False), allow_private=False, seconds=0.2)
    assert not awake.is_set()
    woken.set()
    assert awake.wait(LONG_S)


# -- the call itself ------------------------------------------------------------------------------------------------


class Line:
    """A server that does as it is told with each connection."""

    def __init__(self, act: Callable[[socket.socket], None]) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self._act, self.came = act, 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self.server.accept()
            except OSError:
                return
            self.came += 1
            with line, contextlib.suppress(OSError):
                self._act(line)

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self._thread.join(5)


def call(port: int, *, host: str = "127.0.0.1", seconds: float = 1.0, scheme: str = "http") -> outbound.Answer:
    where = place(f"{scheme}://{host}:{port}/hook", allow_http=True)
    return outbound.post(where, {"X-One": "1"}, b"body", allow_private=True, seconds=seconds)


def _whole(line: socket.socket) -> bytes:
    """The request with its body: who answers and hangs up before has not read it."""
    read = b""
    while not read.endswith(b"body"):
        read += line.recv(4096)
    return read


def _drip(line: socket.socket, first: bytes) -> None:
    """Until it is hung up on: a call that waited for the end of this answer would never come back."""
    _whole(line)
    line.sendall(first)
    while True:
        line.sendall(b"a")
        time.sleep(0.05)


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 2", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_one_that_drips_its_answer_is_hung_up_on(first: bytes) -> None:
    with Line(lambda line: _drip(line, first)) as server, pytest.raises(outbound.NotReachedError) as said:
        call(server.port, seconds=0.5)
    assert said.value.maybe_taken


def test_a_status_that_came_counts_though_the_body_never_ends() -> None:
    with Line(lambda line: _drip(line, b"HTTP/1.1 204 OK\r\n\r\n")) as server:
        assert call(server.port).status == 204
    for slow in (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "):
        with Line(lambda line, slow=slow: _drip(line, slow)) as server:  # type: ignore[misc]
            assert call(server.port, seconds=0.5).status == 200


def test_no_more_of_an_answer_is_read_than_it_may_hold() -> None:
    def flood(line: socket.socket) -> None:
        _whole(line)
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1000):
            line.sendall(b"x" * 100_000)

    with Line(flood) as server:
        assert len(call(server.port, seconds=3).body) <= outbound.MAX_ANSWER


def test_a_tls_handshake_that_stands_still_is_hung_up_on() -> None:
    given_up = threading.Event()
    with Line(lambda line: (line.recv(10), given_up.wait(LONG_S))[0]) as server:  # type: ignore[arg-type,return-value]
        with pytest.raises(outbound.NotReachedError) as said:
            call(server.port, scheme="https", seconds=0.5)
        assert not given_up.is_set()
        given_up.set()
    assert not said.value.maybe_taken, "nothing was sent before TLS stood"


@pytest.mark.parametrize("answer", [b"", b"220 mail.example.cn ESMTP\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 100])
def test_what_is_not_http_is_no_answer(answer: bytes) -> None:
    def say(line: socket.socket) -> None:
        _whole(line)
        line.sendall(answer)

    with Line(say) as server, pytest.raises(outbound.NotReachedError):
        call(server.port)


def test_the_address_that_was_judged_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the second answer would be another. The name is asked for once."""

    def answer(line: socket.socket) -> None:
        assert b"Host: hook.example.cn:" in _whole(line)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    asked = answering(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
    with Line(answer) as server:
        assert call(server.port, host="hook.example.cn").status == 200
    assert asked == ["hook.example.cn"]


def test_tls_is_held_to_the_name_and_not_to_the_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    from tests.messages.outside import certificates

    context, authority = certificates(tmp_path, "hook.example.cn")
    monkeypatch.setenv("SSL_CERT_FILE", authority)
    got: list[bytes] = []

    def answer(line: socket.socket) -> None:
        try:
            with context.wrap_socket(line, server_side=True) as safe:
                got.append(_whole(safe))
                safe.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except ssl.SSLError:
            pass

    answering(monkeypatch, ["127.0.0.1"])
    with Line(answer) as server:
        assert call(server.port, host="hook.example.cn", scheme="https").status == 200
        with pytest.raises(outbound.NotReachedError, match="certificate"):
            call(server.port, host="other.example.cn", scheme="https")
        with pytest.raises(outbound.NotReachedError, match="certificate"):
            call(server.port, scheme="https")
    assert len(got) == 1, "the others were told nothing"
