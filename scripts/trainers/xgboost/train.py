"""Train XGBoost on what Headrace assembled, in a container of SageMaker or by hand; see README.md.

Reads manifest.json and its parts from the channel "training", writes model.onnx, metrics.json and report.json.
"""

import hashlib
import json
import os
import sys
import time
import traceback
from pathlib import Path

import numpy as np
import xgboost
from onnx_trees import write_model

INPUT = Path(os.environ.get("SM_CHANNEL_TRAINING", "/opt/ml/input/data/training"))
OUTPUT = Path(os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
FAILURE = Path("/opt/ml/output/failure")


def main():
    started = time.time()
    manifest = json.loads((INPUT / "manifest.json").read_text())
    if manifest["version"] != 1:
        raise ValueError(f"manifest: got version {manifest['version']}, expected 1; take a newer trainer")
    refuse_what_trees_cannot_be(manifest)
    train, holdout = read_slice(manifest, "train"), read_slice(manifest, "holdout")
    booster, base, losses = boost(manifest, train, holdout)
    scores = booster.predict(matrix_of(holdout))
    model = write_model(
        booster,
        base,
        manifest,
        feature_count=train[0].shape[1],
    )
    figures = measure(manifest["label"]["kind"], scores, holdout[1])
    report = {
        "version": 1,
        "trainer": f"xgboost {xgboost.__version__}",
        "rows": len(train[1]),
        "rounds": booster.num_boosted_rounds(),
        "holdoutLosses": losses,
        "seconds": time.time() - started,
        "model": {"sha256": hashlib.sha256(model).hexdigest(), "bytes": len(model)},
    }
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "metrics.json").write_text(json.dumps({"version": 1, **figures}, indent=2))
    (OUTPUT / "report.json").write_text(json.dumps(report, indent=2))
    (OUTPUT / "model.onnx").write_bytes(model)
    print(json.dumps({**figures, "rounds": report["rounds"], "seconds": report["seconds"]}))


def refuse_what_trees_cannot_be(manifest):
    inputs = manifest.get("inputs") or [{"type": "float32", "shape": [0]}]
    if len(inputs) != 1 or inputs[0]["type"] != "float32" or len(inputs[0]["shape"]) != 1:
        raise ValueError(f"inputs: got {json.dumps(inputs)}, expected one of float32, [N, features]")


def read_slice(manifest, name):
    """Features [rows, columns], labels and weights of "train" or "holdout"."""
    width = sum(feature["width"] for feature in manifest["features"]) + 2
    # Keys are of the bucket; the channel holds what stands beside the manifest.
    prefix = f"learning/{manifest['model']}/{manifest['execution']}/"
    parts = []
    for part in manifest[name]["parts"]:
        content = (INPUT / part["key"].removeprefix(prefix)).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest != part["sha256"]:
            raise ValueError(f"{part['key']}: got digest {digest}, expected {part['sha256']}; assemble again")
        parts.append(np.frombuffer(content, dtype="<f4").reshape(part["rows"], width))
    rows = np.concatenate(parts)
    return rows[:, :-2], rows[:, -2], rows[:, -1]


def matrix_of(rows):
    features, labels, weights = rows
    return xgboost.DMatrix(features, label=labels, weight=weights, missing=np.nan)


def boost(manifest, train, holdout):
    settings, kind = manifest["trees"], manifest["label"]["kind"]
    options = {
        "tree_method": "hist",
        "max_depth": int(settings.get("depth", 6)),
        "eta": settings.get("learningRate", 0.1),
        "min_child_weight": settings.get("minChildWeight", 1),
        "lambda": settings.get("lambda", 1),
        "subsample": settings.get("subsample", 1),
        "colsample_bytree": settings.get("columnSample", 1),
        "seed": manifest["seed"],
        **objective_of(manifest["label"]),
    }
    # Given, for then it is known: where XGBoost writes what it estimates differs between its versions.
    base = 0.0 if kind == "classes" else float(np.average(train[1], weights=train[2]))
    options["base_score"] = base if kind != "classes" else 0.5
    losses = {}
    stop_after = int(settings.get("stopAfter", 20))
    booster = xgboost.train(
        options,
        matrix_of(train),
        int(settings.get("trees", 200)),
        evals=[(matrix_of(holdout), "holdout")],
        evals_result=losses,
        early_stopping_rounds=stop_after or None,
        verbose_eval=20,
    )
    if stop_after:
        booster = booster[: booster.best_iteration + 1]
    margin = float(np.log(base / (1 - base))) if kind == "binary" else base
    return booster, margin, next(iter(losses["holdout"].values()))


def objective_of(label):
    if label["kind"] == "binary":
        return {"objective": "binary:logistic", "eval_metric": "logloss"}
    if label["kind"] == "classes":
        return {"objective": "multi:softprob", "eval_metric": "mlogloss", "num_class": len(label["classes"])}
    return {"objective": "reg:squarederror", "eval_metric": "rmse"}


def measure(kind, scores, labels):
    """Mean log-loss in nats, or root mean squared error; AUC of a yes or no."""
    rows = len(labels)
    if kind == "number":
        return {"rows": rows, "loss": float(np.sqrt(np.mean((scores - labels) ** 2)))}
    of_truth = scores[np.arange(rows), labels.astype(int)] if kind == "classes" else np.where(labels == 1, scores, 1 - scores)
    loss = float(-np.mean(np.log(np.clip(of_truth.astype(float), 1e-15, 1))))
    return {"rows": rows, "loss": loss, **({"auc": auc(scores, labels)} if kind == "binary" else {})}


def auc(scores, labels):
    """By ranks, ties counting one half."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    yes = labels == 1
    positives, negatives = int(yes.sum()), int((~yes).sum())
    if positives == 0 or negatives == 0:
        return None
    return float((ranks[yes].sum() - positives * (positives + 1) / 2) / (positives * negatives))


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        traceback.print_exc()
        # What SageMaker gives as the reason of a failed job.
        if FAILURE.parent.is_dir():
            FAILURE.write_text(f"{type(error).__name__}: {error}"[:1024])
        sys.exit(1)
