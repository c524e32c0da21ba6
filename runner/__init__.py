"""What behave needs from us: the record of a run, its progress on the screen, the guard around the steps."""

from gate.lazily import lazily

__getattr__ = lazily(__name__)
