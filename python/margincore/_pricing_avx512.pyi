# SPDX-License-Identifier: Apache-2.0
from margincore._pricing_baseline import (
    greeks_european as greeks_european,
)
from margincore._pricing_baseline import (
    implied_volatility_european as implied_volatility_european,
)
from margincore._pricing_baseline import (
    price_european as price_european,
)
from margincore._pricing_baseline import (
    time_price_european as time_price_european,
)
