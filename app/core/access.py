"""Every blueprint says who may reach it; a test proves that each route has such a policy."""

from __future__ import annotations

from enum import StrEnum

from flask import Blueprint


class Access(StrEnum):
    """Who may reach a page at all; operations and queries narrow it further."""

    PUBLIC = "public"  # anybody
    LINK = "link"  # whoever has the secret address
    SIGNED_IN = "signed_in"  # a user
    ADMINISTRATOR = "administrator"
    DEVICE = "device"  # a paired phone
    MACHINE = "machine"  # monitoring on this host or behind the proxy


POLICIES: dict[str, Access] = {}


def declare(blueprint: Blueprint, access: Access, **exceptions: Access) -> None:
    """Say who may reach the blueprint's pages; `exceptions` name single views."""
    POLICIES[blueprint.name] = access
    for view, other in exceptions.items():
        POLICIES[f"{blueprint.name}.{view}"] = other


def policy_of(endpoint: str) -> Access | None:
    """The policy of an endpoint; None when nobody declared one."""
    return POLICIES.get(endpoint) or POLICIES.get(endpoint.rpartition(".")[0])
