"""Pictures on pipes, and pipes that are closed, full, empty or terminals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from luvcolor.frame import Frame
from luvcolor.io.codec import encode
from tests.cli.conftest import Run, picture
from tests.conftest import noisy

LUVCOLOR = [sys.executable, "-m", "luvcolor"]
CLOSED = "import sys\nsys.{} = None\nfrom luvcolor.cli import main\nmain({!r})"


def test_several_formats_on_one_pipe(run: Run) -> None:
    data = b"".join(
        encode(Frame(noisy(9, 12 + n, n)), format_)
        for n, format_ in enumerate(("png", "jpeg", "pnm", "webp", "bmp"))
    )
    ran = run("gray", stdin=data)
    assert (ran.status, ran.said) == (0, [])
    assert [frame.size for frame in ran.frames] == [(9, 12 + n) for n in range(5)]
    assert all(frame.is_gray for frame in ran.frames)


def test_names_travel_through_pipes(run: Run, photos: Path) -> None:
    gray = run("gray", photos)
    small = run("resize", "--long-side", 8, stdin=gray.out)
    ran = run("gray", "-", "-o", "new", stdin=small.out)
    assert ran.status == 0
    assert picture(Path("new/sub/c.png")).size == (6, 8)


def test_a_pipe_that_breaks_off(run: Run, photo: Path) -> None:
    whole = photo.read_bytes()
    ran = run("gray", stdin=whole + whole[:500])
    assert ran.status == 1
    assert len(ran.frames) == 1
    assert "expected a whole png picture" in ran.said[0]
    assert ran.said[1] == "luvcolor: 1 picture failed; the rest are done"


def test_an_empty_pipe_is_a_failure(run: Run) -> None:
    ran = run("gray")
    assert (ran.status, ran.out) == (1, b"")
    assert "standard input: expected pictures, found nothing" in ran.said[0]
    assert ran.said[1] == "luvcolor: 1 picture failed; none is done"


@pytest.mark.parametrize("words", [[], ["-"]])
def test_nothing_to_read_at_a_terminal(run: Run, words: list[str]) -> None:
    ran = run("gray", *words, "-o", "new.png", terminal="stdin")
    assert ran.status == 2
    assert "gray has nothing to read" in ran.error


@pytest.mark.parametrize("words", [[], ["-o", "-"]])
def test_no_picture_goes_to_a_terminal(run: Run, photo: Path, words: list[str]) -> None:
    ran = run("gray", photo, *words, terminal="stdout")
    assert (ran.status, ran.out) == (2, b"")
    assert "standard output is a terminal" in ran.error


def test_a_progress_bar_goes_to_a_terminal_alone(run: Run, photos: Path, broken: Path) -> None:
    ran = run("gray", photos, broken, "-o", "new", terminal="stderr")
    assert ran.status == 1
    assert any("4/4" in line for line in ran.said)
    assert any(line.endswith("convert it to PNG or TIFF first") for line in ran.said)


@pytest.mark.parametrize(("stream", "said"), [("stdin", "nothing to read"), ("stdout", "closed")])
def test_closed_streams(photo: Path, stream: str, said: str) -> None:
    words = ["gray", str(photo)] if stream == "stdout" else ["gray"]
    done = subprocess.run(
        [sys.executable, "-c", CLOSED.format(stream, words)], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [["gray", "photo.png"], ["palette", "photo.png", "--json"]])
def test_a_full_disk(photo: Path, words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*LUVCOLOR, *words], cwd=photo.parent, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_a_file(run: Run, photo: Path) -> None:
    ran = run("gray", photo, "-o", "/dev/full")
    assert ran.status == 1
    assert "No space left on device" in ran.said[0]


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(encode(Frame(noisy(400, 400)), "png"))
    with subprocess.Popen(
        [*LUVCOLOR, "gray", "large.png", "large.png", "large.png"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def hear_interrupts() -> None:
    """Undo what shells do to background jobs: these, and their children, hear no SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def waiting(photo: Path) -> subprocess.Popen[bytes]:
    """A run that has written one picture and waits for the next."""
    process = subprocess.Popen(
        [*LUVCOLOR, "gray", "!", "resize", "--long-side", "8"],
        cwd=photo.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hear_interrupts if os.name == "posix" else None,
    )
    assert process.stdin is not None
    process.stdin.write(photo.read_bytes())
    process.stdin.flush()
    return process


def test_a_picture_is_written_before_the_next_arrives(waiting: subprocess.Popen[bytes]) -> None:
    with waiting as process:
        assert process.stdout is not None
        assert process.stdout.read(8) == b"\x89PNG\r\n\x1a\n"
        process.communicate()
    assert process.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_an_interrupted_run_says_so(waiting: subprocess.Popen[bytes]) -> None:
    with waiting as process:
        assert process.stdout is not None
        assert process.stdout.read(8)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130
    assert said.decode().strip() == "luvcolor: interrupted"


@pytest.mark.parametrize("output", ["new", "new.zip"])
def test_an_interrupted_run_leaves_nothing_half_done(
    run: Run, photos: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    from luvcolor import gray

    def interrupt(frame: Frame) -> Frame:
        if frame.name == "sub/c.png":
            raise KeyboardInterrupt
        return frame

    monkeypatch.setattr(gray, "to_gray", interrupt)
    ran = run("gray", photos, "--jobs", 1, "-o", output)
    assert (ran.status, ran.said[-1]) == (130, "luvcolor: interrupted")
    left = [path.name for path in Path().rglob("*") if "part" in path.name]
    assert (left, Path("new.zip").exists()) == ([], False)
