"""Words of the sentences that mean one of several things, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from gate.doors.webhook import Rewriting, Signature

SIGNATURES: Mapping[str, Signature] = {
    "forged": Signature.FORGED,
    "подделана": Signature.FORGED,
    "made with another secret": Signature.OTHER_SECRET,
    "сделана чужим секретом": Signature.OTHER_SECRET,
    "made with an empty secret": Signature.EMPTY_SECRET,
    "сделана пустым секретом": Signature.EMPTY_SECRET,
    "made over another body": Signature.OTHER_BODY,
    "сделана для другого тела": Signature.OTHER_BODY,
    "made over an empty body": Signature.EMPTY_BODY,
    "сделана для пустого тела": Signature.EMPTY_BODY,
    "a plain hash of the body": Signature.UNSIGNED_HASH,
    "простой хеш тела": Signature.UNSIGNED_HASH,
    "truncated": Signature.TRUNCATED,
    "обрезана": Signature.TRUNCATED,
    "too long": Signature.TOO_LONG,
    "слишком длинная": Signature.TOO_LONG,
    "not hexadecimal": Signature.NOT_HEX,
    "не шестнадцатеричная": Signature.NOT_HEX,
    "a sha1 one": Signature.SHA1,
    "алгоритм sha1": Signature.SHA1,
    "only in the old sha1 header": Signature.LEGACY_HEADER,
    "только в старом заголовке sha1": Signature.LEGACY_HEADER,
    "without its prefix": Signature.NO_PREFIX,
    "без приставки": Signature.NO_PREFIX,
    "missing": Signature.MISSING,
    "отсутствует": Signature.MISSING,
    "empty": Signature.EMPTY,
    "пустая": Signature.EMPTY,
    "a prefix only": Signature.PREFIX_ONLY,
    "одна приставка": Signature.PREFIX_ONLY,
    "in upper-case hex": Signature.UPPER_CASE,
    "в верхнем регистре": Signature.UPPER_CASE,
    "after an upper-case prefix": Signature.UPPER_PREFIX,
    "с приставкой в верхнем регистре": Signature.UPPER_PREFIX,
    "the right digits after sha1=": Signature.SHA1_PREFIX,
    "верные цифры после sha1=": Signature.SHA1_PREFIX,
    "padded with white space": Signature.SPACES,
    "с пробелом": Signature.SPACES,
}
SIGNED: Mapping[str, Signature] = {
    "rightly": Signature.HONEST,
    "верной": Signature.HONEST,
    "wrongly": Signature.FORGED,
    "неверной": Signature.FORGED,
}
NO_JSON: Mapping[str, bytes] = {
    "not JSON": b"payload=this+is+a+form",
    "не JSON": b"payload=this+is+a+form",
    "empty": b"",
    "пустое": b"",
}
REPLAYS: Mapping[str, str] = {
    "body": "body",
    "содержимое": "body",
    "event type": "event",
    "тип события": "event",
    "repository": "repository",
    "репозиторий": "repository",
}
REWRITINGS: Mapping[str, Rewriting] = {
    "with other spaces": Rewriting.SPACES,
    "с другими пробелами": Rewriting.SPACES,
    "with its keys in another order": Rewriting.KEY_ORDER,
    "с другим порядком ключей": Rewriting.KEY_ORDER,
    "with other line ends": Rewriting.LINE_ENDS,
    "с другими концами строк": Rewriting.LINE_ENDS,
    "with a line end behind it": Rewriting.LINE_END_BEHIND,
    "с концом строки после него": Rewriting.LINE_END_BEHIND,
}
HEADERS: Mapping[str, str] = {
    "delivery id": "delivery",
    "с id доставки": "delivery",
    "event": "event",
    "с типом события": "event",
}
ENDS: Mapping[str, str] = {"succeeded": "succeeded", "failed": "failed"}
ATTACHED: Mapping[str, bool] = {
    "attached": True,
    "подключён": True,
    "not attached": False,
    "не подключён": False,
}
LEARNING: Mapping[str, bool] = {"on": True, "включено": True, "off": False, "выключено": False}
OVERRIDES: Mapping[str, str] = {
    "inherited": "none",
    "наследуется": "none",
    "on": "on",
    "включено": "on",
    "off": "off",
    "выключено": "off",
}
SENDERS: Mapping[str, str] = {
    "the member": "member",
    "этот участник": "member",
    "the member in another case": "other case",
    "этот участник в другом регистре": "other case",
    "nobody known": "unknown",
    "никому не известный": "unknown",
    "a member of another project": "outsider",
    "участник другого проекта": "outsider",
}
