"""Writes data/survey.csv: one epidemic with known parameters, every third day. Run it in this folder: python scripts/make_survey.py"""

import sys

import polars as pl
from modelops import simulate

sys.path.insert(0, ".")
from models.seir import StochasticSEIR

TRUTH = {"beta": 0.6, "gamma": 0.15, "initial_infected": 20}
SEED = 20_200_301

table = pl.DataFrame(simulate(StochasticSEIR, TRUTH, SEED)["prevalence"])
table.filter(pl.col("day") % 3 == 0).write_csv("data/survey.csv")
print(f"wrote data/survey.csv: {TRUTH}, seed {SEED}", file=sys.stderr)
