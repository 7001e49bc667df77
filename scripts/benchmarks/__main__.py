"""Run benchmarks by name, or all of them.

Every module in this folder that has a `run()` is one, under the module's name. `run()` prints what
it measured, and returns False where that misses its aim. The beginning of a name stands for all
benchmarks that begin with it; a folder goes to those whose `run()` has a parameter for it.
"""

import importlib
import inspect
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
TESTS = HERE.parent.parent / "tests"


def benchmarks() -> dict[str, Callable[..., object]]:
    """Return the benchmarks by name."""
    names = sorted(path.stem for path in HERE.glob("[!_]*.py"))
    modules = {name: importlib.import_module(f"{HERE.name}.{name}") for name in names}
    return {name: module.run for name, module in modules.items() if hasattr(module, "run")}


def chosen(wanted: list[str], known: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Sort arguments into benchmarks to run, folders, and what is neither."""
    names: list[str] = []
    folders: list[str] = []
    unknown: list[str] = []
    for word in wanted:
        if found := [name for name in known if name.startswith(word)]:
            names += [name for name in found if name not in names]
        else:
            (folders if Path(word).is_dir() else unknown).append(word)
    return names or known, folders, unknown


def main(wanted: list[str]) -> int:
    """Run what is wanted; 0 when every aim was met, 2 for an argument that means nothing."""
    from servers.process import ServerMissing

    known = benchmarks()
    names, folders, unknown = chosen(wanted, list(known))
    if unknown:
        print(f"no benchmark or folder {', '.join(unknown)}; there are: {', '.join(known)}")
        return 2
    if len(folders) > 1:
        print(f"one folder at a time, not {', '.join(folders)}")
        return 2
    if folders and not any(_takes_folder(known[name]) for name in names):
        print(f"none of these takes a folder: {', '.join(names)}")
        return 2
    missed = []
    for name in names:
        print(f"== {name}", flush=True)
        try:
            if known[name](*folders if _takes_folder(known[name]) else ()) is False:
                missed.append(name)
        except ServerMissing as missing:
            print(f"left out: {missing}")
    if missed:
        print(f"missed their aim: {', '.join(missed)}")
    return 1 if missed else 0


def _takes_folder(run: Callable[..., object]) -> bool:
    return "folder" in inspect.signature(run).parameters


if __name__ == "__main__":
    # In place of this folder, whose modules would hide others of their names.
    sys.path[0] = str(HERE.parent)
    sys.path.insert(1, str(TESTS))
    sys.exit(main(sys.argv[1:]))
