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
from numba import extending

Function = TypeVar("Function", bound=Callable[..., Any])

# Sums may be taken in any order; infinities and NaN keep their meaning.
ARITHMETIC = {"reassoc", "contract", "arcp", "nsz"}


def _version() -> str:
    """A name for the sources of this package as they are."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


config: Any = numba.config
jit: Any = numba.njit
register_jitable: Any = extending.register_jitable
if not config.CACHE_DIR:  # NUMBA_CACHE_DIR of the environment goes first
    config.CACHE_DIR = str(Path(__file__).parent / "__pycache__" / _version())


def compiled(function: Function) -> Function:
    """The same function, compiled when first called with its types."""
    options = {"nogil": True, "error_model": "numpy", "fastmath": ARITHMETIC}
    try:
        kernel = jit(cache=True, **options)(function)
    except RuntimeError:  # no folder in which a compiled copy could be kept
        kernel = jit(**options)(function)
    return cast(Function, kernel)


def inlined(function: Function) -> Function:
    """A part of kernels: it compiles faster without the door through which Python would call it.

    Called by Python it is the plain function.
    """
    options = {"error_model": "numpy", "fastmath": ARITHMETIC}
    part = register_jitable(no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)
    return cast(Function, part(function))
