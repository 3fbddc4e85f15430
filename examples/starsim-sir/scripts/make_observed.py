"""Writes data/observed.csv: one epidemic with known parameters. Run it in this folder, in the model's environment: python scripts/make_observed.py"""

import csv
import sys
from pathlib import Path

from modelops import simulate

sys.path.insert(0, ".")
from models.sir import sir

TRUTH = {"beta": 0.08, "n_contacts": 6.0}
SEED = 20_200_301

table = simulate(sir, TRUTH, SEED)["prevalence"]
path = Path("data/observed.csv")
with path.open("w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table)
    writer.writerows((day, int(infected)) for day, infected in zip(*table.values()))
print(f"wrote {len(table['day'])} days to {path}: {TRUTH}, seed {SEED}", file=sys.stderr)
