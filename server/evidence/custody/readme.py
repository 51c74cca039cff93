"""The page that lies in an evidence package: what is in it and how anybody can check it, in Chinese and English."""

from __future__ import annotations

_TEXT = """证据包：{number}

核验（需要 Python 3.8 或更新版本，无需安装其他软件，无需联网）：
    python3 verify.py
    python3 verify.py --key 专班办公室公布的指纹
第二行核对是谁签的：指纹须从专班办公室另行取得，不要抄自本包；第一行只能说明包内文件彼此一致。
verify.py 也在本包内，改包的人也能改它。经手人不可信时，请用另行取得的 verify.py 核验：
    python3 verify.py 证据包.zip --key 指纹

内容
  originals/       手机上传的原件，未作改动
  facts.json       每一版提交内容（逐字）及其校验值、回执；每张照片的拍摄信息、提示与流转记录
  audit.jsonl      与之有关的操作记录；每条附前一环与本环的校验值
  manifest.json    以上文件的大小与 SHA-256；manifest.sig 为对其字节的 Ed25519 签名
                   打包前已按保存期限清除的原件列于 removed，含校验值、清除时间和期限
  public_key.pem   签名所用公钥；verify.py 为核验程序
打包时操作记录链的末端：{head}
持有系统的一方可运行 flask --app server audit verify --head {head} ，证明此前的记录未被改动。
也可用 OpenSSL 3 核验签名：
    openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in manifest.json -sigfile manifest.sig
包内含个人信息（姓名、位置、照片），请妥善保管，用后删除。操作记录中可能提到同区其他照片的编号。

Evidence package: {number}

To check it (Python 3.8 or newer, nothing to install, no network):
    python3 verify.py
    python3 verify.py --key THE-FINGERPRINT-THAT-THE-OFFICE-HAS-MADE-KNOWN
The second line checks who signed it: have the fingerprint from the office itself and not from this package. The first shows
no more than that its files belong together.
verify.py lies in the package too, and whoever changes the one can change the other. Where you do not trust the hands that it
went through, check it with a verify.py that came another way: python3 verify.py PACKAGE.zip --key FINGERPRINT

What is in it
  originals/       the originals as phones sent them, untouched
  facts.json       every content that was sent, to the letter, with its digest and receipt; of each photo what it says of
                   itself, its flags and its chain of custody
  audit.jsonl      the lines of the audit trail about it, each with the digests of its own link and the one before
  manifest.json    size and SHA-256 of all these files; manifest.sig is the Ed25519 signature over its bytes
                   originals that the rule of retention had removed before are listed in `removed`, with digest and day
  public_key.pem   the public key; verify.py is the program that checks
The end of the trail's chain when this was packed: {head}
Whoever runs the system can show that nothing before it was touched: flask --app server audit verify --head {head}
OpenSSL 3 checks the signature too:
    openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in manifest.json -sigfile manifest.sig
It holds personal data (names, positions, photos): keep it safe, and delete it when it has served. The trail may name ids
of other photos of the same district.
"""


def text(number: str, head: str) -> bytes:
    """As Windows' editor reads it too."""
    return _TEXT.format(number=number, head=head).replace("\n", "\r\n").encode("utf-8-sig")
