"""Headers that every answer carries."""

from __future__ import annotations

from flask import Request, Response

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DOOR_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


ANYWHERE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
PERMISSIONS = "camera={}, microphone=(), geolocation=(), payment=(), usb=()"
USUAL = (("Content-Security-Policy", POLICY), ("Permissions-Policy", PERMISSIONS.format("()")), *ANYWHERE)
AT_DOOR = (("Content-Security-Policy", DOOR_POLICY), ("Permissions-Policy", PERMISSIONS.format("(self)")), *ANYWHERE)
HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000")


def add_headers(request: Request, response: Response, *, secure: bool) -> None:
    """Add what keeps a page from being framed, sniffed, scripted or leaked; a view may have set a stricter value."""
    headers = response.headers
    at_door = request.path.startswith(("/door", "/static/door/"))
    for name, value in (*(AT_DOOR if at_door else USUAL), *((HTTPS_ONLY,) * secure)):
        if name not in headers:
            headers.add(name, value)
    if request.path.startswith("/static/"):
        # Only addresses that carry the content's hash may be kept; script modules import each other without one.
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if "v" in request.args else "no-cache"
