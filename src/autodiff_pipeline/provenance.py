"""Which modules of the package a piece of code imports, directly or through others.

Snakemake reruns a step when a declared input changes, but knows nothing of imported modules. The
workflow therefore declares, as inputs of every rule, the modules that its script can reach. They
are found by reading the import statements, without running anything: imports are static in this
package, and where a script picks a module by name, the rule names it.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping


def import_closure(source: str, modules: Mapping[str, str]) -> set[str]:
    """Names of all modules that code reaches by import.

    Args: source, the text of a script; modules, the text of every module of the package by dotted
    name, a package standing for its ``__init__``.
    Returns: those names in ``modules`` that are imported, and their parents, transitively.
    """
    reached: set[str] = set()
    pending = list(_imports(source, modules))
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(_imports(modules[name], modules))
    return reached


def _imports(source: str, modules: Mapping[str, str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=aliases):
                candidates = [alias.name for alias in aliases]
            case ast.ImportFrom(module=str(module), names=aliases, level=0):
                # ``from package import name``: the name may itself be a module
                candidates = [module, *(f"{module}.{alias.name}" for alias in aliases)]
            case ast.ImportFrom(level=level) if level > 0:
                raise ValueError("relative imports are not followed: import by the full name")
            case _:
                continue
        yield from (name for name in _with_parents(candidates) if name in modules)


def _with_parents(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        parts = name.split(".")
        yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))
