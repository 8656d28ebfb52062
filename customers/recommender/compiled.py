"""Loops over ragged rows, compiled to machine code: what numpy can only say by writing out more.

The kernels release the interpreter's lock, so that threads share the work, and are kept on disk
beside the module, so that only the first start of a new version waits for the compiler.

The compiler sees a change of the file in which a kernel stands, and of no other, though kernels use
constants and each other across files. So what it compiled lies in a folder named for all sources
of this package: another version has another folder, and never runs a former one's code.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# Sums may be taken in any order; infinities and NaN keep their meaning.
ARITHMETIC = {"reassoc", "contract", "arcp", "nsz"}


def _version() -> str:
    """A name for the sources of this package as they are."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


config: Any = numba.config
if not config.CACHE_DIR:  # NUMBA_CACHE_DIR of the environment goes first
    config.CACHE_DIR = str(Path(__file__).parent / "__pycache__" / _version())


def compiled(function: Function) -> Function:
    """The same function, compiled when first called with its types."""
    try:
        kernel = numba.njit(cache=True, nogil=True, fastmath=ARITHMETIC, error_model="numpy")(
            function
        )
    except RuntimeError:  # no folder in which a compiled copy could be kept
        kernel = numba.njit(nogil=True, fastmath=ARITHMETIC, error_model="numpy")(function)
    return cast(Function, kernel)
