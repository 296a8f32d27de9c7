"""Read metadata and get predictions by tritonclient, and hold them against the example packages' known answers.

Usage: tritonclient_http.py HOST:PORT/PATH API_KEY MODELS_FOLDER GOLDEN_FILE
"""

import json
import sys
from pathlib import Path

import numpy as np
from tritonclient import http
from tritonclient.utils import InferenceServerException

TOLERANCE = 1e-6
url, api_key, models, golden_file = sys.argv[1:]
headers = {"x-api-key": api_key}
client = http.InferenceServerClient(url)


def rows_of(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines() if line]


def infer(model, name, rows, outputs, version=""):
    tensor = http.InferInput(name, list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows, binary_data=False)
    wanted = [http.InferRequestedOutput(output, binary_data=False) for output in outputs]
    answer = client.infer(model, [tensor], model_version=version, outputs=wanted, request_id="r-1", headers=headers)
    head = answer.get_response()
    assert head["id"] == "r-1" and head["model_name"] == model, head
    return [answer.as_numpy(output) for output in outputs]


def check(what, got, expected):
    assert got.shape == expected.shape, f"{what}: got shape {got.shape}, expected {expected.shape}"
    worst = float(np.max(np.abs(got.astype(np.float64) - expected)))
    assert worst <= TOLERANCE, f"{what}: differs by {worst}, allowed {TOLERANCE}"
    print(f"  {what}: {len(got)} rows, differ by {worst:.1e} at most")


print("server metadata", json.dumps(client.get_server_metadata(headers=headers)))
assert client.is_server_live(headers=headers) and client.is_server_ready(headers=headers)

metadata = client.get_model_metadata("flight-delay", headers=headers)
print("model metadata ", json.dumps(metadata))
assert metadata["platform"] == "onnx_onnxv1", metadata
golden = rows_of(golden_file)
rows = np.array([row["features"] for row in golden], dtype=np.float32)
probability = np.array([row["probabilityLate"] for row in golden])
for version in ["", "champion", metadata["versions"][0]]:
    assert client.is_model_ready("flight-delay", version, headers=headers)
    label, probabilities = infer("flight-delay", "features", rows, ["label", "probabilities"], version)
    check(f"flight-delay {version[:12]}".strip(), probabilities[:, 1], probability)
    assert label.dtype == np.int64 and np.array_equal(label, (probability > 0.5).astype(np.int64))

print("model metadata ", json.dumps(client.get_model_metadata("sensor-state", headers=headers)))
samples = rows_of(Path(models) / "sensor-state" / "samples.jsonl")
rows = np.array([np.reshape(sample["event"]["embedding"], (4, 8)) for sample in samples], dtype=np.float32)
(scores,) = infer("sensor-state", "embedding", rows, ["scores"])
check("sensor-state", scores, np.array([sample["outputs"]["scores"] for sample in samples]))

for what, call in {
    "unknown version": lambda: client.get_model_metadata("flight-delay", "v7", headers=headers),
    "wrong shape": lambda: infer("flight-delay", "features", np.zeros((1, 4), np.float32), ["label"]),
    "no key": lambda: client.get_server_metadata(),
}.items():
    try:
        call()
    except InferenceServerException as error:
        print(f"{what}: {error}")
    else:
        raise AssertionError(f"{what}: got an answer, expected an error")
client.close()
