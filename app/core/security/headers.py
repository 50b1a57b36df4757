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


def add_headers(request: Request, response: Response, *, secure: bool) -> None:
    """Add what keeps a page from being framed, sniffed, scripted or leaked; a view may have set a stricter value."""
    headers = response.headers
    at_door = request.path.startswith("/door") or request.path.startswith("/static/door/")
    headers.setdefault("Content-Security-Policy", DOOR_POLICY if at_door else POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault(
        "Permissions-Policy",
        f"camera={'(self)' if at_door else '()'}, microphone=(), geolocation=(), payment=(), usb=()",
    )
    if request.path.startswith("/static/"):
        # Only addresses that carry the content's hash may be kept; script modules import each other without one.
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if "v" in request.args else "no-cache"
    if secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
