"""Tables of people: who they are, what they may, from which device, and their sign-ins."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.kit.actor import Role
from server.kit.db import Base
from server.kit.ids import new_id


class Organisation(Base):
    """A firm or office: contractor, client, supervision firm, authority."""

    __tablename__ = "organisation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # contractor | client | supervision_firm | authority
    credit_code: Mapped[str | None]
    is_sample: Mapped[bool] = mapped_column(default=False)


class Person(Base):
    """Somebody who may sign in once a password is set. Leavers are disabled, never deleted."""

    __tablename__ = "person"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(unique=True)  # NFKC, lower case
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))
    password_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    roles: Mapped[list[PersonRole]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    districts: Mapped[list[PersonDistrict]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")

    @property
    def role_names(self) -> list[str]:
        return sorted(entry.role.value for entry in self.roles)

    @property
    def district_codes(self) -> list[str]:
        return sorted(entry.district_code for entry in self.districts)

    @property
    def has_password(self) -> bool:
        return self.password_hash is not None


class PersonRole(Base):
    __tablename__ = "person_role"

    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)


class PersonDistrict(Base):
    """A district in a person's scope. No foreign key: districts live in programme, above this feature."""

    __tablename__ = "person_district"

    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    district_code: Mapped[str] = mapped_column(primary_key=True, index=True)


class Device(Base):
    """A phone or browser that a person signed in from; `id` is its own, so the key is the pair."""

    __tablename__ = "device"

    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignIn(Base):
    """One sign-in: a family of refresh tokens that ends as a whole."""

    __tablename__ = "sign_in"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    device_id: Mapped[str | None]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None]  # logout | reuse | device | disabled | password


class RefreshToken(Base):
    """One refresh token of a family, by its jti. Used once; its successor is remembered for a lost reply."""

    __tablename__ = "refresh_token"

    jti: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    sign_in_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("sign_in.id"), index=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    successor: Mapped[uuid.UUID | None]


class PasswordCode(Base):
    """A one-time code to set a first or new password; only its SHA-256 is kept."""

    __tablename__ = "password_code"

    code_sha256: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Guess(Base):
    """A wrong password, counted by name and by address for a while."""

    __tablename__ = "guess"
    __table_args__ = (sa.Index("ix_guess_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str]
    at: Mapped[datetime]
