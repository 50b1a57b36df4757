"""Refuses requests that another site makes in a reader's name.

Browsers say where a request comes from (`Sec-Fetch-Site`, or `Origin`), so forms need no token and public pages no
cookie. A request with neither header comes from a program; it is refused only when it carries a sign-in.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_forged(request: Request, *, trusted_hosts: tuple[str, ...], has_sign_in: bool) -> bool:
    """Whether this unsafe request was started by a page that isn't ours."""
    if request.method in SAFE_METHODS:
        return False
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is not None:
        return not _is_ours(origin, request.host, trusted_hosts)
    return has_sign_in


def _is_ours(origin: str, host: str, trusted_hosts: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(origin)
        return parts.netloc == host and (parts.hostname or "") in trusted_hosts
    except ValueError:
        return False
