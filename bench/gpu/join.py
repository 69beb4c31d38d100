#!/usr/bin/env python3
"""Puts the times of this project and of PyTorch side by side.

    python3 bench/gpu/join.py FOLDER [--results bench/results]

Reads kernels.json and steps.json of this project and torch-*.json of the peer from FOLDER, and writes
gpu-<device>.json with rows {bench, size, mode, ours_ms, peer, peer_ms, ratio, ...} as in
cpu-peers.json: ratio = peer_ms / ours_ms, above 1 where this project is faster; what has no peer is
listed as `alone`. Prints both as a Markdown table. Files that are missing are left out and named.
"""
import argparse
import json
import pathlib
import re


def read(path):
    if not path.exists():
        print(f"join: no {path.name}; its rows are left out")
        return {}
    return json.loads(path.read_text())


def four(value):
    return float(f"{value:.4g}")


def step_rows(document):
    """Rows of JMH, in runs per second, as milliseconds of a run."""
    rows = []
    for row in document.get("results", []):
        way = row["benchmark"].split(".")[-1]
        quartiles = row.get("runs_per_s_quartiles", [])
        rows.append({
            "bench": f"{row['params']['method']} step",
            "size": f"{row['params']['model']} {row['params']['batch']}",
            "mode": " ".join(filter(None, (way, row["params"].get("precision")))),
            "ours_ms": four(1e3 / row["runs_per_s"]),
            "ours_quartiles_ms": [four(1e3 / quartiles[i]) for i in (2, 0)] if quartiles else [],
        })
    return rows


def joined(ours, theirs, common):
    rows, alone = [], []
    for row in ours:
        match = [t for t in theirs if (t["bench"], t["size"]) == (row["bench"], row["size"])]
        if row["mode"] in ("cold", "hot"):
            match = [t for t in match if t["mode"] == row["mode"]]
        for peer in match:
            rows.append({
                **row,
                "peer": "PyTorch, " + peer["way"],
                "peer_ms": peer["ms"],
                "peer_quartiles_ms": peer["quartiles_ms"],
                "ratio": four(peer["ms"] / row["ours_ms"]),
                **common,
            })
        if not match:
            alone.append({**row, **common})
    return rows, alone


def table(rows):
    print("\n| work | mode | Ibrik, ms | % of copies | PyTorch | ms | ratio |\n|---|---|---|---|---|---|---|")
    for row in rows:
        print("| {}, {} | {} | {:.4g} | {} | {} | {} | {} |".format(
            row["bench"], row["size"], row["mode"], row["ours_ms"], row.get("percent_of_copy", "-"),
            row.get("peer", "-").replace("PyTorch, ", ""), row.get("peer_ms", "-"), row.get("ratio", "-")))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--results", type=pathlib.Path, default=pathlib.Path("bench/results"))
    options = parser.parse_args()
    kernels = read(options.folder / "kernels.json")
    steps = read(options.folder / "steps.json")
    torch = [read(options.folder / name) for name in ("torch-kernels.json", "torch-steps.json")]
    gpu = kernels.get("gpu") or next((t["gpu"] for t in torch if t), None)
    if gpu is None:
        raise SystemExit("join: nothing was measured")
    for other in (t["gpu"] for t in torch if t):
        if other != gpu:
            raise SystemExit(f"join: one machine only; got {gpu} and {other}")
    date = kernels.get("date") or steps.get("date") or next(t["date"] for t in torch if t)
    ours = kernels.get("rows", []) + step_rows(steps)
    theirs = [row for t in torch for row in t.get("rows", [])]
    rows, alone = joined(ours, theirs, {"gpu": gpu, "date": date})
    document = {
        "date": date,
        "machine": kernels.get("machine") or steps.get("machine") or {},
        "gpu": gpu,
        "cuda": kernels.get("cuda"),
        "copy_gbyte_per_s": kernels.get("copy_gbyte_per_s"),
        "peers": next((t["peer"] for t in torch if t), ""),
        "note": "kernels: captured programs between events, medians; cold: second cache flushed before each run",
        "rows": rows,
        "alone": alone,
    }
    name = "gpu-" + re.sub(r"[^a-z0-9]+", "-", gpu.lower()).strip("-") + ".json"
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / name).write_text(json.dumps(document, indent=2) + "\n")
    table(rows + alone)
    print(f"\nwritten: {options.results / name}")


if __name__ == "__main__":
    main()
