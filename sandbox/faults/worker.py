"""Faults of the worker."""

from . import group

STATUS, LEASE, FEEDBACK, SHOWN = "s1.p0.2.1", "s1.p0.2.2", "s1.p1.3.2", "s1.p1.3.3"

FAULTS = (
    *group(
        "4",
        (STATUS, LEASE),
        ("worker-claims-nothing", "runs stay pending for ever", "запуски навсегда остаются pending"),
        ("running-skipped", "a run goes from pending to its end", "запуск идёт из pending сразу к концу"),
        (
            "vanished-job-ignored",
            "a run whose Job vanished stays running",
            "запуск с исчезнувшим Job остаётся running",
        ),
        ("job-forgotten", "a run starts without its Job, and fails", "запуск начат без Job и потому падает"),
    ),
    *group(
        "4",
        (STATUS,),
        (
            "vanished-job-succeeds",
            "a run whose Job vanished succeeds",
            "запуск с исчезнувшим Job считается успешным",
        ),
        (
            "vanished-job-made-again",
            "a Job that vanished is made again",
            "исчезнувший Job создаётся заново",
        ),
        ("started-at-missing", "the start has no time", "у начала нет времени"),
        ("finished-at-missing", "the end has no time", "у конца нет времени"),
        ("finished-before-started", "the end lies before the start", "конец раньше начала"),
        ("run-succeeds-without-job", "a run succeeds without any Job", "запуск успешен без всякого Job"),
        ("job-under-another-name", "the Job has another name", "у Job другое имя"),
        ("job-without-labels", "the Job has no labels", "у Job нет меток"),
        ("job-retried", "a Job that fails is retried six times", "неудачный Job повторяется шесть раз"),
        ("job-kept-for-ever", "a Job is never removed", "Job никогда не удаляется"),
        ("homeless-runs-together", "runs without a repository share a project", "запуски не о репозитории вместе"),
        ("vanished-job-not-named", "the event hides that the Job vanished", "событие скрывает, что Job исчез"),
        ("started-event-missing", "no event run.started", "нет события run.started"),
        ("started-event-doubled", "run.started is written twice", "run.started записано дважды"),
        ("started-event-without-fields", "run.started lacks its fields", "в run.started нет нужных полей"),
        ("ended-event-missing", "the end leaves no event", "конец не оставляет события"),
        ("ended-event-doubled", "the end is told twice", "о конце сообщено дважды"),
    ),
    *group(
        "4",
        (LEASE,),
        ("slot-leaked-after-success", "success does not free the slot", "успех не освобождает слот"),
        ("slot-leaked-after-failure", "failure does not free the slot", "неудача не освобождает слот"),
        ("slot-freed-before-the-end", "the slot is freed while the run works", "слот освобождён до конца запуска"),
        (
            "slot-freed-for-another-run",
            "the end of a run frees somebody else's slot",
            "конец запуска освобождает чужой слот",
        ),
        ("slot-stays-releasing", "the slot stays releasing", "слот остаётся releasing"),
        ("free-slot-keeps-owner", "a free slot still names its owner", "свободный слот хранит владельца"),
        ("free-slot-keeps-lease-time", "a free slot has a lease time", "у свободного слота есть срок аренды"),
        ("newest-first", "the run that came last begins first", "первым начинается пришедший последним"),
        ("lease-in-seconds", "the lease lasts seconds in place of minutes", "аренда длится секунды, а не минуты"),
        ("lease-in-the-past", "the lease is over when it begins", "аренда истекает до начала"),
        ("lease-without-end", "the lease has no end", "у аренды нет срока"),
        ("lease-owner-not-the-run", "the lease names the worker", "аренда названа по воркеру"),
        ("slots-without-limit", "a new slot is made when none is free", "когда слотов нет, создаётся новый"),
        ("two-runs-in-one-slot", "two runs share a slot", "два запуска делят один слот"),
        ("expired-lease-kept", "an expired lease is never freed", "истёкшая аренда не освобождается"),
        ("waiting-run-forgotten", "a run that had to wait never starts", "ждавший запуск так и не начинается"),
        ("waiting-run-failed", "a run that has to wait fails", "запуск, которому надо ждать, падает"),
    ),
    *group(
        "4",
        ("s1.p1.2.2",),
        (
            "attached-project-ignored",
            "a run of an attached repository goes to another project",
            "запуск подключённого репозитория попадает в другой проект",
        ),
    ),
    *group(
        "4",
        (FEEDBACK,),
        ("feedback-before-the-end", "feedback comes before the end", "обучение приходит до конца запуска"),
        (
            "feedback-without-learning-mode",
            "feedback comes without learning mode",
            "обучение приходит и без режима обучения",
        ),
        ("feedback-after-success-only", "a failed run gets no feedback", "неудачный запуск остаётся без обучения"),
        ("feedback-of-another-kind", "the feedback is not inline", "обучение не вида inline"),
    ),
    *group(
        "4",
        (FEEDBACK, SHOWN),
        ("feedback-missing", "no feedback at all", "обучения нет совсем"),
        ("feedback-for-another-run", "the feedback goes to another run", "обучение записано другому запуску"),
    ),
    *group("4", (FEEDBACK,), ("feedback-empty", "the feedback has no text", "обучение без текста")),
)
