#!/usr/bin/env python3
"""Writes what was measured on a GPU into the headers of the kernels.

    python3 bench/gpu/headers.py [--kernels .gpu/out/kernels.json]... [--sources kernels/cuda/src/main/cuda]

Reads documents of ibrik.bench.gpu.Main and replaces the `measured` entry of every file that their
rows name: all cases of it with their cold medians, in the order of the rows. Of products and
convolutions only those count that kernels of these files did (`own ...`, -Dibrik.cuda.own=true).
A file that nothing was measured for keeps its line.
"""
import argparse
import json
import pathlib
import re

WIDTH = 100
KEY = " * measured  "
MORE = " *           "
LIBRARIES = ("linear/",)


def described(row):
    """`ema 64M: 0.1812 ms, 4400 GB/s = 98 % of copies`"""
    parts = [f"{row['ours_ms']:.4g} ms"]
    if "gbyte_per_s" in row:
        parts.append(f"{row['gbyte_per_s']:.4g} GB/s = {row['percent_of_copy']:.3g} % of copies")
    if "tflop_per_s" in row:
        parts.append(f"{row['tflop_per_s']:.4g} TFLOP/s")
    return f"{row['bench']} {row['size']}: {', '.join(parts)}"


def counts(row):
    own = not row["file"].startswith(LIBRARIES) or row["bench"].startswith("own ")
    return row["mode"] == "cold" and own


def entry(rows, document):
    """The lines of the entry, none wider than WIDTH."""
    where = f"{document['gpu']}, {document.get('cuda') or 'CUDA'}, cold, bench/gpu, {document['date']}"
    words = ("; ".join(described(row) for row in rows) + "; " + where).split(" ")
    lines = [KEY]
    for word in words:
        gap = "" if lines[-1] in (KEY, MORE) else " "
        if len(lines[-1] + gap + word) > WIDTH:
            lines.append(MORE + word)
        else:
            lines[-1] += gap + word
    return lines


def replaced(text, lines):
    """The header with another `measured` entry; what else stands there stays."""
    header, end, rest = text.partition("*/")
    kept, inside, done = [], False, False
    for line in header.split("\n"):
        starts = re.match(r"^(/\*| \*) \w", line) is not None
        if line.startswith(" * measured"):
            inside = done = True
            kept += lines
        elif not inside or starts:
            inside = False
            kept.append(line)
    if not done:
        raise SystemExit("headers: a file without a `measured` line")
    last = kept.pop().rstrip()
    return "\n".join(kept + [last]) + " " + end + rest


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernels", type=pathlib.Path, action="append")
    parser.add_argument("--sources", type=pathlib.Path, default=pathlib.Path("kernels/cuda/src/main/cuda"))
    options = parser.parse_args()
    files = {}
    for path in options.kernels or [pathlib.Path(".gpu/out/kernels.json")]:
        document = json.loads(path.read_text())
        for row in filter(counts, document["rows"]):
            files.setdefault(row["file"], ([], document))[0].append(row)
    for name, (rows, document) in sorted(files.items()):
        path = options.sources / name
        path.write_text(replaced(path.read_text(), entry(rows, document)))
        print(f"{name}: {len(rows)} measured")
    for path in sorted(options.sources.rglob("*.cu")):
        if path.relative_to(options.sources).as_posix() not in files:
            print(f"{path.relative_to(options.sources)}: nothing was measured")


if __name__ == "__main__":
    main()
