from __future__ import annotations

import pytest

from infra.worker.requirements import on_lambda, references_of

WRITTEN = """
# A comment; with a semicolon
-c ../constraints.txt  # pins
--only-binary=:all:
both==1.0
simd==2.0; sys_platform == "linux" and platform_machine == "x86_64"
extra[one,two]>=3; platform_machine == "aarch64" # said twice
later==4; python_version >= "3.13"
elsewhere==5; platform_system != "Linux" or os_name == "nt" or implementation_name == "pypy"
direct @ https://example.org/direct-1.whl#sha256=abc
"""


@pytest.fixture
def requirements(tmp_path):
    """Return a file of requirements with markers of every kind."""
    folder = tmp_path / "worker"
    folder.mkdir()
    file = folder / "requirements.txt"
    file.write_text(WRITTEN)
    return file


@pytest.mark.parametrize(
    ("python_version", "machine", "expected"),
    [
        ("3.12", "x86_64", {"simd==2.0"}),
        ("3.13", "x86_64", {"simd==2.0", "later==4"}),
        ("3.13", "aarch64", {"extra[one,two]>=3", "later==4"}),
    ],
)
def test_markers_are_evaluated_for_the_function(requirements, python_version, machine, expected):
    """Whatever this computer is: pip has nothing left to evaluate for it. What it refers to is found from anywhere."""
    lines = set(filter(None, on_lambda(requirements, python_version, machine).splitlines()))
    always = {"both==1.0", "--only-binary=:all:", "direct @ https://example.org/direct-1.whl#sha256=abc"}
    assert lines == always | expected | {f"-c {requirements.parents[1].resolve() / 'constraints.txt'}"}


def test_what_the_requirements_refer_to_is_an_input_too(requirements):
    """The pins decide on the wheels."""
    assert references_of(requirements) == [requirements.parent / "../constraints.txt"]
