"""The build of the tables can be run again on the originals and gives the committed tables byte for byte."""

import shutil
from pathlib import Path

import pytest

from tests.shared import shared
from vocabularies.build.__main__ import build, main
from vocabularies.build.tables import HERE, BuildError


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("tables")
    build(shared("spec/vocabularies"), target)
    return target


@pytest.fixture
def hand(tmp_path: Path) -> Path:
    for folder in ("additions", "aliases"):
        shutil.copytree(HERE / folder, tmp_path / folder)
    return tmp_path


def test_a_second_run_gives_the_committed_tables_byte_for_byte(rebuilt: Path) -> None:
    assert {file.name for file in rebuilt.iterdir()} == {file.name for file in HERE.iterdir() if file.suffix in (".csv", ".toml")}
    for file in rebuilt.iterdir():
        assert file.read_bytes() == (HERE / file.name).read_bytes(), file.name


def test_one_table_alone_leaves_the_others_and_what_is_said_of_them(rebuilt: Path, tmp_path: Path) -> None:
    shutil.copytree(rebuilt, tmp_path / "t")
    (tmp_path / "t" / "theme.csv").write_text("old", encoding="utf-8")
    (tmp_path / "t" / "licence.csv").write_text("old", encoding="utf-8")
    assert list(build(shared("spec/vocabularies"), tmp_path / "t", "theme")) == ["theme"]
    assert (tmp_path / "t" / "theme.csv").read_bytes() == (rebuilt / "theme.csv").read_bytes()
    assert (tmp_path / "t" / "licence.csv").read_text(encoding="utf-8") == "old"
    assert (tmp_path / "t" / "SOURCES.toml").read_bytes() == (rebuilt / "SOURCES.toml").read_bytes()


@pytest.mark.parametrize(
    ("file", "line", "says"),
    [
        ("aliases/theme.csv", "Raumfahrt,SPACE,\n", "leads to SPACE"),
        ("aliases/theme.csv", "Recht,JUST,\n", "stands twice"),
        ("aliases/namespace.csv", "http://example.org/,colour,\n", "no table"),
        ("additions/frequency.csv", "FORTNIGHT,alle zwei Wochen\n", "do not list FORTNIGHT"),
    ],
)
def test_a_hand_kept_line_that_fits_nothing_stops_the_build_before_it_writes(hand: Path, file: str, line: str, says: str) -> None:
    with (hand / file).open("a", encoding="utf-8") as out:
        out.write(line)
    target = hand / "out"
    target.mkdir()
    with pytest.raises(BuildError, match=says):
        build(shared("spec/vocabularies"), target, hand=hand)
    assert list(target.iterdir()) == []


def test_a_code_without_german_label_stops_the_build(hand: Path) -> None:
    (hand / "additions" / "availability.csv").write_text("code,label_de\n", encoding="utf-8")
    with pytest.raises(BuildError, match="no German label"):
        build(shared("spec/vocabularies"), hand, "availability", hand)


def test_a_missing_original_is_named_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in HERE.iterdir()}
    assert main([str(tmp_path)]) == 2
    assert "eu/" in capsys.readouterr().err
    assert before == {file.name: file.stat().st_mtime_ns for file in HERE.iterdir()}
