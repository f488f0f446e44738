"""The rules of the house that a machine can count. Where one is in the way, the code is changed, not the number."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("app", "models", "reports", "views", "tests")
TOP = {*FOLDERS, "docs", ".ci"}
MODULE_LINES, FUNCTION_LINES, PARAMETERS, NESTING, PUBLIC_VERBS, FILES = 300, 40, 5, 3, 12, 25

# Signatures that a library calls, not we.
GIVEN_SIGNATURES = {"_convert_many_to_one", "_get_list_widget"}
# A `with` decides nothing, so it is no step deeper.
BRANCHES = (ast.If, ast.For, ast.While, ast.Try, ast.Match, ast.AsyncFor)


def kept_files() -> list[str]:
    """Files of the repository, those not committed yet among them."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return sorted(name for name in done.stdout.splitlines() if (ROOT / name).is_file())


KEPT = kept_files()
PAGES = [name for name in KEPT if name.startswith("app/templates/") and name.endswith(".html")]
OURS = [name for name in KEPT if name.endswith(".py") and not name.startswith("models/migrations/versions/")]


def parsed(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text("utf-8"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def depth(node: ast.AST, level: int = 0) -> int:
    """How deep blocks stand inside one another; an elif stands beside its if, a function begins anew."""
    deepest = level
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.FunctionDef | ast.Lambda | ast.ClassDef):
                continue
            is_elif = name == "orelse" and isinstance(node, ast.If) and isinstance(child, ast.If) and len(value) == 1
            deepest = max(deepest, depth(child, level + (isinstance(child, BRANCHES) and not is_elif)))
    return deepest


def all_parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return [name for name in names if name not in {"self", "cls"}]


def is_our_signature(module: str, function: str) -> bool:
    """Whether we chose the parameters; a test's are the fixtures it asks for."""
    return function not in GIVEN_SIGNATURES and not module.startswith("tests/")


@pytest.mark.parametrize("name", OURS)
def test_a_module_can_be_read_at_one_sitting(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    tree = parsed(name)
    assert (ast.get_docstring(tree) or not text.strip()), "the first line says what the module is for"
    assert len(text.splitlines()) <= MODULE_LINES
    if not name.startswith("tests/"):
        verbs = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]
        assert len(verbs) <= PUBLIC_VERBS, verbs


@pytest.mark.parametrize("name", OURS)
def test_a_function_does_one_thing(name: str) -> None:
    found = []
    for function in functions(parsed(name)):
        lines = (function.end_lineno or 0) - function.lineno + 1
        parameters = len(all_parameters(function)) if is_our_signature(name, function.name) else 0
        nested = depth(function)
        if lines > FUNCTION_LINES or parameters > PARAMETERS or nested > NESTING:
            found.append(f"{function.name}: {lines} lines, {parameters} parameters, nested {nested}")
    assert found == []


@pytest.mark.parametrize("name", OURS)
def test_names_are_words_of_the_business(name: str) -> None:
    assert "util" not in name
    classes = [node.name for node in ast.walk(parsed(name)) if isinstance(node, ast.ClassDef)]
    bad = [one for one in classes if re.search(r"(Manager|Helper|Utils?)$", one)]
    assert [one for one in bad if one != "CrmSecurityManager"] == []


def test_a_folder_can_be_overlooked() -> None:
    counted: dict[str, int] = {}
    for name in KEPT:
        folder = str(Path(name).parent)
        if not folder.startswith(("app/static", "app/templates/appbuilder", "tests/vectors", "tests/payloads", "docs")):
            counted[folder] = counted.get(folder, 0) + 1
    assert {folder: count for folder, count in counted.items() if count > FILES} == {}


def test_the_root_has_the_agreed_folders_alone() -> None:
    assert {name.split("/")[0] for name in KEPT if "/" in name} <= TOP


def test_transactions_end_at_the_doors_alone() -> None:
    # The last of them commits what has only read: to the database the same as taking it back.
    doors = {"app/doors.py", "app/queue.py", "app/worker.py", "app/jobs/scheduler.py", "models/ground/prepared.py"}
    found = [
        f"{name}:{node.lineno}"
        for name in OURS
        if name not in doors and not name.startswith("tests/")
        for node in ast.walk(parsed(name))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert found == []


def test_every_job_that_is_asked_for_exists() -> None:
    from app.jobs import JOBS

    asked = set()
    for name in OURS:
        if name.startswith("tests/"):
            continue
        asked |= set(re.findall(r'"(app\.jobs\.[a-z_]+\.[a-z_]+)"', (ROOT / name).read_text("utf-8")))
    for path in asked:
        module, _, function = path.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function))
        assert path in JOBS


def test_nothing_tells_where_it_was_built() -> None:
    words = re.compile(r"pypi\.org|registry\.npmjs|pythonhosted|/work/|127\.0\.0\.1:4873|(?<!no-emit-)index-url|/root/")
    found = [
        f"{name}: {match.group(0)}"
        for name in KEPT
        if Path(name).suffix not in {".png", ".ttf", ".woff2", ".ico"} and name != "tests/test_house.py"
        if (match := words.search((ROOT / name).read_text("utf-8", "replace")))
    ]
    assert found == []


def test_every_pin_is_exact() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = [line for line in (ROOT / name).read_text().splitlines() if line.strip() and line.strip()[0] != "#"]
        assert [line for line in lines if not re.match(r"[a-z0-9._-]+==\S+( ;.*)?$", line)] == []
    assert "resolved" not in (ROOT / "package-lock.json").read_text()
    assert not re.search(r'"[\^~]', (ROOT / "package.json").read_text())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_neither_scripts_nor_styles_of_its_own(name: str) -> None:
    if name.startswith(("app/templates/papers/", "app/templates/letters/", "app/templates/mail")):
        pytest.skip("drawn by a mail program or as PDF, where there is no policy and no style sheet")
    text = (ROOT / name).read_text("utf-8")
    # A block of JSON is data: no browser runs it.
    text = text.replace('<script type="application/json"', "")
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=\"", text)
