"""The text of a foreign exception may hold anything: a password, a name. It is neither stored nor shown."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from presync.settings import HOME

PACKAGE = HOME / "plugins" / "presync"
# place -> why the text may be shown
KNOWN = {
    "decisions/record.py:waive_in": "the ValueError is that of refuse_too_long",
    "rules/findings_writer.py:_worded": "a KeyError or ValueError about the suite's own wording",
    "rules/suite_json.py:read_suite_json": "a suite's JSON: a position, or what its reader says of a key",
    "rules/write_suites.py:_read": "`make rules`: a file of the repository, at a developer's desk",
    "sources/severa/responses.py:decode": "msgspec names types and places, and never a value",
    "sources/severa/token.py:read_token": "only looked at, to tell a torn answer",
}
_TELLERS = {"str", "repr", "format", "format_exc", "format_exception", "print_exc", "exception"}


def own_classes() -> set[str]:
    """Return the exceptions of Presync: their texts are ours."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")]
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def shown(source: str, own: set[str]) -> Iterator[str]:
    """Yield the functions in which the text of an exception that is not ours is used."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for handler in ast.walk(function):
                if isinstance(handler, ast.ExceptHandler) and not _names(handler.type) <= own:
                    inside = (node for statement in handler.body for node in _outside_others(statement))
                    if any(_tells(node, handler.name) for node in inside):
                        yield function.name


def _outside_others(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what is in it, but not in handlers of their own."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.ExceptHandler):
            yield from _outside_others(child)


def _names(kind: ast.expr | None) -> set[str]:
    if kind is None:
        return {"BaseException"}
    if isinstance(kind, ast.Tuple):
        return set().union(*(_names(each) for each in kind.elts))
    return {kind.attr if isinstance(kind, ast.Attribute) else getattr(kind, "id", "?")}


def _tells(node: ast.AST, name: str | None) -> bool:
    if isinstance(node, ast.FormattedValue):
        return isinstance(node.value, ast.Name) and node.value.id == name
    if isinstance(node, ast.Attribute):
        return node.attr == "args" and isinstance(node.value, ast.Name) and node.value.id == name
    if isinstance(node, ast.keyword):
        return node.arg == "exc_info"
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        about_it = any(isinstance(each, ast.Name) and each.id == name for each in node.args)
        return called in _TELLERS and (about_it or called not in {"str", "repr", "format"})
    return False


def test_no_foreign_text_is_used() -> None:
    own = own_classes()
    found = {
        f"{path.relative_to(PACKAGE).as_posix()}:{function}"
        for path in PACKAGE.rglob("*.py")
        for function in shown(path.read_text(encoding="utf-8"), own)
    }
    assert found == set(KNOWN)


def test_the_search_finds_what_it_is_for() -> None:
    for told in (
        "f'{error}'",
        "f'{error!r}'",
        "str(error)",
        "log.exception('x')",
        "log.error('', exc_info=True)",
        "traceback.format_exc()",
        "error.args[0]",
    ):
        source = f"def f():\n    try: pass\n    except (OSError, OurError) as error:\n        x = {told}\n"
        assert list(shown(source, {"OurError"})) == ["f"], told
    harmless = "def f():\n    try: pass\n    except OurError as error:\n        x = f'{error}'\n"
    assert list(shown(harmless, {"OurError"})) == []
    kind = "def f():\n    try: pass\n    except OSError as error:\n        x = f'{error.strerror}'\n"
    assert list(shown(kind, set())) == []
