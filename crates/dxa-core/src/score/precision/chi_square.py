"""Writes chi_square.csv, the quantiles that the test beside it must meet: python3 chi_square.py."""

import pathlib

from scipy.stats import chi2

DEGREES = [*range(1, 41), 50, 75, 100, 150, 200, 500, 1000, 5000, 20000]
TAILS = [0.01, 0.05, 0.5, 0.95]

lines = ["df,p,quantile"]
lines += [f"{df},{p},{chi2.ppf(p, df):.17g}" for df in DEGREES for p in TAILS]
target = pathlib.Path(__file__).with_name("chi_square.csv")
target.write_text("\n".join(lines) + "\n", encoding="utf-8")
