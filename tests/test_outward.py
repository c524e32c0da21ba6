"""Which other hosts an ingress leads past the sign-in, as its objects tell."""

from __future__ import annotations

from types import SimpleNamespace as Object
from typing import Any, cast

import pytest

from gate import evidence
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


def service(name: str, namespace: str = "ours", external: Any = None, **balancer: Any) -> Any:
    ports = [Object(port=80, protocol="TCP"), Object(port=53, protocol="UDP")]
    given = [Object(**{"ip": None, "hostname": None} | balancer)] if balancer else None
    return Object(
        metadata=Object(name=name, namespace=namespace),
        spec=Object(ports=ports, external_ips=external),
        status=Object(load_balancer=Object(ingress=given)),
    )


def test_addresses_of_the_services_own() -> None:
    outward = cast(Any, Outward.__new__(Outward))
    outward._namespace = "ours"
    outward._services_everywhere = [
        service("plain"),
        service("by-word", external=["203.0.113.1"]),
        service("balanced", ip="203.0.113.2"),
        service("named", hostname="lb.test"),
        service("proxy", "ingress-nginx", ip="203.0.113.3"),
    ]
    assert outward.other_addresses() == {
        ("203.0.113.1", 80): "service by-word",
        ("203.0.113.2", 80): "service balanced",
        ("lb.test", 80): "service named",
    }


FLAGS = ("trusted-ip", "skip-auth-preflight", "reverse-proxy")


@pytest.mark.parametrize(
    ("words", "variables", "config", "found", "weaker"),
    [
        (["--email-domain=*", "--reverse-proxy=false"], {"SKIP_AUTH_PREFLIGHT": "false"}, None, [], 0),
        (["--reverse-proxy", "--trusted-ip", "10.0.0.0/8"], {}, None, ["trusted-ip", "reverse-proxy"], 0),
        ([], {"TRUSTED_IPS": "10.0.0.0/8"}, None, ["trusted-ip"], 0),
        (["--config=/x"], {}, 'skip_auth_preflight = true\n# trusted_ips = ["1.2.3.4"]', FLAGS[1:2], 0),
        (["--config=/x"], {}, 'trusted_ips = [\n "10.0.0.0/8"\n]\nreverse_proxy = false # never', FLAGS[:1], 0),
        (["--config=/x"], {}, None, [], 1),
    ],
)
def test_flags_of_the_proxy_are_read_wherever_they_are(
    words: list[str], variables: dict[str, str], config: str | None, found: Any, weaker: int
) -> None:
    told = evidence.begin()
    env = [Object(name=f"OAUTH2_PROXY_{name}", value=value) for name, value in variables.items()]
    outward = cast(Any, Outward.__new__(Outward))
    outward._namespace = "ours"
    outward._cluster = Object(
        core=lambda: Object(read_namespaced_config_map=None),
        readable=lambda *_: None if config is None else Object(data={"oauth2-proxy.cfg": config}),
    )
    outward._proxy_pod = Object(
        containers=[Object(command=None, args=words, env=env)],
        volumes=[Object(config_map=Object(name="proxy")), Object(config_map=None)],
    )
    assert outward.proxy_flags(*FLAGS) == list(found)
    assert len(told.weaker) == weaker
