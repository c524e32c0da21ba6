"""Faults of what the staging shows to the outside: name, certificate, open ports, the last migration."""

from . import Fault, group

_SMOKE = ("s1.evidence.1",)
_PRE1, _PRE2, _PORTS = ("s1.pre.1",), ("s1.pre.2",), ("s1.security.2",)


def _open(name: str, port: int, what: str, what_ru: str, lines: tuple[str, ...] = _PORTS) -> Fault:
    return Fault(
        name,
        f"Port {port} ({what}) answers from outside.",
        f"Порт {port} ({what_ru}) отвечает снаружи.",
        "1",
        lines,
    )


FAULTS: tuple[Fault, ...] = (
    Fault(
        "dns-other-address",
        "The domain resolves to the address of an older staging.",
        "Домен указывает на адрес прежнего staging.",
        "1",
        _PRE1,
    ),
    Fault(
        "dns-stray-address",
        "Beside the right one the domain has a second A record, of an older staging.",
        "Кроме верной, у домена есть вторая запись A — прежнего staging.",
        "1",
        _PRE1,
    ),
    Fault(
        "dns-stray-ipv6",
        "The domain has an AAAA record that leads elsewhere.",
        "У домена есть запись AAAA, которая ведёт в другое место.",
        "1",
        _PRE1,
    ),
    Fault(
        "dns-no-record",
        "The domain does not exist at the second resolver.",
        "Второй резолвер не знает такого домена.",
        "1",
        _PRE1,
    ),
    Fault(
        "certificate-other-name",
        "The edge shows a certificate for another name.",
        "Вход показывает сертификат на другое имя.",
        "1",
        (*_PRE2, *_SMOKE),
    ),
    Fault(
        "certificate-about-to-end",
        "The edge's certificate ends in five days.",
        "Сертификат на входе истекает через пять дней.",
        "1",
        _PRE2,
    ),
    Fault(
        "certificate-not-yet-valid",
        "The edge's certificate is valid only in three hours.",
        "Сертификат на входе начнёт действовать через три часа.",
        "1",
        (*_PRE2, *_SMOKE),
    ),
    Fault(
        "certificate-ended",
        "The edge's certificate ended three hours ago.",
        "Сертификат на входе истёк три часа назад.",
        "1",
        (*_PRE2, *_SMOKE),
    ),
    Fault(
        "certificate-other-issuer",
        "The edge's certificate comes from an issuer that nobody trusts.",
        "Сертификат на входе выдан издателем, которому никто не доверяет.",
        "1",
        (*_PRE2, *_SMOKE),
    ),
    Fault(
        "certificate-self-signed",
        "The edge's certificate is signed by itself.",
        "Сертификат на входе самоподписанный.",
        "1",
        (*_PRE2, *_SMOKE),
    ),
    Fault(
        "certificate-not-the-secrets",
        "The ingress did not reload: it shows another certificate than the Secret holds.",
        "Ingress не перечитал Secret и показывает другой сертификат.",
        "1",
        _PRE2,
    ),
    Fault(
        "secret-other-certificate",
        "The Secret holds another certificate than the edge shows.",
        "В Secret лежит не тот сертификат, что на входе.",
        "1",
        _PRE2,
    ),
    Fault(
        "ingress-other-issuer",
        "The ingress names another ClusterIssuer.",
        "Ingress называет другой ClusterIssuer.",
        "1",
        _PRE2,
    ),
    Fault(
        "ingress-missing",
        "There is no Ingress of the platform in the cluster.",
        "В кластере нет Ingress платформы.",
        "1",
        _PRE2,
    ),
    Fault(
        "certificate-not-ready",
        "cert-manager's Certificate is not Ready.",
        "Certificate в cert-manager не в состоянии Ready.",
        "1",
        _PRE2,
    ),
    Fault(
        "issuer-not-ready",
        "The ClusterIssuer is not Ready.",
        "ClusterIssuer не в состоянии Ready.",
        "1",
        _PRE2,
    ),
    Fault(
        "tls-old-versions",
        "The edge still speaks TLS 1.0 and 1.1.",
        "Вход всё ещё принимает TLS 1.0 и 1.1.",
        "1",
        _PRE2,
    ),
    Fault(
        "tls-new-versions-refused",
        "The edge speaks TLS 1.1 at most.",
        "Вход принимает TLS не новее 1.1.",
        "1",
        _PRE2,
    ),
    Fault("ssh-port-refused", "Port 22 refuses connections.", "Порт 22 отказывает в соединении.", "1", _PORTS),
    _open("kubernetes-api-open", 6443, "Kubernetes API", "API Kubernetes"),
    _open("kubelet-open", 10250, "kubelet", "kubelet"),
    _open("registry-open", 5000, "registry", "реестр образов"),
    _open("metrics-port-open", 10254, "ingress metrics", "метрики ingress"),
    _open("ingress-admission-open", 8443, "ingress admission", "admission ingress"),
    _open("postgres-open", 5432, "PostgreSQL", "PostgreSQL"),
    _open("gateway-port-open", 8080, "the gateway itself", "сам gateway", ("s1.boundary.exposure",)),
    _open("console-port-open", 5173, "the console itself", "сама консоль", ("s1.boundary.exposure",)),
    Fault(
        "gateway-is-a-node-port",
        "The gateway's Service takes a port of the machines, past the sign-in (NodePort).",
        "Service шлюза занимает порт машин (NodePort), мимо входа.",
        "1",
        ("s1.boundary.exposure",),
    ),
    Fault(
        "database-has-a-host-port",
        "The database's pod takes a port of its machine (hostPort).",
        "Под базы данных занимает порт своей машины (hostPort).",
        "1",
        ("s1.boundary.exposure",),
    ),
    _open("etcd-open", 2379, "etcd", "etcd", ("s1.boundary.exposure",)),
    Fault(
        "goose-newest-not-applied",
        "The newest migration is not applied: goose's last row says so.",
        "Последняя миграция не применена: так говорит последняя строка goose.",
        "3",
        ("s1.pre.3",),
    ),
    Fault(
        "goose-table-empty",
        "goose has not written down a single migration.",
        "goose не записал ни одной миграции.",
        "3",
        ("s1.pre.3",),
    ),
    Fault(
        "smoke-fails",
        "The smoke script finds something broken: it says FAIL and ends with 1.",
        "Smoke-скрипт находит поломку: пишет FAIL и завершается с кодом 1.",
        "7",
        _SMOKE,
    ),
    Fault(
        "smoke-fails-with-zero",
        "The smoke script says FAIL and still ends with 0.",
        "Smoke-скрипт пишет FAIL, но завершается с кодом 0.",
        "7",
        _SMOKE,
    ),
    Fault(
        "smoke-cut-short",
        "The smoke script stops half-way: no OK at the end, exit code 0.",
        "Smoke-скрипт обрывается на полпути: в конце нет OK, код выхода 0.",
        "7",
        _SMOKE,
    ),
    *group(
        "3",
        # Without the index nobody can be made a member.
        ("s1.contract.data", "s1.p1.3.1", "s1.p1.3.2"),
        ("unique-index-lost", "somebody may be a member twice", "участник может повторяться"),
    ),
    *group(
        "3",
        ("s1.contract.data",),
        (
            "owner-of-the-deploy-unknown",
            "the owner that the deploy names is not among the users",
            "владельца, названного в deploy, нет среди пользователей",
        ),
        ("second-owner", "there are two owners", "владельцев двое"),
        (
            "repository-number-narrow",
            "a repository's number has room for 32 bits only",
            "номеру репозитория отведено лишь 32 бита",
        ),
        ("runs-outlive-projects", "runs stay without their project", "запуски остаются без проекта"),
    ),
    *group(
        "2",
        ("s1.boundary.roles",),
        (
            "repositories-outlive-projects",
            "repositories stay without their project",
            "репозитории остаются без проекта",
        ),
    ),
    *group(
        "3",
        ("s1.contract.data", "s1.boundary.identity", "s1.contract.api"),
        ("email-column-is-text", "e-mails are told apart by case", "почта различается по регистру"),
    ),
    *group(
        "3",
        ("s1.contract.data", "s1.p1.3.3"),
        ("column-lost", "feedback has no column for its line", "у обучения нет столбца line"),
    ),
)
