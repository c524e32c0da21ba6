"""Our own signer against the answer that GitHub publishes, so that no refusal is our own mistake (probe W7)."""

from gate.doors.webhook import sign

# docs.github.com, "Validating webhook deliveries", section "Testing the webhook payload validation".
SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_the_signer_gives_githubs_known_answer():
    assert sign(SECRET, BODY) == SIGNATURE


def test_one_byte_more_gives_another_signature():
    assert sign(SECRET, BODY + b" ") != SIGNATURE
