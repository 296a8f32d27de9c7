"""Write an XGBoost booster as ONNX (TreeEnsemble of ai.onnx.ml 3), its tensors named as the manifest names them."""

import json

import onnx
from onnx import TensorProto, helper


def write_model(booster, base, manifest, feature_count):
    """The bytes of a model.

    base: what XGBoost begins with, as a margin; for classes it changes nothing.
    Splits are "<" in single precision, which is BRANCH_LT; NaN goes to the side that was learned.
    """
    label = manifest["label"]
    kind, output = label["kind"], label["output"]
    inputs = manifest.get("inputs") or [{}]
    input_name = inputs[0].get("name") or ("rows" if output == "features" else "features")
    others = [name for name in manifest.get("outputs") or [] if name != output]
    if len(others) > (0 if kind == "number" else 1):
        raise ValueError(f"outputs: got {others} beside {output}, expected the class alone")

    model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
    trees, groups = model["trees"], model["tree_info"]
    attributes = {**node_attributes(trees), **leaf_attributes(trees, groups, kind)}
    if kind == "number":
        nodes = [tree_node("TreeEnsembleRegressor", input_name, [output], {**attributes, "n_targets": 1, "base_values": [base]})]
        outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", 1])]
        return save(nodes, input_name, outputs, feature_count)

    classes = 2 if kind == "binary" else len(label["classes"])
    # A package that reads a row of one number wants the probability of yes alone.
    is_yes_alone = kind == "binary" and label.get("index") != 1
    scores, class_name = ("both" if is_yes_alone else output), (others[0] if others else "predicted_class")
    attributes |= {
        "classlabels_int64s": list(range(classes)),
        "post_transform": "LOGISTIC" if kind == "binary" else "SOFTMAX",
        "base_values": [base] if kind == "binary" else [0.0] * classes,
    }
    nodes = [tree_node("TreeEnsembleClassifier", input_name, [class_name, scores], attributes)]
    constants = []
    if is_yes_alone:
        constants = [helper.make_tensor("yes", TensorProto.INT64, [1], [1])]
        nodes.append(helper.make_node("Gather", [scores, "yes"], [output], axis=1))
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", 1 if is_yes_alone else classes])]
    if others:
        outputs.insert(0, helper.make_tensor_value_info(class_name, TensorProto.INT64, ["N"]))
    return save(nodes, input_name, outputs, feature_count, constants)


def tree_node(operator, input_name, outputs, attributes):
    return helper.make_node(operator, [input_name], outputs, domain="ai.onnx.ml", **attributes)


def node_attributes(trees):
    """Of all nodes, tree by tree; XGBoost marks a leaf by a left child of -1."""
    columns = {name: [] for name in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids", "missing_value_tracks_true")}
    for number, tree in enumerate(trees):
        for node, left in enumerate(tree["left_children"]):
            is_leaf = left == -1
            columns["treeids"].append(number)
            columns["nodeids"].append(node)
            columns["featureids"].append(0 if is_leaf else tree["split_indices"][node])
            columns["values"].append(0.0 if is_leaf else tree["split_conditions"][node])
            columns["modes"].append("LEAF" if is_leaf else "BRANCH_LT")
            columns["truenodeids"].append(0 if is_leaf else left)
            columns["falsenodeids"].append(0 if is_leaf else tree["right_children"][node])
            columns["missing_value_tracks_true"].append(0 if is_leaf else int(tree["default_left"][node]))
    return {f"nodes_{name}": values for name, values in columns.items()}


def leaf_attributes(trees, groups, kind):
    prefix = "target" if kind == "number" else "class"
    leaves = [
        (number, node, groups[number], tree["split_conditions"][node])
        for number, tree in enumerate(trees)
        for node, left in enumerate(tree["left_children"])
        if left == -1
    ]
    return {
        f"{prefix}_treeids": [tree for tree, _, _, _ in leaves],
        f"{prefix}_nodeids": [node for _, node, _, _ in leaves],
        f"{prefix}_ids": [group for _, _, group, _ in leaves],
        f"{prefix}_weights": [weight for _, _, _, weight in leaves],
    }


def save(nodes, input_name, outputs, feature_count, constants=()):
    rows = helper.make_tensor_value_info(input_name, TensorProto.FLOAT, ["N", feature_count])
    graph = helper.make_graph(nodes, "xgboost", [rows], outputs, initializer=list(constants))
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="xgboost")
    onnx.checker.check_model(model)
    return model.SerializeToString()
