"""Which other hosts an ingress leads past the sign-in, as its objects tell."""

from __future__ import annotations

from types import SimpleNamespace as Object
from typing import Any, cast

import pytest

from gate.doors.outward import ALIAS, Outward

DOMAIN = "staging.test"


def ingress(*rules: tuple[str | None, str, str], alias: str | None = None) -> Any:
    """One with rules of host, path and Service."""
    told = [
        Object(host=host, http=Object(paths=[Object(path=path, backend=Object(service=Object(name=service)))]))
        for host, path, service in rules
    ]
    annotations = None if alias is None else {ALIAS: alias}
    return Object(metadata=Object(annotations=annotations), spec=Object(rules=told))


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (ingress((DOMAIN, "/", "oauth2-proxy"), alias="other.test"), {}),
        (ingress(("other.test", "/", "oauth2-proxy")), {}),
        (ingress(("other.test", "/", "registry")), {}),
        (ingress((DOMAIN, "/x", "codex-k8s"), (None, "/y", "codex-k8s")), {}),
        (ingress(("Other.test", "/api", "codex-k8s")), {"other.test": ["/api"]}),
        (ingress(("*.tools.test", "/", "codex-k8s-web-console")), {"gate-probe.tools.test": ["/"]}),
        (ingress((DOMAIN, "/x", "codex-k8s"), alias="a.test, ~^b, c.test"), {"a.test": ["/x"], "c.test": ["/x"]}),
    ],
)
def test_other_hosts_past_the_proxy(found: Any, names: dict[str, list[str]], monkeypatch: Any) -> None:
    outward = cast(Any, Outward.__new__(Outward))
    monkeypatch.setattr(Outward, "_ingresses", lambda _: [found])
    assert outward.names_past_proxy(DOMAIN) == names
