"""The quieter objects of the namespace: Secrets, Services, the Ingress, certificates, events (contract 1)."""

from __future__ import annotations

import base64
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from ..certificates import Certificates
from ..naming import OTHER_ADDRESS, SECOND_HOST
from ..staging import Staging
from ..surface import NODE_PORT, OTHER_NODE_PORT
from .meta import Object, condition, metadata, stamp, uid

ISSUER = "codex-k8s-letsencrypt"
TLS_SECRET = "codex-k8s-staging-tls"
ADDRESS = "127.0.0.1"
# Plain settings, which somebody may have made by `echo x | base64`.
ECHOED = ("_URL", "_DEFAULT", "_EMAIL", "_EMAILS", "_EVENTS", "_USER", "_DB")
# What only the proxy should lead to.
GATEWAY = {"service": {"name": "codex-k8s", "port": {"number": 80}}}


class Namespace:
    """Objects that nobody changes, except a fault."""

    def __init__(self, staging: Staging, certificates: Certificates) -> None:
        self._staging = staging
        self._faults = staging.faults
        self._certificates = certificates
        self._namespace = staging.namespace
        self._created = stamp(ago=3 * 86400)
        self._stray = certificates.stray_pem

    def secrets(self) -> list[Object]:
        """The Secrets of contract 1."""
        return [
            self._secret("codex-k8s-postgres", self._postgres()),
            self._secret("codex-k8s-runtime", self._runtime()),
            self._secret("codex-k8s-oauth2-proxy", self._oauth2_proxy()),
            self._secret(TLS_SECRET, self._tls(), "kubernetes.io/tls"),
        ]

    def _secret(self, name: str, values: dict[str, str], kind: str = "Opaque") -> Object:
        if self._staging.variants.on("settings-end-with-newlines"):
            values = {key: f"{value}\n" if key.endswith(ECHOED) else value for key, value in values.items()}
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata("Secret", name, self._namespace, self._created),
            "type": kind,
            "data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()},
        }

    def _postgres(self) -> dict[str, str]:
        parts = urlsplit(self._staging.database_url)
        return {
            "CODEXK8S_POSTGRES_DB": parts.path.lstrip("/"),
            "CODEXK8S_POSTGRES_USER": unquote(parts.username or ""),
            "CODEXK8S_POSTGRES_PASSWORD": unquote(parts.password or ""),
        }

    def _runtime(self) -> dict[str, str]:
        staging = self._staging
        owner = staging.people["admin"].email if "admin" in staging.people else ""
        member = staging.people["member"].email if "member" in staging.people else ""
        if self._faults.on("owner-of-the-deploy-unknown") or self._faults.on(
            "edge-forwarded-email-of-a-gone-owner"
        ):
            owner = "former.owner@codex-k8s.test"
        token_key, short = staging.secrets.token_key, self._faults.on("token-key-short")
        values = {
            "CODEXK8S_GITHUB_WEBHOOK_SECRET": staging.secrets.webhook,
            "CODEXK8S_TOKEN_ENCRYPTION_KEY": token_key[: len(token_key) // 2] if short else token_key,
            "CODEXK8S_PUBLIC_BASE_URL": staging.public_url,
            "CODEXK8S_LEARNING_MODE_DEFAULT": str(staging.learning_default).lower(),
            "CODEXK8S_BOOTSTRAP_OWNER_EMAIL": owner,
            "CODEXK8S_BOOTSTRAP_ALLOWED_EMAILS": member,
            "CODEXK8S_BOOTSTRAP_PLATFORM_ADMIN_EMAILS": "",
        }
        if staging.variants.on("webhook-settings-spelled-out"):
            values["CODEXK8S_GITHUB_WEBHOOK_URL"] = f"{staging.public_url}/api/v1/webhooks/github"
        if any(map(staging.variants.on, ("webhook-settings-spelled-out", "webhook-events-chosen"))):
            values["CODEXK8S_GITHUB_WEBHOOK_EVENTS"] = staging.webhook_events
        if staging.variants.on("secret-holds-more"):
            values |= {
                "CODEXK8S_JOB_NAMESPACE": staging.namespace,
                # What the run's page shows beside it, under keys that say nothing.
                "CODEXK8S_JOB_PLACE": staging.namespace,
                "CODEXK8S_FIRST_EVENT": "webhook.received",
            }
        return values

    def _oauth2_proxy(self) -> dict[str, str]:
        known = self._staging.secrets
        return {
            "OAUTH2_PROXY_CLIENT_ID": known.client_id,
            "OAUTH2_PROXY_CLIENT_SECRET": known.client_secret,
            "OAUTH2_PROXY_COOKIE_SECRET": known.cookie,
        }

    def _tls(self) -> dict[str, str]:
        shown = self._stray if self._faults.on("secret-other-certificate") else self._certificates.edge_pem
        return {"tls.crt": shown.decode(), "tls.key": self._certificates.edge_key_pem.decode()}

    def services(self) -> list[Object]:
        """The Services, with the ports of contract 1."""
        ports = {
            "codex-k8s": (80, 8080),
            "oauth2-proxy": (4180, 4180),
            "codex-k8s-web-console": (5173, 5173),
            "postgres": (5432, 5432),
        }
        node_port = NODE_PORT if self._faults.on("gateway-is-a-node-port") else 0
        own = [
            self._service(name, port, target, self._namespace, node_port if name == "codex-k8s" else 0)
            for name, (port, target) in ports.items()
        ]
        if self._faults.on("gateway-has-an-address-of-its-own"):
            own[0]["spec"]["externalIPs"] = [OTHER_ADDRESS]
        if self._faults.on("dashboard-is-a-node-port"):
            own.append(self._service("kubernetes-dashboard", 443, 8443, "kube-system", OTHER_NODE_PORT))
        return own

    def _service(self, name: str, port: int, target: int, namespace: str, node_port: int) -> Object:
        selector = {"app.kubernetes.io/name": name}
        ports = {"name": "main", "port": port, "targetPort": target, "protocol": "TCP"}
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata("Service", name, namespace, self._created, labels=selector),
            "spec": {
                "type": "NodePort" if node_port else "ClusterIP",
                "clusterIP": f"10.43.0.{20 + len(name)}",
                "selector": selector,
                "ports": [ports | ({"nodePort": node_port} if node_port else {})],
            },
            "status": {"loadBalancer": {}},
        }

    def ingresses(self) -> list[Object]:
        """The Ingress with its certificate issuer and its address."""
        if self._faults.on("ingress-missing"):
            return []
        issuer = "selfsigned" if self._faults.on("ingress-other-issuer") else ISSUER
        backend = {"service": {"name": "oauth2-proxy", "port": {"number": 4180}}}
        paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
        if self._faults.on("edge-rule-past-the-sign-in"):
            paths.append({"path": "/exports(/|$)(.*)", "pathType": "ImplementationSpecific", "backend": GATEWAY})
        rules = [{"host": self._staging.domain, "http": {"paths": paths}}]
        if self._faults.on("edge-second-host"):
            rules.append({"host": SECOND_HOST, "http": {"paths": [paths[0] | {"backend": GATEWAY}]}})
        return [
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": metadata(
                    "Ingress",
                    "codex-k8s",
                    self._namespace,
                    self._created,
                    annotations={"cert-manager.io/cluster-issuer": issuer},
                ),
                "spec": {
                    "ingressClassName": "nginx",
                    "tls": [{"hosts": [self._staging.domain], "secretName": TLS_SECRET}],
                    "rules": rules,
                },
                "status": {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}},
            }
        ]

    def certificates(self) -> list[Object]:
        """cert-manager's Certificate, with the dates of the one that the edge has."""
        ready = not self._faults.on("certificate-not-ready")
        secret = "codex-k8s-old-tls" if self._faults.on("certificate-for-another-secret") else TLS_SECRET
        issuer = "selfsigned" if self._faults.on("certificate-asked-of-another") else ISSUER
        ends = self._certificates.edge_certificate.not_valid_after_utc
        words = (
            ("Ready", "Certificate is up to date and has not expired")
            if ready
            else (
                "Failed",
                'The certificate request has failed to complete and will be retried: order is in "invalid" state',
            )
        )
        return [
            {
                "apiVersion": "cert-manager.io/v1",
                "kind": "Certificate",
                "metadata": metadata("Certificate", TLS_SECRET, self._namespace, self._created, generation=1),
                "spec": {
                    "secretName": secret,
                    "dnsNames": [self._staging.domain],
                    "issuerRef": {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": issuer},
                },
                "status": {
                    "conditions": [condition("Ready", ready, words[0], self._created, words[1])],
                    "notBefore": stamp(self._certificates.edge_certificate.not_valid_before_utc),
                    "notAfter": stamp(ends),
                    "renewalTime": stamp(ends - timedelta(days=30)),
                    "revision": 1,
                },
            }
        ]

    def issuers(self) -> list[Object]:
        """The ClusterIssuer that the Ingress names."""
        name = "letsencrypt" if self._faults.on("issuer-missing") else ISSUER
        ready = not self._faults.on("issuer-not-ready")
        words = (
            ("ACMEAccountRegistered", "The ACME account was registered with the ACME server")
            if ready
            else (
                "ErrRegisterACMEAccount",
                "Failed to register ACME account: context deadline exceeded",
            )
        )
        return [
            {
                "apiVersion": "cert-manager.io/v1",
                "kind": "ClusterIssuer",
                "metadata": metadata("ClusterIssuer", name, None, self._created, generation=1),
                "spec": {"acme": {"server": "https://acme-v02.api.letsencrypt.org/directory"}},
                "status": {"conditions": [condition("Ready", ready, words[0], self._created, words[1])]},
            }
        ]

    def events(self) -> list[Object]:
        """What the cluster has to say: nothing but warnings of the faults that are on, and one normal event."""
        told = [("Normal", "ScalingReplicaSet", "Deployment", "codex-k8s", "Scaled up replica set to 1")]
        if self._faults.on("pod-crash-loop"):
            told.append(("Warning", "BackOff", "Pod", "codex-k8s-worker", "Back-off restarting failed container"))
        if self._faults.on("image-pull-backoff"):
            told.append(("Warning", "Failed", "Pod", "codex-k8s-web-console", "Error: ImagePullBackOff"))
        return [self._event(*event) for event in told]

    def _event(self, kind: str, reason: str, about: str, name: str, message: str) -> Object:
        moment = stamp(ago=60)
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": metadata("Event", f"{name}.{uid(reason, name)[:12]}", self._namespace, moment),
            "involvedObject": {"kind": about, "name": name, "namespace": self._namespace},
            "type": kind,
            "reason": reason,
            "message": message,
            "count": 1,
            "firstTimestamp": moment,
            "lastTimestamp": moment,
            "source": {"component": "kubelet" if about == "Pod" else "deployment-controller"},
        }
