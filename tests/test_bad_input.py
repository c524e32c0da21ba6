"""Bad input gets one sentence and the code of wrong use; the table of it in docs/ is the one that this gives."""

from pathlib import Path

import pytest

from tests import bad_input

BAD_CODES = {"verdict": {2, 3}}


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    for folder in (tmp_path, *tmp_path.parents):  # whoever may do nothing must still get there
        if folder.owner() == tmp_path.owner() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    return tmp_path


def test_every_command_says_what_is_wrong_and_the_table_is_up_to_date(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GATE_DOMAIN", "GATE_SANDBOX", "GATE_GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    told = bad_input.table(open_folder)
    for row in told.splitlines()[10:]:
        command, _, code, text = (cell.strip(" `") for cell in row.strip("| ").split(" | ", 3))
        assert int(code) in BAD_CODES.get(command, {3}), row
        assert text and "Traceback" not in text and "During handling" not in text, row
    assert bad_input.PAGE.read_text(encoding="utf-8") == told, "run `python -m tests.bad_input`"
