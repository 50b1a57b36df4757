"""Flask's signed session, which only the desk uses for its notices. Other pages don't pay for it."""

from __future__ import annotations

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


class DeskSession(SecureCookieSessionInterface):
    """Opens the cookie only when there is one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """An empty session, unless the browser has brought one."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)
