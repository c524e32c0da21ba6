"""Nothing can be changed in a bundle unnoticed: the catalogue of tampering, and every byte of a zip."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from gate.bundle import build_bundle
from gate.errors import GateError
from gate.folder import INPUTS, VERDICT
from gate.verdict import decide
from gate.verdict_file import keep_inputs, write_verdict
from gate.zipping import Damaged, read_zip, write_zip
from proof import tampering
from tests.fake_run import FakeRun

PAGE = Path(__file__).resolve().parent.parent / "docs" / "tampering.md"


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> list[tampering.Tried]:
    run = FakeRun(tmp_path_factory.mktemp("run"))
    run.breaks("s1.p0.1.2")
    case = run.case()
    (run.reports / "blockers.json").write_text('{"state": "checked", "source": "", "items": []}', encoding="utf-8")
    keep_inputs(case, run.reports / INPUTS)
    write_verdict(decide(run.case()), run.reports / VERDICT)
    bundle = build_bundle(run.reports, run.features, run.waivers)
    return tampering.Tampering(bundle.path, tmp_path_factory.mktemp("tampering")).all()


def test_only_what_is_whole_is_called_so(tried: list[tampering.Tried]) -> None:
    assert [one.what for one in tried if one.code == 0] == ["nothing", "signed by its maker"]
    assert len(tried) > 25


def test_the_page_says_what_verify_says(tried: list[tampering.Tried]) -> None:
    made = tampering.page(tried)
    assert PAGE.read_text(encoding="utf-8") == made, f"put this into {PAGE}:\n{made}"


def test_not_one_byte_around_the_files_can_be_changed_unnoticed(tmp_path: Path) -> None:
    files = {"a.txt": b"a" * 40, "b/c.json": b'{"k": "v"}', "ё": "текст".encode()}
    path, other = tmp_path / "whole.zip", tmp_path / "other.zip"
    write_zip(path, files)
    whole = path.read_bytes()
    assert read_zip(path) == files
    with zipfile.ZipFile(path) as archive:
        starts = [(one.header_offset + 30 + len(one.filename.encode()), one) for one in archive.infolist()]
    # What is packed may be written in more ways than one; what comes of it is hashed, and compared here.
    packed = {place for start, one in starts for place in range(start, start + one.compress_size)}
    unnoticed = []
    for place in range(len(whole)):
        for bit in (1, 0x80):
            other.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            try:
                if read_zip(other) == files and place not in packed:
                    unnoticed.append((place, bit))
            except GateError:
                continue
    assert unnoticed == []


def test_what_another_program_packed_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"1")
    with pytest.raises(Damaged, match="stands in the zip before a"):
        read_zip(path)


def test_a_file_and_a_folder_of_one_name_are_refused(tmp_path: Path) -> None:
    write_zip(tmp_path / "both.zip", {"a": b"1", "a/b": b"2"})
    with pytest.raises(GateError, match="of one name"):
        read_zip(tmp_path / "both.zip")
