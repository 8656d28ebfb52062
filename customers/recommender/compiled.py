"""Loops over ragged rows, compiled to machine code: what numpy can only say by writing out more.

The kernels release the interpreter's lock, so that threads share the work, and are kept on disk
beside the module, so that only the first start of a new version waits for the compiler.

The compiler sees a change of the file in which a kernel stands, and of no other: whoever changes
a constant or a kernel that kernels of another file use removes `__pycache__` of this package.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# Sums may be taken in any order; infinities and NaN keep their meaning.
ARITHMETIC = {"reassoc", "contract", "arcp", "nsz"}


def compiled(function: Function) -> Function:
    """The same function, compiled when first called with its types."""
    try:
        kernel = numba.njit(cache=True, nogil=True, fastmath=ARITHMETIC, error_model="numpy")(
            function
        )
    except RuntimeError:  # no folder in which a compiled copy could be kept
        kernel = numba.njit(nogil=True, fastmath=ARITHMETIC, error_model="numpy")(function)
    return cast(Function, kernel)
