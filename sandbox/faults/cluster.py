"""Faults of the cluster: what the last deploy left, and what the Jobs of runs do."""

from . import Fault

_PRE3 = ("s1.pre.3",)
# The smoke script looks at replicas and at the newest migrate Job, too.
_SMOKE = (*_PRE3, "s1.evidence.1")
_RUNS = ("s1.p0.2.1", "s1.p0.2.2", "s1.p1.2.2", "s1.p1.3.2", "s1.p1.3.3", "s1.evidence.2")
FAULTS: tuple[Fault, ...] = (
    Fault(
        "deployment-half-rolled-out",
        "A roll-out of the gateway stands still: one of two new pods, the old ones still serve.",
        "Выкат gateway застрял: поднят один новый под из двух, запросы обслуживают и старые.",
        "1",
        _PRE3,
    ),
    Fault(
        "deployment-observed-behind",
        "The cluster has not looked at the newest spec of the worker's deployment.",
        "Кластер ещё не обработал последнюю спецификацию развёртывания worker.",
        "1",
        _PRE3,
    ),
    Fault(
        "deployment-unavailable",
        "The web console's pod is updated but not available.",
        "Под веб-консоли обновлён, но недоступен.",
        "1",
        _SMOKE,
    ),
    Fault(
        "deployment-scaled-to-zero",
        "The worker's deployment is scaled to zero.",
        "Развёртывание worker уменьшено до нуля реплик.",
        "1",
        _SMOKE,
    ),
    Fault(
        "deployment-missing",
        "The deployment of oauth2-proxy is not there.",
        "Развёртывания oauth2-proxy нет.",
        "1",
        _SMOKE,
    ),
    Fault(
        "pod-crash-loop",
        "The worker's pod waits in CrashLoopBackOff.",
        "Под worker ожидает в CrashLoopBackOff.",
        "1",
        _PRE3,
    ),
    Fault(
        "pod-restarts",
        "The gateway's pod restarts again and again, and looks ready in between.",
        "Под gateway перезапускается снова и снова, а между перезапусками выглядит готовым.",
        "1",
        _PRE3,
    ),
    Fault(
        "image-pull-backoff",
        "The web console's image cannot be pulled.",
        "Образ веб-консоли не скачивается.",
        "1",
        _PRE3,
    ),
    Fault(
        "migrate-failed",
        "The migrate Job has failed.",
        "Migrate Job завершился ошибкой.",
        "1",
        _SMOKE,
    ),
    Fault(
        "migrate-newest-failed",
        "An older migrate Job is complete, the newest one has failed.",
        "Старый migrate Job завершён, новейший упал.",
        "1",
        _SMOKE,
    ),
    Fault(
        "migrate-unfinished",
        "The migrate Job is still running.",
        "Migrate Job всё ещё выполняется.",
        "1",
        _SMOKE,
    ),
    Fault(
        "migrate-missing",
        "The deploy of a moment ago has run no migrate Job.",
        "Deploy прошёл только что, но migrate Job не запускал.",
        "1",
        _SMOKE,
    ),
    Fault(
        "jobs-always-fail",
        "Every Job of a run fails: the image of the run exits with an error.",
        "Каждый Job запуска падает: образ завершается с ошибкой.",
        "4",
        _RUNS,
    ),
    Fault(
        "jobs-cannot-be-created",
        "The cluster refuses new Jobs: the namespace's quota is used up.",
        "Кластер отказывается создавать Job: квота пространства имён исчерпана.",
        "4",
        _RUNS,
    ),
)
