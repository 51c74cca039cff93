"""The Ed25519 that packages carry with them is that of RFC 8032, and no more lenient than others'."""

from __future__ import annotations

import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.evidence.custody.verify_alone import signature_holds

ORDER = 2**252 + 27742317777372353535851937790883648493
# RFC 8032, section 7.1: public key, message, signature
VECTORS = {
    "1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246551"
        "41438e7a100b",
    ),
    "2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d"
        "291612bb0c00",
    ),
    "3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027"
        "beceea1ec40a",
    ),
    "SHA(abc)": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9a"
        "c94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9be"
        "f1177331a704",
    ),
}


def theirs(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize("which", VECTORS)
def test_the_vectors_of_the_standard_hold(which: str) -> None:
    public, message, signature = map(bytes.fromhex, VECTORS[which])
    assert theirs(public, message, signature)
    assert signature_holds(public, message, signature)


def test_what_was_signed_holds_and_a_changed_bit_does_not() -> None:
    dice = random.Random(8032)
    for number in range(12):
        private = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        public = private.public_key().public_bytes_raw()
        message = dice.randbytes(number * 37)
        signature = private.sign(message)
        assert signature_holds(public, message, signature)
        for _ in range(4):
            changed = bytearray(signature)
            changed[dice.randrange(64)] ^= 1 << dice.randrange(8)
            assert not signature_holds(public, message, bytes(changed))
        assert not signature_holds(public, message + b"x", signature)
        other = bytearray(public)
        other[dice.randrange(32)] ^= 1 << dice.randrange(8)
        assert signature_holds(bytes(other), message, signature) == theirs(bytes(other), message, signature) is False


def test_what_is_no_signature_or_no_key_does_not_hold() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public, signature = private.public_key().public_bytes_raw(), private.sign(b"x")
    # the same number written larger by the group's order: RFC 8032 refuses it, or one message had two signatures
    again = int.from_bytes(signature[32:], "little") + ORDER
    assert not signature_holds(public, b"x", signature[:32] + again.to_bytes(32, "little"))
    assert not signature_holds(public, b"x", signature[:63])
    assert not signature_holds(public[:31], b"x", signature)
    assert not signature_holds(b"\xff" * 32, b"x", signature)
    assert not signature_holds(public, b"x", b"\xff" * 64)
