"""GitHub's pages on the way of a sign-in, with the labels and buttons that the contract names (contract 5)."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

APPLICATION = "codex-k8s"


def sign_in(return_to: str, error: str = "", *, passkey: bool = False) -> str:
    """Login and password."""
    other = '<button type="button">Sign in with a passkey</button>' if passkey else ""
    return _document(
        "Sign in to GitHub",
        f"""<h1>Sign in to GitHub</h1>{_flash(error)}
<form action="/session" method="post">
  <input type="hidden" name="return_to" value="{escape(return_to)}">
  <label for="login_field">Username or email address</label>
  <input type="text" name="login" id="login_field" autocomplete="username" autofocus required>
  <label for="password">Password</label>
  <input type="password" name="password" id="password" autocomplete="current-password" required>
  <input type="submit" name="commit" value="Sign in">
</form>{other}""",
    )


def second_factor(return_to: str, error: str = "", *, submits_itself: bool = False) -> str:
    """The six digits of the authenticator."""
    script = (
        """<script>const code = document.getElementById("app_totp");
code.addEventListener("input", () => /^[0-9]{6}$/.test(code.value) && code.form.requestSubmit());</script>"""
        if submits_itself
        else ""
    )
    return _document(
        "Two-factor authentication",
        f"""<h1>Two-factor authentication</h1>{_flash(error)}
<form action="/sessions/two-factor" method="post">
  <input type="hidden" name="return_to" value="{escape(return_to)}">
  <label for="app_totp">Authentication code</label>
  <input type="text" name="app_otp" id="app_totp" inputmode="numeric" autocomplete="one-time-code" required>
  <button type="submit">Verify</button>
</form>{script}""",
    )


def trusted_device(return_to: str, *, later: bool) -> str:
    """An offer of GitHub's own, with a way round it or none."""
    way = '<button type="submit">Ask me later</button>' if later else ""
    return _document(
        "Sign in faster",
        f"""<a href="#offer">Skip to content</a><h1 id="offer">Sign in faster with a passkey</h1>
<form action="/sessions/trusted-device?return_to={quote(return_to, safe="")}" method="post">
  <button type="button">Add passkey</button>{way}
</form>""",
    )


def authorize(login: str, query: str) -> str:
    """The question of the first sign-in to an application."""
    return _document(
        "Authorize application",
        f"""<h1>Authorize {APPLICATION}</h1>
<p>{APPLICATION} by codex-k8s wants to access your <strong>{escape(login)}</strong> account.</p>
<form action="/login/oauth/authorize?{escape(query)}" method="post">
  <button type="submit" name="authorize" value="0">Cancel</button>
  <button type="submit" name="authorize" value="1">Authorize {APPLICATION}</button>
</form>""",
    )


def sign_out() -> str:
    """The question before signing out."""
    return _document(
        "Sign out",
        """<h1>Are you sure you want to sign out?</h1>
<form action="/logout" method="post"><input type="submit" name="commit" value="Sign out"></form>""",
    )


def home(login: str | None) -> str:
    """GitHub's front page."""
    who = f"<p>Signed in as <strong>{escape(login)}</strong></p>" if login else '<a href="/login">Sign in</a>'
    return _document("GitHub", f"<h1>GitHub</h1>{who}")


def _flash(error: str) -> str:
    return f'<div role="alert" class="flash flash-error">{escape(error)}</div>' if error else ""


def _document(title: str, body: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<style>body {{ font-family: sans-serif; max-width: 22rem; margin: 3rem auto }} input, label {{ display: block }}
</style></head>
<body><main>{body}</main></body></html>
"""
