"""The worker's zip: what is in it, for which platform, the same bytes every time, and clear errors."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import zipfile
import zlib
from pathlib import Path

import pytest

from infra.config.keys.worker import ARCHITECTURES, RUNTIMES
from infra.worker.bundle import BUILD, UNZIPPED_LIMIT, UPLOADER, build_bundle
from infra.worker.wheels import ROOT, BundleError, Target

HOST = Target("python3.13", "x86_64", host=True)
LAMBDA = [Target(runtime, architecture) for runtime in RUNTIMES for architecture in ARCHITECTURES]
"""All that is offered: what has no wheel must not be."""
ELF_MACHINES = {"arm64": 183, "x86_64": 62}
"""`e_machine` of the ELF header, in the ELF specification's numbers."""


def built(target: Target) -> Path:
    """Build for real; an index that is out of reach is no defect on a laptop, and one in CI."""
    try:
        return build_bundle(target)
    except BundleError as exc:
        if "does not reach its package index" in str(exc) and not os.environ.get("CI"):
            pytest.skip(str(exc))
        raise


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with one module and no wheels, quick to build."""
    (tmp_path / "worker" / "inner").mkdir(parents=True)
    (tmp_path / "worker" / "handler.py").write_text("def handle(event, context): ...\n")
    (tmp_path / "worker" / "inner" / "deep.py").write_text("x = 1\n")
    (tmp_path / "worker" / "requirements.txt").write_text("")
    return tmp_path


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory of builds that tests share: pip takes seconds even for no wheels at all."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def build(project, kept):
    """Return what builds a project, the one of the test if no other is given."""
    return lambda target=HOST, root=project: build_bundle(target, root=root, build=kept)


@pytest.mark.parametrize("target", LAMBDA, ids=str)
def test_every_binary_is_for_the_function_s_platform(target):
    """All that is offered has wheels; a shared object is of the processor and, where its name says one, of the Python version."""
    cpython = f"cpython-{target.python_version.replace('.', '')}-"
    with zipfile.ZipFile(built(target)) as bundle:
        binaries = [name for name in bundle.namelist() if ".so" in Path(name).name]
        machines = {name: int.from_bytes(bundle.read(name)[18:20], "little") for name in binaries}
    assert any(name.startswith(f"PIL/_imaging.{cpython}") for name in binaries)
    assert set(machines.values()) == {ELF_MACHINES[target.architecture]}
    assert all(cpython in name for name in binaries if "cpython-" in name)


@pytest.mark.parametrize("target", LAMBDA, ids=str)
def test_the_bundle_holds_the_worker_and_its_wheels_only(target):
    """All of the worker's modules and what they import; boto3 is Lambda's own; far below the limit of 250 MB.

    cykooz.resizer has no wheel for arm64: a marker leaves it out for the function's platform, whatever this computer's is.
    """
    with zipfile.ZipFile(built(target)) as bundle:
        names = bundle.namelist()
        size = sum(entry.file_size for entry in bundle.infolist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "worker").rglob("*.py")}
    assert {name for name in names if name.startswith("worker/")} == modules
    wheels = {name.split("/")[0] for name in names if not name.startswith("worker/")}
    packages = {name.partition(".")[0] for name in wheels if not name.endswith((".dist-info", ".libs"))}
    simd = {"cykooz_resizer"} if target.architecture == "x86_64" else set()
    assert packages == {"PIL", "pillow_heif", "_pillow_heif"} | simd
    assert not [name for name in names if name.endswith(".pyc")]
    assert size < UNZIPPED_LIMIT / 4


def test_the_uploader_s_bundle_is_its_code_alone(tmp_path):
    """No wheels, no worker: the runtime has all that it imports."""
    with zipfile.ZipFile(build_bundle(LAMBDA[0], UPLOADER, build=tmp_path)) as bundle:
        names = bundle.namelist()
    assert set(names) == {path.relative_to(ROOT).as_posix() for path in (ROOT / "uploader").rglob("*.py")}


def test_the_same_input_gives_the_same_bytes(build, project, tmp_path_factory):
    """Built twice, from different places, times and modes, the zip is the same, so that nothing is deployed anew."""
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(project, other, dirs_exist_ok=True)
    for path in (other / "worker").rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    first = build()
    content = first.read_bytes()
    first.unlink()
    assert build(root=other) == first
    assert first.read_bytes() == content


def test_the_bytes_depend_on_no_compressor(build, project, tmp_path, monkeypatch):
    """Another zlib compresses to other bytes: what a wheel brings stays as its publisher compressed it, the rest is stored."""
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("thing/__init__.py", "x = 1\n" * 1000)
        archive.writestr("thing-1.0.data/purelib/other.py", "y = 2\n" * 1000)
        archive.writestr("thing-1.0.data/scripts/run", "#!python\n")
        archive.writestr("thing/empty/", "")
    monkeypatch.setattr("infra.worker.bundle.wheels_for", lambda *_: tmp_path)
    monkeypatch.setattr(zlib, "compressobj", lambda *_, **__: pytest.fail("something is compressed"))
    with zipfile.ZipFile(build()) as bundle:
        assert bundle.testzip() is None
        found = {entry.filename: (entry.compress_type, bundle.read(entry)) for entry in bundle.infolist()}
    assert found == {
        "other.py": (zipfile.ZIP_DEFLATED, b"y = 2\n" * 1000),
        "thing/__init__.py": (zipfile.ZIP_DEFLATED, b"x = 1\n" * 1000),
        "worker/handler.py": (zipfile.ZIP_STORED, b"def handle(event, context): ...\n"),
        "worker/inner/deep.py": (zipfile.ZIP_STORED, b"x = 1\n"),
    }


def test_the_bytes_are_the_same_on_every_computer(build, project):
    """This is their hash, whatever the operating system, the Python version and its zlib; raise `_FORMAT` with it."""
    content = build().read_bytes()
    assert hashlib.sha256(content).hexdigest() == "31a36aaf12a2f86d7b746bd77a24abc97d685f33d1d94729882c050355ef7189"


def test_line_ends_of_a_checkout_do_not_matter(build, project):
    """Git on Windows writes others."""
    first = build()
    for path in (project / "worker").rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert build() == first


def test_it_is_built_again_only_when_its_input_changes(build, project):
    """An unchanged tree gives the very file that is there; a changed module gives another one."""
    first = build()
    os.utime(first, (1, 1))
    assert build() == first
    assert first.stat().st_mtime == 1
    (project / "worker" / "inner" / "deep.py").write_text("x = 2\n")
    assert build() != first


def test_nothing_unfinished_is_left(build, kept):
    """The directory of builds holds whole zips and wheels only."""
    build()
    assert not list(kept.rglob("unfinished-*"))


def test_a_wheel_that_does_not_exist_is_named(build, project):
    """The error says which package has no wheel for which platform, and what to do."""
    (project / "worker" / "requirements.txt").write_text("pillow==1.0\n")
    with pytest.raises(BundleError, match=r"pillow==1\.0 has no wheel for Python 3\.13 on arm64 \(Lambda\)") as caught:
        build(LAMBDA[0])
    assert "worker/requirements.txt" in str(caught.value)


def test_an_index_that_cannot_be_reached_is_not_taken_for_a_missing_wheel(build, project, monkeypatch):
    """Pip says of both that no distribution matches; our error distinguishes them."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{closed.getsockname()[1]}/simple")
        (project / "worker" / "requirements.txt").write_text("pillow==13.0.0\n")
        with pytest.raises(BundleError, match="does not reach its package index"):
            build(LAMBDA[0])


def test_a_package_that_lambda_would_refuse_is_refused_here(build, project, monkeypatch):
    """Over 250 MB unzipped, the error states both numbers."""
    monkeypatch.setattr("infra.worker.bundle.UNZIPPED_LIMIT", 10)
    (project / "worker" / "large.py").write_text("x = 'more than ten bytes'\n")
    with pytest.raises(BundleError, match="Lambda takes 10 at most"):
        build()


def test_the_newest_wheels_that_run_on_lambda_come_first():
    """Every runtime is on Amazon Linux 2023, which has glibc 2.34; wheels for older ones run there, too."""
    platforms = list(Target("python3.13", "arm64").platforms())
    assert (platforms[0], platforms[-1]) == ("manylinux_2_34_aarch64", "manylinux2014_aarch64")


def test_builds_are_kept_where_clean_removes_them():
    """`make clean` removes `build`, and git ignores it."""
    assert BUILD.relative_to(ROOT).as_posix() == "build"
    assert "build/" in (ROOT / ".gitignore").read_text().splitlines()
