"""Signing in and out, and a user's own page."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import Response, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app.accounts import operations, queries
from app.accounts.browsers import browser_name
from app.accounts.desk_page import desk_context, moment, open_desk, person_here
from app.accounts.forms import PasswordForm, ProfileForm, SignInForm
from app.accounts.sign_in_cookie import cookie_name, forget, keep_signed_in, signed_in_person
from app.core.access import Access, declare
from app.core.errors import DomainError
from app.core.i18n import gettext as _
from app.core.i18n import remember_language, speak
from app.core.limits import Limit, limited
from app.core.pages import keep_not
from app.core.security.links import token_hash
from app.core.text import clean_line, fold

accounts = APIBlueprint("accounts", __name__, enable_openapi=False)
declare(
    accounts,
    Access.PUBLIC,
    sign_in=Access.LINK,
    use_link=Access.LINK,
    me=Access.SIGNED_IN,
    change_profile=Access.SIGNED_IN,
    change_password=Access.SIGNED_IN,
    sign_out_everywhere=Access.SIGNED_IN,
)
SIGN_INS = Limit(lambda settings: settings.sign_in_limit)
OWN_PAGES = ("accounts.me", "accounts.change_profile", "accounts.change_password", "accounts.sign_out_everywhere")

accounts.context_processor(desk_context)
accounts.app_template_filter("moment")(moment)


@accounts.before_request
def _guard_own_pages() -> ResponseReturnValue | None:
    return open_desk() if request.endpoint in OWN_PAGES else None


def safe_next(path: str | None) -> str:
    """`path` if it leads to a page of ours, else the desk's first page. Browsers read a backslash as a slash."""
    desk = url_for("desk.events")
    if not path or not path.startswith("/") or path.startswith("//"):
        return desk
    if "\\" in path or any(ord(character) <= 32 for character in path):
        return desk
    try:
        parts = urlsplit(path)
    except ValueError:
        return desk
    return desk if parts.scheme or parts.netloc else path


def _typed_address() -> str:
    return f"address:{fold(clean_line(request.form.get('email', '')))[:254]}"


def _browser() -> str:
    return browser_name(request.user_agent.string)


@accounts.get("/login")
def login() -> ResponseReturnValue:
    """The sign-in page."""
    if signed_in_person() is not None:
        return redirect(safe_next(request.args.get("next")), 303)
    return _login_page(SignInForm(data={"next": safe_next(request.args.get("next"))}))


@accounts.post("/login")
@limited(SIGN_INS, replace(SIGN_INS, whose=_typed_address))
def log_in() -> ResponseReturnValue:
    """Sign in by password, or mail a link."""
    form = SignInForm(request.form)
    if not form.validate():
        return _login_page(form, 422)
    if request.form.get("deed") == "link":
        operations.send_sign_in_link(email=form.email.data)
        return redirect(url_for("accounts.link_sent"), 303)
    if not form.password.data:
        form.refuse(_("Please write your password, or let us mail you a link."), "password")
        return _login_page(form, 422)
    try:
        token = operations.sign_in_with_password(email=form.email.data, password=form.password.data, browser=_browser())
    except operations.WrongSignIn as wrong:
        form.refuse(wrong)
        return _login_page(form, 422)
    return _signed_in(token, safe_next(form.next.data))


@accounts.get("/login/sent")
def link_sent() -> Response:
    """What to do next, the same for known and unknown addresses."""
    return keep_not(make_response(render_template("accounts/link_sent.html")))


@accounts.get("/sign-in/<token>")
def sign_in(token: str) -> ResponseReturnValue:
    """The page behind a mailed link. It changes nothing: mail programs open links by themselves."""
    link = queries.find_sign_in_link(token)
    if link is None:
        return _link_over()
    return keep_not(make_response(render_template("accounts/sign_in.html", user=link.user, token=token)))


@accounts.post("/sign-in/<token>")
@limited(SIGN_INS)
def use_link(token: str) -> ResponseReturnValue:
    """Use the mailed link up and sign in."""
    try:
        secret = operations.sign_in_with_link(token=token, browser=_browser())
    except operations.LinkUsed:
        return _link_over()
    return _signed_in(secret, url_for("desk.events"))


@accounts.post("/logout")
def logout() -> ResponseReturnValue:
    """End this sign-in."""
    token = request.cookies.get(cookie_name())
    if token:
        operations.sign_out(token=token)
    session.clear()
    response = redirect(url_for("accounts.login"), 303)
    forget(response)  # type: ignore[arg-type]
    return response


@accounts.get("/desk/me")
def me() -> Response:
    """One's name, language, password and sign-ins."""
    return _own_page()


@accounts.post("/desk/me")
def change_profile() -> ResponseReturnValue:
    """Save name and language."""
    form = ProfileForm(request.form)
    if not form.validate():
        return _own_page(profile=form)
    operations.change_profile(actor=person_here(), name=form.name.data, language=form.language.data)
    speak(form.language.data)
    flash(_("Saved."))
    response = redirect(url_for("accounts.me"), 303)
    remember_language(response, form.language.data)
    return response


@accounts.post("/desk/me/password")
@limited(SIGN_INS)
def change_password() -> ResponseReturnValue:
    """Set a password; that ends all sign-ins, this one too."""
    form = PasswordForm(request.form)
    if not form.validate():
        return _own_page(password=form)
    try:
        operations.set_password(actor=person_here(), password=form.password.data, current=form.current.data)
    except DomainError as error:
        form.refuse(error, "current" if isinstance(error, operations.WrongSignIn) else "password")
        return _own_page(password=form)
    flash(_("Your password is saved. Please sign in with it."))
    response = redirect(url_for("accounts.login"), 303)
    forget(response)  # type: ignore[arg-type]
    return response


@accounts.post("/desk/me/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """End all sign-ins, this one too."""
    operations.sign_out_everywhere(actor=person_here())
    session.clear()
    flash(_("You are signed out everywhere."))
    response = redirect(url_for("accounts.login"), 303)
    forget(response)  # type: ignore[arg-type]
    return response


def _login_page(form: SignInForm, status: int = 200) -> Response:
    return keep_not(make_response(render_template("accounts/login.html", form=form), status))


def _link_over() -> Response:
    return keep_not(make_response(render_template("accounts/link_over.html"), 410))


def _signed_in(token: str, target: str) -> ResponseReturnValue:
    session.clear()
    response = redirect(target, 303)
    keep_signed_in(response, token)  # type: ignore[arg-type]
    return response


def _own_page(profile: ProfileForm | None = None, password: PasswordForm | None = None) -> Response:
    person = person_here()
    user = queries.find_user(person.email)
    assert user is not None
    here = token_hash(request.cookies.get(cookie_name(), ""))
    page = render_template(
        "accounts/me.html",
        form=profile or password,
        profile=profile or ProfileForm(data={"name": user.name, "language": user.language}),
        password=password or PasswordForm(),
        user=user,
        needs_current=user.password_hash is not None and not person.came_by_link,
        sign_ins=[(row, row.token_hash == here) for row in queries.sign_ins_of(user.id)],
    )
    return keep_not(make_response(page, 422 if profile or password else 200))
