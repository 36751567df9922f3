"""Which modules a piece of code imports, directly or through others, and a digest of each.

Snakemake reruns a step when one of its parameters changes, but does not look at imported modules.
So every rule has, as parameters, the digests of all modules that its script can reach. They are
found by reading import statements, without running any code: imports in this package are static,
and where a script chooses a module by name, the rule names it.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple


class Module(NamedTuple):
    """What a module's text says about it."""

    digest: str  # of its code: comments, docstrings, blank lines and formatting do not count
    imports: tuple[str, ...]  # every name that it may import, with all parents


def read_module(text: str) -> Module:
    """The digest and the imports of a module.

    Raises ValueError for a relative import, which is not followed.
    """
    tree = ast.parse(text)
    imports = tuple(_with_parents(_imported(tree)))
    code = ast.dump(_WithoutDocstrings().visit(tree))
    return Module(hashlib.sha256(code.encode()).hexdigest()[:12], imports)


def import_closure(names: Iterable[str], modules: Mapping[str, Module]) -> set[str]:
    """The named modules, their parents, and all modules that any of these reaches by import.

    Args: modules, every module of the package by dotted name, a package standing for its
    ``__init__``. Names that are not among them, such as ``torch``, are left out.
    """
    reached: set[str] = set()
    pending = [*_with_parents(names)]
    while pending:
        name = pending.pop()
        if name in modules and name not in reached:
            reached.add(name)
            pending.extend(modules[name].imports)
    return reached


class _WithoutDocstrings(ast.NodeTransformer):
    """Removes docstrings, which have no effect on what the code does."""

    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        match node:
            case (
                ast.Module(body=[ast.Expr(value=ast.Constant(value=str())), *rest])
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant(value=str())), *rest])
                | ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str())), *rest])
            ):
                node.body = rest
        return node


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from (alias.name for alias in aliases)
            case ast.ImportFrom(module=str(module), names=aliases, level=0):
                yield module
                # ``from package import name``: the name may itself be a module
                yield from (f"{module}.{alias.name}" for alias in aliases)
            case ast.ImportFrom(level=level) if level > 0:
                raise ValueError("relative imports are not followed: import by the full name")


def _with_parents(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        parts = name.split(".")
        yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))
