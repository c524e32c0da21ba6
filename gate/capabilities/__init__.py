"""What a scenario can do and must find, one class a capability: it acts, keeps what it saw, and judges it."""

from gate.lazily import lazily

__getattr__ = lazily(__name__)
