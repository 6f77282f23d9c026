"""Numbers that the statistics of xtask must reproduce, worked out by other people's code.

Needs numpy, scipy and samplics. Writes sample.csv (a made-up sample with strata and sampling
units) and expected.csv beside this file. Weighted means and their errors come from samplics;
the error of an SD from numerical derivatives with respect to the weights; splines from scipy's
B-splines and a general-purpose minimizer instead of normal equations and Fisher scoring.
"""

import csv
import pathlib
import warnings

warnings.filterwarnings("ignore")
import numpy as np
from scipy.interpolate import BSpline
from scipy.optimize import minimize
from samplics.estimation import TaylorEstimator
from samplics.utils.types import PopParam

HERE = pathlib.Path(__file__).parent
FROM, TO, SEGMENTS = 16.0, 85.0, 23
LAMBDA_MEAN, LAMBDA_VARIANCE = 30.0, 300.0


def made_up_sample(rng):
    rows = []
    for stratum in range(1, 7):
        for psu in range(1, 3 + stratum % 2):
            shift = rng.normal(0, 0.02)
            for _ in range(12):
                age = rng.uniform(FROM, TO)
                value = 1.05 - 0.00005 * (age - 35) ** 2 + shift + rng.normal(0, 0.1 + age / 1000)
                rows.append((round(age, 3), round(value, 3), round(rng.gamma(4, 5000), 2), stratum, psu))
    return rows


def taylor_sd_error(value, weight, unit, stratum, all_units):
    """Influence of a person: w times the derivative of the weighted SD with respect to w."""

    def weighted_sd(w):
        mean = np.average(value, weights=w)
        return np.sqrt(np.average((value - mean) ** 2, weights=w))

    influence = np.empty(len(value))
    for i in range(len(value)):
        step = weight[i] * 1e-4
        up, down = weight.copy(), weight.copy()
        up[i] += step
        down[i] -= step
        influence[i] = weight[i] * (weighted_sd(up) - weighted_sd(down)) / (2 * step)
    variance = 0.0
    for h in sorted({s for s, _ in all_units}):
        totals = [influence[(stratum == h) & (unit == p)].sum() for s, p in sorted(all_units) if s == h]
        variance += len(totals) * np.var(totals, ddof=1)
    return np.sqrt(variance)


def main():
    rows = made_up_sample(np.random.default_rng(20260131))
    with open(HERE / "sample.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["age", "value", "weight", "stratum", "psu"])
        writer.writerows(rows)
    age, value, weight, stratum, psu = (np.array(column) for column in zip(*rows))
    units = set(zip(stratum.tolist(), psu.tolist()))
    expected = {}

    unit_id = stratum * 10 + psu
    for name, inside in (("all", age > 0), ("domain", (age >= 30) & (age < 40))):
        estimator = TaylorEstimator(PopParam.mean)
        estimator.estimate(y=value, samp_weight=weight, stratum=stratum, psu=unit_id, domain=inside.astype(int))
        expected[f"mean_{name}"] = estimator.point_est[1]
        expected[f"mean_error_{name}"] = estimator.stderror[1]
        v, w = value[inside], weight[inside]
        expected[f"sd_{name}"] = np.sqrt(np.cov(v, aweights=w, ddof=0))
        expected[f"sd_error_{name}"] = taylor_sd_error(v, w, psu[inside], stratum[inside], units)

    step = (TO - FROM) / SEGMENTS
    knots = FROM + step * np.arange(-3, SEGMENTS + 4)
    design = BSpline.design_matrix(age, knots, 3).toarray()
    size = design.shape[1]
    w = weight / weight.mean()
    difference = np.diff(np.eye(size), 2, axis=0)
    stacked = np.vstack([np.sqrt(w)[:, None] * design, np.sqrt(LAMBDA_MEAN) * difference])
    target = np.concatenate([np.sqrt(w) * value, np.zeros(size - 2)])
    coefficients, *_ = np.linalg.lstsq(stacked, target, rcond=None)
    hat = stacked @ np.linalg.pinv(stacked)
    expected["mean_freedom"] = np.trace(hat[: len(age), : len(age)])
    squares = (value - design @ coefficients) ** 2

    def deviance(beta):
        eta = design @ beta
        fit = np.sum(w * (eta + squares * np.exp(-eta)))
        gradient = design.T @ (w * (1 - squares * np.exp(-eta)))
        bend = difference @ beta
        return fit + LAMBDA_VARIANCE / 2 * bend @ bend, gradient + LAMBDA_VARIANCE * difference.T @ bend

    start = np.full(size, np.log(np.average(squares, weights=w)))
    found = minimize(deviance, start, jac=True, method="BFGS", options={"gtol": 1e-10, "maxiter": 20000})
    for at in (17.5, 30.0, 52.25, 70.0, 84.0):
        row = BSpline.design_matrix(np.array([at]), knots, 3).toarray()[0]
        expected[f"mean_at_{at}"] = row @ coefficients
        expected[f"sd_at_{at}"] = np.exp(row @ found.x / 2)

    with open(HERE / "expected.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", "value"])
        writer.writerows((name, f"{number:.10f}") for name, number in expected.items())


main()
