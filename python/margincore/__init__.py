# SPDX-License-Identifier: Apache-2.0
"""margincore: what a US broker must ask of a securities account, every number with its paragraph.

The library's output is a computation, not a broker's figure.
"""

try:
    from margincore import _core
except ImportError as error:  # a source tree on the path, or a build for another Python
    raise ImportError(
        "margincore's native core is not built for this Python; run `pip install .` in the checkout"
    ) from error

from margincore import plot as plot
from margincore._book import BookDifference, BookTotals, book_difference, book_totals
from margincore._business_days import business_days
from margincore._compare import compare, compare_frame
from margincore._core import (
    AddOnLine,
    BetaWeighted,
    ComparedGroup,
    Comparison,
    Contribution,
    Contributions,
    Deficiency,
    EnforcementEvent,
    EnforcementState,
    Excess,
    Explanation,
    GroupReport,
    Ladder,
    LiquidationOrder,
    LiquidationPlan,
    MarginCall,
    MethodFigures,
    MethodRefusal,
    NextBest,
    OsiSymbol,
    PairedPositions,
    Report,
    ReportLine,
    Requirement,
    ReverseStresses,
    Standing,
    StressPoint,
    UnderlyingStress,
    Verification,
    Warning,  # noqa: A004
)
from margincore._evaluate import (
    StressTable,
    contributions,
    enforce,
    evaluate,
    explain,
    historical_beta,
    historical_volatility,
    schema,
    stress,
    verify,
)
from margincore._frames import evaluate_frame
from margincore._greeks import Greeks, greeks
from margincore._group_table import default_group_table, read_group_table
from margincore._installed import get_cmake_dir, get_include
from margincore._instruction_set import instruction_set
from margincore._liquidation import plan_liquidation
from margincore._pricing import implied_volatility, price_american, price_european
from margincore._reprice import Repriced, reprice
from margincore.errors import (
    FlooredDividends,
    InvalidInput,
    MarginError,
    MissingData,
    NumericalFailure,
    Unsupported,
)

__version__: str = _core.__version__

__all__ = [
    "AddOnLine",
    "BetaWeighted",
    "BookDifference",
    "BookTotals",
    "ComparedGroup",
    "Comparison",
    "Contribution",
    "Contributions",
    "Deficiency",
    "EnforcementEvent",
    "EnforcementState",
    "Excess",
    "Explanation",
    "FlooredDividends",
    "Greeks",
    "GroupReport",
    "InvalidInput",
    "Ladder",
    "LiquidationOrder",
    "LiquidationPlan",
    "MarginCall",
    "MarginError",
    "MethodFigures",
    "MethodRefusal",
    "MissingData",
    "NextBest",
    "NumericalFailure",
    "OsiSymbol",
    "PairedPositions",
    "Report",
    "ReportLine",
    "Repriced",
    "Requirement",
    "ReverseStresses",
    "Standing",
    "StressPoint",
    "StressTable",
    "UnderlyingStress",
    "Unsupported",
    "Verification",
    "Warning",
    "__version__",
    "book_difference",
    "book_totals",
    "business_days",
    "compare",
    "compare_frame",
    "contributions",
    "default_group_table",
    "enforce",
    "evaluate",
    "evaluate_frame",
    "explain",
    "get_cmake_dir",
    "get_include",
    "greeks",
    "historical_beta",
    "historical_volatility",
    "implied_volatility",
    "instruction_set",
    "plan_liquidation",
    "price_american",
    "price_european",
    "read_group_table",
    "reprice",
    "schema",
    "stress",
    "verify",
]
