"""Faults of the webhook ingress, a part of the gateway."""

from . import group

ACCEPTED, SIGNED, REPLAY, RECEIVER = "s1.p0.1.1", "s1.p0.1.2", "s1.p0.1.3", "s1.boundary.receiver"

FAULTS = (
    *group(
        "2",
        (SIGNED, REPLAY),
        (
            "signature-not-checked",
            "any signature of the right shape passes",
            "проходит любая подпись нужного вида",
        ),
        ("bad-signature-400", "a bad signature answers 400, not 401", "неверная подпись даёт 400 вместо 401"),
        (
            "refused-delivery-recorded",
            "a delivery with a bad signature is refused, but its run is recorded",
            "доставка с неверной подписью отклонена, но запуск записан",
        ),
        ("refusal-tells-signature", "the refusal tells the right signature", "отказ называет верную подпись"),
        (
            "refusal-tells-signature-in-base64",
            "the refusal tells the bytes of the right signature",
            "отказ называет байты верной подписи",
        ),
        (
            "refused-delivery-under-new-id",
            "a delivery with a bad signature is refused, and recorded under another id",
            "доставка с неверной подписью отклонена, но записана под другим id",
        ),
    ),
    *group(
        "2",
        (SIGNED,),
        ("log-tells-signature", "the log tells the right signature", "лог сообщает верную подпись"),
        (
            "signature-of-other-algorithm-accepted",
            "whatever algorithm stands before the right digits",
            "перед верными цифрами сойдёт любой алгоритм",
        ),
        ("signature-missing-accepted", "an unsigned delivery passes", "проходит доставка без подписи"),
        ("signature-not-asked-of-pings", "a ping needs no right signature", "у ping подпись не проверяется"),
        (
            "signature-sha1-accepted",
            "the old sha1 header alone is enough",
            "достаточно старого заголовка с sha1",
        ),
        (
            "signature-of-empty-body-accepted",
            "the signature of an empty body passes for any body",
            "подпись пустого тела подходит к любому телу",
        ),
        (
            "signature-over-trimmed-body",
            "a signature made without the white space around the body passes",
            "проходит подпись, сделанная без пробелов вокруг тела",
        ),
        (
            "signature-with-empty-secret-accepted",
            "a signature made with an empty secret passes",
            "проходит подпись, сделанная пустым секретом",
        ),
        (
            "signature-truncated-accepted",
            "only as many digits are compared as were sent",
            "сравнивается лишь столько цифр, сколько прислано",
        ),
        (
            "signature-prefix-ignored",
            "the algorithm before the digits is not looked at",
            "алгоритм перед цифрами не проверяется",
        ),
        (
            "signature-spaces-dropped",
            "white space in the signature is dropped",
            "пробелы в подписи отбрасываются",
        ),
        (
            "signature-by-plain-hash-accepted",
            "a SHA-256 of the body without the secret passes",
            "проходит SHA-256 тела без секрета",
        ),
        (
            "signature-messages-swapped",
            "a missing signature is called invalid and the other way round",
            "отсутствующая подпись названа неверной и наоборот",
        ),
        (
            "odd-signature-crashes",
            "a signature that is not hexadecimal ends in 500",
            "подпись не из шестнадцатеричных цифр даёт 500",
        ),
    ),
    *group(
        "2",
        (SIGNED, RECEIVER),
        (
            "refused-delivery-recorded-later",
            "a delivery with a bad signature is refused, and its run is recorded seconds later",
            "доставка с неверной подписью отклонена, а через секунды её запуск записан",
        ),
        (
            "signature-over-reencoded-json",
            "the signature is compared over the JSON written anew, not over the bytes that came",
            "подпись сверяется по заново записанному JSON, а не по пришедшим байтам",
        ),
    ),
    *group(
        "2",
        (REPLAY,),
        (
            "deduplication-by-payload",
            "a known id with another body is not taken for a duplicate",
            "известный id с другим телом не считается повтором",
        ),
        (
            "deduplication-by-event",
            "a known id with another event type is not taken for a duplicate",
            "известный id с другим типом события не считается повтором",
        ),
        (
            "deduplication-by-repository",
            "a known id with another repository is not taken for a duplicate",
            "известный id с другим репозиторием не считается повтором",
        ),
        (
            "duplicate-starts-run-anew",
            "a replay puts the run back to pending",
            "повтор возвращает запуск в pending",
        ),
        (
            "duplicate-starts-failed-run-anew",
            "a replay puts a run that failed back to pending",
            "повтор возвращает в pending запуск, который упал",
        ),
        (
            "duplicate-check-races",
            "whether the id is known is looked up before, not decided by the insert",
            "известен ли id, узнаётся заранее, а не решается самой вставкой",
        ),
        ("duplicate-answers-202", "a duplicate answers 202", "повтор получает 202"),
        ("duplicate-not-told", "a duplicate is told to be accepted", "повтор назван принятым"),
        ("duplicate-gets-new-run-id", "a duplicate gets another run id", "повтор получает другой id запуска"),
        (
            "duplicate-known-for-a-day",
            "an id that came more than a day ago ends in 500",
            "id, пришедший больше суток назад, ведёт к 500",
        ),
        (
            "duplicate-overwrites-payload",
            "a duplicate replaces the payload that was first",
            "повтор заменяет первоначальные данные события",
        ),
        (
            "known-id-skips-signature",
            "with a known id the signature is not needed",
            "при известном id подпись не нужна",
        ),
        (
            "known-id-needs-no-signature",
            "with a known id no signature is needed, yet a bad one is refused",
            "при известном id подпись можно опустить, но неверная отклоняется",
        ),
        (
            "delivery-ids-folded",
            "delivery ids that differ in the case of their letters are one",
            "id доставок, различающиеся регистром букв, считаются одним",
        ),
        (
            "bad-signature-burns-id",
            "after a forged delivery the honest one with that id is a duplicate",
            "после поддельной доставки честная с тем же id считается повтором",
        ),
        (
            "refused-body-burns-id",
            "after a delivery that was refused for its body the honest one with that id is a duplicate",
            "после доставки, отклонённой из-за тела, честная с тем же id считается повтором",
        ),
        (
            "refused-replay-recorded",
            "a forged delivery with a known id is refused, and told of as a replay",
            "поддельная доставка с известным id отклонена, но записана как повтор",
        ),
        ("duplicate-event-missing", "a replay leaves no event", "повтор не оставляет события"),
        (
            "duplicate-event-of-equal-bodies-only",
            "a replay with another body leaves no event",
            "повтор с другим телом не оставляет события",
        ),
        (
            "duplicate-event-of-live-runs-only",
            "a replay leaves no event once its run has ended",
            "повтор после конца запуска не оставляет события",
        ),
    ),
    *group(
        "2",
        (ACCEPTED, REPLAY),
        ("delivery-statuses-swapped", "200 and 202 are swapped", "200 и 202 перепутаны"),
        ("run-not-recorded", "202, but no run is recorded", "202, но запуск не записан"),
        ("received-event-missing", "no event webhook.received", "нет события webhook.received"),
        ("received-event-doubled", "webhook.received is written twice", "webhook.received записано дважды"),
        (
            "correlation-id-rewritten",
            "the delivery id is kept in upper case",
            "id доставки хранится в верхнем регистре",
        ),
    ),
    *group(
        "2",
        (ACCEPTED, "s1.p0.2.1", "s1.p0.2.2"),
        ("ping-not-recorded", "a ping is accepted, but makes no run", "ping принят, но запуска не создаёт"),
    ),
    *group(
        "2",
        (ACCEPTED, "s1.p1.2.2"),
        (
            "installation-required",
            "a delivery of a webhook that no app made is refused with 400",
            "доставка вебхука, созданного без приложения, отклонена с ответом 400",
        ),
    ),
    *group(
        "2",
        (ACCEPTED,),
        (
            "reviews-not-recorded",
            "a review is accepted, but makes no run",
            "ревью принято, но запуска не создаёт",
        ),
        (
            "closed-not-recorded",
            "what was closed or deleted is accepted, but makes no run",
            "закрытое и удалённое принято, но запуска не создаёт",
        ),
        (
            "bots-not-recorded",
            "what a bot caused is accepted, but makes no run",
            "вызванное ботом принято, но запуска не создаёт",
        ),
        (
            "public-repository-refused",
            "a delivery about a public repository is refused with 400: false is taken for missing",
            "доставка об открытом репозитории отклонена с ответом 400: false принято за отсутствие",
        ),
        (
            "deliveries-mixed-up",
            "of deliveries that come at the same moment one gets the payload of another",
            "из доставок, пришедших в один миг, одна получает содержимое другой",
        ),
        (
            "nameless-delivery-told",
            "a delivery without an id is refused, and leaves an event without one",
            "доставка без id отклонена, но оставляет событие без id",
        ),
        ("empty-body-accepted", "an empty body is taken for an object", "пустое тело принято за объект"),
        ("unknown-event-refused", "an event of an unknown type is refused", "событие неизвестного типа отклонено"),
        ("json-not-checked", "a body that is not JSON ends in 500", "тело не в JSON даёт 500"),
        ("event-header-optional", "the event's header may be missing", "заголовок события можно не присылать"),
        ("wrong-field-named", "a 400 names another field", "ответ 400 называет не то поле"),
        (
            "body-limit-in-characters",
            "the size of a body is counted in characters",
            "размер тела считается в символах",
        ),
        ("body-limit-missing", "a body of any size is taken", "принимается тело любого размера"),
    ),
    *group(
        "2",
        ("s1.boundary.path", "s1.security.1"),
        (
            "webhooks-of-any-provider",
            "whatever is posted below the public prefix is taken for a delivery",
            "любой POST под публичным префиксом принят за доставку",
        ),
    ),
    *group(
        "2",
        (RECEIVER,),
        (
            "compressed-body-unpacked",
            "a compressed body is unpacked before its signature is compared",
            "сжатое тело распаковывается до сверки подписи",
        ),
        (
            "received-event-of-repositories-only",
            "webhook.received is written only for what names a repository",
            "webhook.received пишется, лишь если назван репозиторий",
        ),
        ("json-before-signature", "JSON is read before the signature", "JSON читается раньше подписи"),
        ("signature-before-headers", "the signature is asked for first", "подпись проверяется раньше заголовков"),
        ("size-judged-first", "the size is judged before all else", "размер проверяется раньше всего остального"),
        (
            "metrics-know-pushes-only",
            "the metrics count what is no push as an event of another kind",
            "всё, что не push, метрики считают событием другого рода",
        ),
        (
            "metrics-count-accepted-only",
            "metrics count neither replays nor refusals",
            "метрики не считают ни повторов, ни отказов",
        ),
        ("gzip-body-inflated", "a compressed body is unpacked", "сжатое тело распаковывается"),
        ("pieces-without-limit", "the gateway takes pieces without end", "шлюз берёт тело частями без предела"),
        ("huge-body-refused-late", "a huge body is refused late", "огромное тело отклоняется поздно"),
        (
            "size-judged-after-reading",
            "a huge body is read to its end before its size is judged",
            "огромное тело читается до конца, и лишь потом проверяется размер",
        ),
        (
            "ids-cut-in-events",
            "events keep the first 64 letters of a delivery id, runs all of them",
            "в событиях хранятся первые 64 буквы id доставки, в запусках — все",
        ),
        (
            "large-body-hung-up-on",
            "a body over 1 MiB ends the connection without an answer",
            "тело больше 1 МиБ обрывает соединение без ответа",
        ),
        ("form-body-accepted", "a form with the JSON in it is taken", "принимается форма с JSON внутри"),
        ("payload-unicode-lost", "letters beyond ASCII become ?", "буквы вне ASCII превращаются в ?"),
        (
            "payload-escaped",
            "markup in the payload is kept as entities",
            "разметка в данных события сохраняется как entities",
        ),
        ("payload-tidied", "line ends in the payload are made alike", "концы строк в данных события уравниваются"),
        (
            "json-read-to-its-first-end",
            "JSON with something after it is taken as if that were not there",
            "JSON, после которого стоит что-то ещё, принят, будто его там нет",
        ),
        (
            "white-space-around-json-refused",
            "JSON with white space around it is refused",
            "JSON с пробелами вокруг отклонён",
        ),
        (
            "large-payload-dropped",
            "the payload is not kept when it is large",
            "большие данные события не сохраняются",
        ),
        ("empty-values-dropped", "values that are empty are not kept", "пустые значения не сохраняются"),
        ("raw-payload-dropped", "the payload is not kept", "данные события не сохраняются"),
        (
            "metrics-label-unescaped",
            "the event's name goes into the metrics as it came",
            "имя события попадает в метрики как пришло",
        ),
        (
            "metrics-label-unbounded",
            "every event name, also of unsigned deliveries, makes a metric of its own",
            "каждое имя события, даже без подписи, создаёт свою метрику",
        ),
        (
            "metrics-in-milliseconds",
            "the time of deliveries is counted in milliseconds",
            "время доставок считается в миллисекундах",
        ),
        (
            "signed-refusal-tells-sql",
            "the refusal of what cannot be stored tells the database's own error",
            "отказ принять то, что нельзя сохранить, приводит ошибку самой базы",
        ),
        (
            "metrics-duration-always-zero",
            "the time of deliveries is read at their end and is always nothing",
            "время доставок замеряется в их конце и всегда равно нулю",
        ),
        (
            "metrics-count-replays-as-accepted",
            "metrics count a replay as accepted, too",
            "метрики считают повтор ещё и принятым",
        ),
        ("metrics-count-twice", "metrics count each delivery twice", "метрики считают каждую доставку дважды"),
        ("metrics-without-event", "metrics do not tell the event", "метрики не называют событие"),
        ("metrics-down", "/metrics ends in 500", "/metrics отвечает 500"),
    ),
    *group(
        "2",
        ("s1.boundary.exposure",),
        (
            "error-with-stack-trace",
            "a 400 shows the stack trace and a piece of SQL",
            "ответ 400 показывает трассировку и кусок SQL",
        ),
    ),
)
