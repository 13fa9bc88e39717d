"""The sessions of the conformance matrix, from the arguments of nox. Needs nothing but the standard library and nox."""

from __future__ import annotations

import argparse
import functools
from typing import TYPE_CHECKING, Any

import nox

from tools.interpreters import starts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Libraries = Sequence[Mapping[str, Any]]
    """The tables `libraries` of `environments.toml`."""


@functools.cache
def interpreter(python: str) -> str | None:
    """Find the name of an interpreter; `None` if it does not start."""
    return python if starts(f"python{python}") else None


def conformance_options(arguments: list[str]) -> argparse.Namespace:
    """Parse the options of a conformance session: one library, or a third party's adapter."""
    parser = argparse.ArgumentParser(prog="nox -s conformance --", allow_abbrev=False)
    parser.add_argument("--backend", help="of the library to run; default: all")
    parser.add_argument("--adapter", help="the folder of a package, or a requirement, that registers the backend")
    options, _ = parser.parse_known_args(arguments)
    if options.adapter and not options.backend:
        parser.error("--adapter must come with the name that the package registers: --backend")
    return options


def environments(libraries: Libraries, arguments: list[str]) -> list[Any]:
    """List the parameters of `conformance`: one environment per version of a library and Python.

    Args:
        libraries: The libraries of the matrix.
        arguments: The whole command line of nox; `-- --backend NAME` keeps one library.

    Returns:
        A `nox.param` of an interpreter, `None` if it is missing, and the packages to install, for each environment.
    """
    options = conformance_options(arguments[arguments.index("--") + 1 :] if "--" in arguments else [])
    if options.adapter:
        return [nox.param(interpreter("3.11"), [options.adapter], id=f"{options.backend}-given-3.11")]
    return [
        nox.param(interpreter(python), library["packages"], id=f"{library['backend']}-{library['version']}-{python}")
        for library in libraries
        for python in library["pythons"]
        if options.backend in {None, library["backend"]}
    ]


def newest_python(libraries: Libraries) -> str:
    """Find the newest Python of the conformance matrix that starts here; 3.11 if none does, which nox then reports."""
    known = {python for library in libraries for python in library["pythons"]}
    newest_first = sorted(known, key=lambda python: [int(part) for part in python.split(".")], reverse=True)
    return next(filter(interpreter, newest_first), "3.11")
