"""Train XGBoost (hist, one thread) on a file of float32 columns and labels; print its seconds of CPU and of wall clock as JSON."""

import json
import sys
import time

import numpy as np
import xgboost

file, rows, features, trees, depth = sys.argv[1], *map(int, sys.argv[2:])
numbers = np.fromfile(file, dtype="<f4").reshape(features + 1, rows)
matrix = xgboost.DMatrix(np.ascontiguousarray(numbers[:-1].T), numbers[-1], nthread=1)
options = {"objective": "binary:logistic", "tree_method": "hist", "max_depth": depth, "eta": 0.1, "nthread": 1}
cpu, wall = time.process_time(), time.time()
xgboost.train(options, matrix, trees)
print(json.dumps({"cpuSeconds": time.process_time() - cpu, "seconds": time.time() - wall, "version": xgboost.__version__}))
