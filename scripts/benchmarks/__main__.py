"""Run benchmarks by name, or all of them.

Every module in this folder that has a `run()` is one, under the module's name. `run()` prints what
it measured, and returns False where that misses its aim.
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
TESTS = HERE.parent.parent / "tests"


def benchmarks() -> dict[str, Callable[[], object]]:
    """Return the benchmarks by name."""
    names = sorted(path.stem for path in HERE.glob("[!_]*.py"))
    modules = {name: importlib.import_module(f"{HERE.name}.{name}") for name in names}
    return {name: module.run for name, module in modules.items() if hasattr(module, "run")}


def main(wanted: list[str]) -> int:
    """Run what is wanted; 0 when every aim was met, 2 for a name that is none."""
    from servers.process import ServerMissing

    known = benchmarks()
    if unknown := [name for name in wanted if name not in known]:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}")
        return 2
    missed = []
    for name in wanted or known:
        print(f"== {name}", flush=True)
        try:
            if known[name]() is False:
                missed.append(name)
        except ServerMissing as missing:
            print(f"left out: {missing}")
    if missed:
        print(f"missed their aim: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    # In place of this folder, whose modules would hide others of their names.
    sys.path[0] = str(HERE.parent)
    sys.path.insert(1, str(TESTS))
    sys.exit(main(sys.argv[1:]))
