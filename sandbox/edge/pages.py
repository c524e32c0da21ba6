"""The pages of oauth2-proxy 7.6 and of nginx, as plain as the tests need them."""

from __future__ import annotations

from html import escape

_FOOTER = "<footer><p>Secured with OAuth2 Proxy version v7.6.0</p></footer>"

_STACK = """<pre>goroutine 41 [running]:
runtime/debug.Stack()
	/usr/local/go/src/runtime/debug/stack.go:24 +0x5e
main.(*OAuthProxy).Proxy(0xc0003ae000, {0x1153d28, 0xc0004a41c0}, 0xc0005c8200)
	/go/src/github.com/oauth2-proxy/oauth2-proxy/oauthproxy.go:951 +0x1d2</pre>"""


def sign_in(redirect: str, extra: str = "") -> str:
    """The page with the one button; it keeps where the person wanted to go."""
    return _document(
        "Sign In",
        f"""<form method="GET" action="/oauth2/start">
  <input type="hidden" name="rd" value="{escape(redirect)}">
  <button type="submit">Sign in with GitHub</button>
</form>{extra}""",
    )


def error(status: int, title: str, message: str) -> str:
    """An error in words; details stay in the log."""
    return _document(
        f"{status} {title}",
        f"""<h1>{status}</h1><h2>{escape(title)}</h2><p>{escape(message)}</p>
<form method="GET" action="/oauth2/sign_in"><button type="submit">Sign in</button></form>""",
    )


def nginx(status: int, title: str) -> str:
    """A page of the ingress itself."""
    return (
        f"<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{status} {title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )


def stack() -> str:
    """What a page must never show (probe E27)."""
    return _STACK


def echo(headers: tuple[tuple[str, str], ...]) -> str:
    """The request's own headers, which a page must never show either."""
    return "<pre>" + escape("\n".join(f"{name}: {value}" for name, value in headers)) + "</pre>"


def _document(title: str, body: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>
<body><main>{body}</main>{_FOOTER}</body></html>
"""
